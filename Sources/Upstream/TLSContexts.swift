import NIOCore
import NIOSSL
import Synchronization
package import WeirConfiguration

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The TLS contexts of this process, each made once for equal settings and equal roots.
///
/// Making one reads files and is expensive: off the event loops. A roots file is read again each time it is asked for,
/// so that a reload sees a changed one; the system's roots are read once.
package final class TLSContexts: Sendable {
    /// What of a peer's certificate is checked.
    private enum Check {
        /// Nothing.
        case nothing
        /// The chain; who asked checks the name.
        case chain
        /// The chain and the name.
        case chainAndName
    }

    private struct Key: Hashable {
        let check: Check
        let caFile: String?
    }

    private struct Entry {
        let roots: [UInt8]
        let context: NIOSSLContext
    }

    private let entries = Mutex<[Key: Entry]>([:])
    private static let rootsLimit = 16 << 20

    /// No context yet.
    package init() {}

    /// What a dialer to `destination` needs; reads files.
    ///
    /// - Throws: ``UpstreamFault`` where roots cannot be read.
    package func trust(for destination: Destination) throws -> DialTrust {
        let isTunnelled = destination.proxy != nil
        let isEncrypted = destination.scheme == .https
        return try trust(
            upstream: isEncrypted ? destination.tls : nil,
            isTunnelled: isTunnelled && AddressLiteral.octets(of: destination.host) != nil,
            proxy: destination.proxy, proxyCAFile: destination.proxyCAFile)
    }

    /// What dialers to any upstream need whose certificates are checked by `tls` and that are reached through `proxy`:
    /// for routes whose targets come with the requests. Reads files.
    ///
    /// - Throws: ``UpstreamFault`` where roots cannot be read.
    package func trust(tls: TLSSettings, proxy: OutboundProxy?, proxyCAFile: String?) throws -> DialTrust {
        try trust(upstream: tls, isTunnelled: proxy != nil, proxy: proxy, proxyCAFile: proxyCAFile)
    }

    private func trust(
        upstream: TLSSettings?, isTunnelled: Bool, proxy: OutboundProxy?, proxyCAFile: String?
    ) throws -> DialTrust {
        var trust = DialTrust()
        if let upstream {
            let check = upstream.isVerified ? Check.chainAndName : .nothing
            trust.upstream = try context(check, roots: upstream.caFile)
            if isTunnelled {
                trust.tunnelledAddress =
                    upstream.isVerified ? try context(.chain, roots: upstream.caFile) : trust.upstream
            }
            trust.checksAddress = upstream.isVerified
        }
        if proxy?.scheme == .https { trust.proxy = try context(.chainAndName, roots: proxyCAFile) }
        return trust
    }

    private func context(_ check: Check, roots caFile: String?) throws -> NIOSSLContext {
        let roots = try check == .nothing ? [] : caFile.map(Self.contents) ?? []
        let key = Key(check: check, caFile: check == .nothing ? nil : caFile)
        return try entries.withLock { entries in
            if let known = entries[key], known.roots == roots { return known.context }
            let made = try Self.make(check, roots, of: caFile)
            entries[key] = Entry(roots: roots, context: made)
            return made
        }
    }

    private static func make(_ check: Check, _ roots: [UInt8], of caFile: String?) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.applicationProtocols = ["http/1.1"]
        // What is let go of must be gone, whether or not the peer answers close_notify.
        configuration.shutdownTimeout = .milliseconds(50)
        switch check {
        case .nothing: configuration.certificateVerification = .none
        case .chain: configuration.certificateVerification = .noHostnameVerification
        case .chainAndName: configuration.certificateVerification = .fullVerification
        }
        do {
            if check != .nothing, caFile != nil {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(roots))
            }
            return try NIOSSLContext(configuration: configuration)
        } catch {
            let place = caFile.map { "The roots in \($0)" } ?? "The system's roots"
            throw UpstreamFault(.tls, "\(place) cannot be used: \(ConnectFault.describe(error)).")
        }
    }

    private static func contents(of path: String) throws -> [UInt8] {
        guard let file = fopen(path, "re") else { throw unreadable(path) }
        defer { fclose(file) }
        var contents: [UInt8] = []
        while contents.count <= rootsLimit {
            let piece = [UInt8](unsafeUninitializedCapacity: 65_536) { room, count in
                count = fread(room.baseAddress, 1, room.count, file)
            }
            if piece.isEmpty {
                if ferror(file) != 0 { throw unreadable(path) }
                return contents
            }
            contents += piece
        }
        throw UpstreamFault(.tls, "The roots in \(path) cannot be read: the file is larger than 16 MiB.")
    }

    private static func unreadable(_ path: String) -> UpstreamFault {
        UpstreamFault(.tls, "The roots in \(path) cannot be read: \(String(cString: strerror(errno))).")
    }
}

/// The TLS contexts that a dialer uses: a value, so that dialers can be made where no file may be read.
package struct DialTrust: Sendable {
    /// For upstreams that speak TLS.
    var upstream: NIOSSLContext?
    /// For those known by address and reached through a tunnel: NIOSSL would compare the certificate's address with
    /// that of the socket's peer, which is the proxy. The dialer compares it itself.
    var tunnelledAddress: NIOSSLContext?
    /// Whether that comparison is to be made.
    var checksAddress = false
    /// For `https://` proxies.
    var proxy: NIOSSLContext?

    /// For upstreams and proxies without TLS.
    package init() {}
}
