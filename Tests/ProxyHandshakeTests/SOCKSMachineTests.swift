import NIOCore
import ProxyHandshake
import ProxyInvariants
import Testing
import WeirConfiguration

@Suite struct SOCKSMachineTests {
    private static func proxy(user: String? = nil, password: String? = nil) -> OutboundProxy {
        var proxy = OutboundProxy(scheme: .socks5, host: "proxy.test", port: 1080)
        proxy.user = user
        proxy.password = password.map { Secret($0) }
        return proxy
    }

    private static let request: [UInt8] = [5, 1, 0, 3, 13] + Array("upstream.test".utf8) + [0x01, 0xBB]
    private static let credentials: [UInt8] = [1, 5] + Array("alice".utf8) + [6] + Array("secret".utf8)
    private static let granted: [UInt8] = [5, 0, 0, 1, 127, 0, 0, 1, 0x1F, 0x90]

    private func run(_ answers: [UInt8], user: String? = nil, password: String? = nil) throws -> ProxyRun {
        let proxy = Self.proxy(user: user, password: password)
        let machine = try SOCKSMachine(proxy: proxy, host: "upstream.test", port: 443)
        for cuts in [Array(0..<answers.count)] + (0...answers.count).map({ [$0] }) {
            #expect(ProxyInvariants.violation(in: answers, to: machine, of: proxy, cuts: cuts) == nil, "\(cuts)")
        }
        return ProxyRun(machine, answers)
    }

    private func fault(_ answers: [UInt8], user: String? = nil) throws -> ProxyFault? {
        guard case .failed(let fault) = try run(answers, user: user).outcome else { return nil }
        return fault
    }

    @Test func theOpeningOffersWhatThereIs() throws {
        let plain = try SOCKSMachine(proxy: Self.proxy(), host: "h", port: 1)
        #expect(Array(plain.opening().readableBytesView) == [5, 1, 0])
        let known = try SOCKSMachine(proxy: Self.proxy(user: "u"), host: "h", port: 1)
        #expect(Array(known.opening().readableBytesView) == [5, 2, 0, 2])
    }

    /// RFC 1928 §4 and §5: names go as names, addresses as addresses.
    @Test(arguments: [
        ("upstream.test", 443, [3, 13] + Array("upstream.test".utf8) + [0x01, 0xBB]),
        ("192.0.2.7", 80, [1, 192, 0, 2, 7, 0, 80]),
        ("2001:db8::1:7", 65_535, [4, 0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 7, 0xFF, 0xFF]),
        ("::ffff:192.0.2.7", 80, [1, 192, 0, 2, 7, 0, 80]), ("0x7f.1", 80, [3, 6] + Array("0x7f.1".utf8) + [0, 80]),
    ])
    func theRequestNamesTheHost(_ host: String, _ port: Int, _ address: [UInt8]) throws {
        let machine = try SOCKSMachine(proxy: Self.proxy(), host: host, port: port)
        #expect(ProxyRun(machine, [5, 0]).sent == [5, 1, 0] + address)
    }

    @Test func withoutCredentials() throws {
        #expect(try run([5, 0]).sent == Self.request)
        #expect(try run([5, 0]).outcome == .pending)
        #expect(try run([5, 0] + Self.granted).outcome == .established(rest: nil))
    }

    @Test func withCredentials() throws {
        let half = try run([5, 2], user: "alice", password: "secret")
        #expect(half.sent == Self.credentials && half.outcome == .pending)
        let whole = try run([5, 2, 1, 0] + Self.granted, user: "alice", password: "secret")
        #expect(whole.sent == Self.credentials + Self.request && whole.outcome == .established(rest: nil))
    }

    @Test func credentialsGoOutOnlyWhenAskedFor() throws {
        let run = try run([5, 0] + Self.granted, user: "alice", password: "secret")
        #expect(run.sent == Self.request && run.outcome == .established(rest: nil))
    }

    @Test func aMissingPasswordIsEmpty() throws {
        #expect(try run([5, 2], user: "alice").sent == [1, 5] + Array("alice".utf8) + [0])
    }

    @Test(arguments: [
        [5, 0, 0, 1, 127, 0, 0, 1, 0x1F, 0x90], [5, 0, 0, 3, 0, 0, 0], [5, 0, 0, 3, 2, 0x61, 0x62, 0, 80],
        [5, 0, 0, 3, 255] + [UInt8](repeating: 0x61, count: 257), [5, 0, 0, 4] + [UInt8](repeating: 7, count: 18),
    ])
    func whatComesBehindTheReplyIsTheUpstreams(_ reply: [UInt8]) throws {
        for rest in [[], [5], Array("HTTP/1.1 200 OK\r\n".utf8)] {
            let run = try run([5, 0] + reply + rest)
            #expect(run.outcome == .established(rest: nil) && run.rest == rest)
        }
        #expect(try run([5, 0] + reply.dropLast()).outcome == .pending)
    }

    /// RFC 1928 §6, every code spelled out; some proxies send only its first two octets.
    @Test(arguments: [
        (1, "general failure"), (2, "rules"), (3, "network cannot be reached"), (4, "host cannot be reached"),
        (5, "refused"), (6, "time to live"), (7, "command"), (8, "type of address"), (9, "code 9"), (255, "code 255"),
    ])
    func refusalsAreSpelledOut(_ code: UInt8, _ told: String) throws {
        for reply in [[5, code], [5, code, 0, 1, 0, 0, 0, 0, 0, 0]] {
            let fault = try fault([5, 0] + reply)
            #expect(fault?.code == .refused && fault?.message.contains(told) == true)
        }
    }

    @Test func authenticationFailures() throws {
        #expect(try fault([5, 0xFF])?.message.contains("write them into its URL") == true)
        #expect(try fault([5, 0xFF], user: "alice")?.message.contains("neither") == true)
        for status: UInt8 in [1, 0xFF] {
            let fault = try fault([5, 2, 1, status], user: "alice")
            #expect(fault?.code == .authentication && fault?.message.contains("does not accept") == true)
        }
        #expect(try fault([5, 0xFF])?.code == .authentication)
    }

    @Test(arguments: [
        [4], [0x48, 0x54], [5, 1], [5, 3], [5, 2], [5, 0, 4], [5, 0, 1, 0], [5, 0, 5, 0, 1], [5, 0, 5, 0, 0, 0],
        [5, 0, 5, 0, 0, 2], [5, 0, 5, 0, 0, 5],
    ])
    func malformedAnswers(_ answers: [UInt8]) throws {
        #expect(try fault(answers)?.code == .malformed)
    }

    @Test(arguments: [[5, 2, 5], [5, 2, 0], [5, 2, 5, 0], [5, 2, 1, 0, 1]])
    func malformedAnswersToCredentials(_ answers: [UInt8]) throws {
        #expect(try fault(answers, user: "alice")?.code == .malformed)
    }

    @Test func whatTheProtocolCannotSay() {
        let long = String(repeating: "x", count: 256)
        let attempts: [(OutboundProxy, String, Int)] = [
            (Self.proxy(user: long), "h", 1), (Self.proxy(user: "u", password: long), "h", 1),
            (Self.proxy(), long, 1), (Self.proxy(), "", 1), (Self.proxy(), "h", 65_536),
        ]
        for (proxy, host, port) in attempts {
            let fault = #expect(throws: ProxyFault.self) { try SOCKSMachine(proxy: proxy, host: host, port: port) }
            #expect(fault?.code == .unspeakable && fault?.message.contains("xxx") == false)
        }
    }
}
