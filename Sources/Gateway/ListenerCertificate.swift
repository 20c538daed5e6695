import NIOCore
import NIOSSL
import Synchronization
package import WeirConfiguration

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Why a listener's certificate cannot be used: what, which file, how to mend it.
package struct ListenerCertificateFault: Error, Equatable {
    /// The key of the configuration that names the file: `certificate` or `private_key`.
    package let key: String
    /// What is wrong, for people; never any part of a key.
    package let message: String
}

/// A certificate with its key, read and found to fit: what a TLS listener shows its clients.
package struct ListenerCertificate: Sendable {
    /// What is worth a warning though it works: over, not yet good, soon over.
    package let warnings: [String]
    let context: NIOSSLContext

    /// The oldest version of TLS that is spoken.
    private static let oldestVersion = TLSVersion.tlsv12
    /// How long a connection that closes in good order waits for the client's own close_notify.
    private static let shutdownTimeout = 1
    private static let largestFile = 1 << 20
    private static let day = 86_400

    /// Reads both files; never on an event loop.
    ///
    /// - Parameters:
    ///   - settings: the paths of the PEM files.
    ///   - now: seconds since the epoch.
    /// - Throws: ``ListenerCertificateFault``.
    package init(_ settings: ListenerTLS, now: Int = time(nil)) throws(ListenerCertificateFault) {
        let chain = try Self.chain(settings.certificate)
        let key = try Self.key(settings.privateKey)
        guard let leaf = chain.first else { throw Self.noCertificate(settings.certificate) }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = Self.oldestVersion
        configuration.applicationProtocols = ["http/1.1"]
        configuration.shutdownTimeout = .seconds(Int64(Self.shutdownTimeout))
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw ListenerCertificateFault(
                key: "private_key",
                message: "\(settings.privateKey) does not belong to the first certificate of \(settings.certificate); "
                    + "give the key that it was made for, and in the chain the server's own certificate first.")
        }
        warnings = Self.warnings(
            settings.certificate, from: Int(leaf.notValidBefore), until: Int(leaf.notValidAfter), now: now)
    }

    private static func chain(_ path: String) throws(ListenerCertificateFault) -> [NIOSSLCertificate] {
        let octets = try read(path, key: "certificate")
        let chain = (try? NIOSSLCertificate.fromPEMBytes(octets)) ?? []
        guard !chain.isEmpty else { throw noCertificate(path) }
        return chain
    }

    private static func noCertificate(_ path: String) -> ListenerCertificateFault {
        ListenerCertificateFault(
            key: "certificate",
            message: "\(path) holds no certificate in PEM form (\"-----BEGIN CERTIFICATE-----\").")
    }

    private static func key(_ path: String) throws(ListenerCertificateFault) -> NIOSSLPrivateKey {
        let octets = try read(path, key: "private_key")
        let text = String(decoding: octets, as: UTF8.self)
        if text.contains("ENCRYPTED") {
            throw ListenerCertificateFault(
                key: "private_key",
                message: "\(path) is encrypted; take the passphrase off: openssl pkey -in \(path) -out plain.pem")
        }
        guard let key = try? NIOSSLPrivateKey(bytes: octets, format: .pem) else {
            throw ListenerCertificateFault(
                key: "private_key",
                message: "\(path) holds no private key in PEM form (\"-----BEGIN PRIVATE KEY-----\").")
        }
        return key
    }

    private static func read(_ path: String, key: String) throws(ListenerCertificateFault) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw unreadable(path, key, errno) }
        defer { close(file) }
        var octets: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = piece.withUnsafeMutableBytes { buffer in
                #if canImport(Glibc)
                    Glibc.read(file, buffer.baseAddress, buffer.count)
                #else
                    Musl.read(file, buffer.baseAddress, buffer.count)
                #endif
            }
            guard count >= 0 else { throw unreadable(path, key, errno) }
            if count == 0 { return octets }
            octets += piece[..<count]
            guard octets.count <= largestFile else {
                throw ListenerCertificateFault(key: key, message: "\(path) is larger than 1 MiB: no PEM file.")
            }
        }
    }

    private static func unreadable(_ path: String, _ key: String, _ code: Int32) -> ListenerCertificateFault {
        ListenerCertificateFault(key: key, message: "\(path) cannot be read: \(String(cString: strerror(code))).")
    }

    private static func warnings(_ path: String, from begin: Int, until end: Int, now: Int) -> [String] {
        if now > end {
            return ["The certificate in \(path) has been over for \((now - end) / 3600) hours; clients will refuse it."]
        }
        if now < begin { return ["The certificate in \(path) is not good yet; clients will refuse it."] }
        return end - now < 7 * day ? ["The certificate in \(path) is over in \((end - now) / 3600) hours."] : []
    }
}

/// The certificate that new connections of a listener get; shared by all event loops, replaced at a reload.
package final class CurrentCertificate: Sendable {
    private let context: Mutex<NIOSSLContext>

    /// Begins with `certificate`.
    package init(_ certificate: ListenerCertificate) {
        context = Mutex(certificate.context)
    }

    /// Shows `certificate` to the connections that come from now on; those that stand keep what they have.
    package func replace(_ certificate: ListenerCertificate) {
        context.withLock { $0 = certificate.context }
    }

    /// What a connection that begins now gets.
    func current() -> NIOSSLContext { context.withLock { $0 } }
}
