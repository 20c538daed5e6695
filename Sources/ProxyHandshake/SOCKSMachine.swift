package import NIOCore
package import WeirConfiguration

/// Asks a SOCKS proxy of version 5 for a connection (RFC 1928), with user and password if it wants them (RFC 1929).
///
/// A name is sent as a name, so that the proxy resolves it. A user name goes out only if the proxy asks for one.
package struct SOCKSMachine: ProxyMachine {
    private enum Stage {
        /// The proxy is to choose a method.
        case method
        /// It is to judge user and password.
        case authentication
        /// It is to connect.
        case reply
    }

    private static let version: UInt8 = 5
    private static let authenticationVersion: UInt8 = 1
    private static let noAuthentication: UInt8 = 0
    private static let userPassword: UInt8 = 2
    private static let noMethod: UInt8 = 0xFF

    private let user: [UInt8]?
    private let password: [UInt8]
    private let address: [UInt8]
    private let port: UInt16
    private var stage = Stage.method
    /// Octets of an answer that is not whole; never more than one answer has, 262.
    private var received = ByteBuffer()

    /// A machine for one connection.
    ///
    /// - Throws: ``ProxyFault`` where user, password or name have more than the 255 octets that the protocol can say.
    package init(proxy: OutboundProxy, host: String, port: Int) throws(ProxyFault) {
        user = proxy.user.map { Array($0.utf8) }
        password = Array((proxy.password?.text ?? "").utf8)
        guard user?.count ?? 0 <= 255, password.count <= 255 else {
            throw ProxyFault(.unspeakable, "user name and password may have 255 octets each for a SOCKS proxy.")
        }
        if let address = IPAddress(host) {
            self.address = Self.encode(address)
        } else {
            let name = Array(host.utf8)
            guard (1...255).contains(name.count) else {
                throw ProxyFault(.unspeakable, "a name may have 255 octets for a SOCKS proxy.")
            }
            address = [3, UInt8(name.count)] + name
        }
        guard let port = UInt16(exactly: port) else {
            throw ProxyFault(.unspeakable, "\(port) is no port.")
        }
        self.port = port
    }

    /// Type and octets (RFC 1928 §5).
    private static func encode(_ address: IPAddress) -> [UInt8] {
        let halves = address.family == .v4 ? [] : [address.high]
        let high = halves.flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> UInt64(56 - 8 * $0)) } }
        let low = (0..<8).map { UInt8(truncatingIfNeeded: address.low >> UInt64(56 - 8 * $0)) }
        return address.family == .v4 ? [1] + low.suffix(4) : [4] + high + low
    }

    package func opening() -> ByteBuffer {
        ByteBuffer(
            bytes: user == nil
                ? [Self.version, 1, Self.noAuthentication]
                : [Self.version, 2, Self.noAuthentication, Self.userPassword])
    }

    package mutating func receive(_ octets: ByteBuffer) -> ProxyStep {
        received.writeImmutableBuffer(octets)
        var out = ByteBuffer()
        var outcome = ProxyOutcome.pending
        while case .pending = outcome {
            guard let next = advance(&out) else { break }
            outcome = next
        }
        return ProxyStep(send: out.readableBytes > 0 ? out : nil, outcome)
    }

    /// Reads one answer; nil: it is not whole.
    private mutating func advance(_ out: inout ByteBuffer) -> ProxyOutcome? {
        switch stage {
        case .method: return readMethod(&out)
        case .authentication: return readJudgement(&out)
        case .reply: return readReply()
        }
    }

    private mutating func readMethod(_ out: inout ByteBuffer) -> ProxyOutcome? {
        guard hasVersion(Self.version) else { return Self.malformed("it does not speak SOCKS version 5.") }
        guard let answer = received.readBytes(length: 2) else { return nil }
        switch answer[1] {
        case Self.noAuthentication:
            writeRequest(&out)
            stage = .reply
        case Self.userPassword:
            guard let user else { return Self.malformed("it chose a way to authenticate that was not offered.") }
            out.writeBytes([Self.authenticationVersion, UInt8(user.count)] + user + [UInt8(password.count)] + password)
            stage = .authentication
        case Self.noMethod:
            return .failed(
                ProxyFault(
                    .authentication,
                    user == nil
                        ? "it asks for credentials; write them into its URL, as in socks5://user:password@host."
                        : "it takes neither a user name and password nor a client without them."))
        default: return Self.malformed("it chose a way to authenticate that was not offered.")
        }
        return .pending
    }

    private mutating func readJudgement(_ out: inout ByteBuffer) -> ProxyOutcome? {
        guard hasVersion(Self.authenticationVersion) else {
            return Self.malformed("its answer to user name and password is malformed.")
        }
        guard let answer = received.readBytes(length: 2) else { return nil }
        guard answer[1] == 0 else {
            return .failed(
                ProxyFault(.authentication, "it does not accept the user name and password of its URL."))
        }
        writeRequest(&out)
        stage = .reply
        return .pending
    }

    private func writeRequest(_ out: inout ByteBuffer) {
        out.writeBytes([Self.version, 1, 0] + address)
        out.writeInteger(port)
    }

    /// The reply of RFC 1928 §6; one that refuses is believed from its second octet on, for some proxies send no more.
    private mutating func readReply() -> ProxyOutcome? {
        guard hasVersion(Self.version) else { return Self.malformed("its reply is malformed.") }
        let start = received.readerIndex
        guard let code: UInt8 = received.getInteger(at: start + 1) else { return nil }
        guard code == 0 else { return .failed(ProxyFault(.refused, "it did not connect: \(Self.reason(code)).")) }
        guard let reserved: UInt8 = received.getInteger(at: start + 2) else { return nil }
        guard reserved == 0 else { return Self.malformed("its reply is malformed.") }
        guard let type: UInt8 = received.getInteger(at: start + 3) else { return nil }
        let length: Int
        switch type {
        case 1: length = 4
        case 4: length = 16
        case 3:
            guard let count: UInt8 = received.getInteger(at: start + 4) else { return nil }
            length = 1 + Int(count)
        default: return Self.malformed("its reply holds an address of an unknown type.")
        }
        guard received.readableBytes >= 4 + length + 2 else { return nil }
        received.moveReaderIndex(forwardBy: 4 + length + 2)
        return .established(rest: received.readableBytes > 0 ? received : nil)
    }

    /// Whether the next answer begins with `version`, or has not begun.
    private func hasVersion(_ version: UInt8) -> Bool {
        received.readableBytes == 0 || received.getInteger(at: received.readerIndex) == version
    }

    private static func malformed(_ message: String) -> ProxyOutcome { .failed(ProxyFault(.malformed, message)) }

    /// The words of RFC 1928 §6.
    private static func reason(_ code: UInt8) -> String {
        switch code {
        case 1: return "general failure of the SOCKS server"
        case 2: return "its rules do not allow this connection"
        case 3: return "the network cannot be reached"
        case 4: return "the host cannot be reached"
        case 5: return "the connection was refused"
        case 6: return "the time to live ran out"
        case 7: return "it does not know the command CONNECT"
        case 8: return "it does not know this type of address"
        default: return "reply code \(code)"
        }
    }
}
