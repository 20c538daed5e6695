import NIOCore
import NIOPosix
import NIOSSL
import ProxyHandshake
import WeirConfiguration

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Puts what a connection attempt ran into in the words of ``UpstreamFault``, and names the hop.
struct ConnectFault {
    let destination: Destination

    private var proxyName: String { destination.proxy.map { "Outbound proxy \($0)" } ?? "" }

    private var placeBehindProxy: String {
        destination.place + (destination.proxy.map { " through outbound proxy \($0)" } ?? "")
    }

    // MARK: Name and connection

    /// What `error`, met while connecting to the first hop, means.
    ///
    /// - Parameter progress: how far the attempt had come.
    func connecting(_ error: any Error, _ progress: DialProgress) -> UpstreamFault {
        guard destination.proxy == nil else { return connectingToProxy(error, progress) }
        if let reason = progress.objection { return denied(reason) }
        let place = destination.place
        switch cause(of: error, progress) {
        case .slowName:
            return UpstreamFault(
                .nameNotResolvedInTime, "\(place): the name was not resolved within \(destination.seconds) s.")
        case .timeout:
            return UpstreamFault(.connectTimeout, "No connection to \(place) within \(destination.seconds) s.")
        case .name(let reason):
            return UpstreamFault(.nameNotResolved, "\(place): the name cannot be resolved: \(reason).")
        case .noAddress: return UpstreamFault(.nameNotResolved, "\(place): the name has no address.")
        case .fault(let fault): return fault
        case .other(let reason): return UpstreamFault(.notConnected, "No connection to \(place): \(reason).")
        }
    }

    private func connectingToProxy(_ error: any Error, _ progress: DialProgress) -> UpstreamFault {
        switch cause(of: error, progress) {
        case .slowName:
            return UpstreamFault(
                .connectTimeout, "\(proxyName): its name was not resolved within \(destination.seconds) s.")
        case .timeout:
            return UpstreamFault(.connectTimeout, "\(proxyName): no connection within \(destination.seconds) s.")
        case .name(let reason): return proxyFailed("its name cannot be resolved: \(reason).")
        case .noAddress: return proxyFailed("its name has no address.")
        case .fault(let fault): return fault.code == .noDescriptor ? fault : proxyFailed(fault.message)
        case .other(let reason): return proxyFailed("no connection: \(reason).")
        }
    }

    private enum Cause {
        case slowName
        case timeout
        case name(String)
        case noAddress
        case fault(UpstreamFault)
        case other(String)
    }

    private func cause(of error: any Error, _ progress: DialProgress) -> Cause {
        switch error {
        case let fault as UpstreamFault: return .fault(fault)
        case let error as IOError where error.errnoCode == EMFILE || error.errnoCode == ENFILE:
            return .fault(noDescriptor)
        case ChannelError.connectTimeout: return progress.hasAddresses ? .timeout : .slowName
        case let error as NIOConnectionError:
            if error.connectionErrors.isEmpty, let cause = error.dnsAError ?? error.dnsAAAAError {
                return .name((cause as? UpstreamFault)?.message ?? Self.describe(cause))
            }
            guard let last = error.connectionErrors.last else { return .noAddress }
            if case ChannelError.connectTimeout = last.error { return .timeout }
            return self.cause(of: last.error, progress)
        default: return .other(Self.describe(error))
        }
    }

    /// No descriptor is left for a connection.
    var noDescriptor: UpstreamFault {
        UpstreamFault(
            .noDescriptor,
            "No descriptor is left for a connection to \(destination.place); let Weir open more of them (ulimit -n), "
                + "or try again when others have ended.")
    }

    /// An address that must not be dialled.
    func denied(_ objection: String) -> UpstreamFault {
        UpstreamFault(.destinationDenied, "\(destination.place) may not be reached from here: \(objection).")
    }

    // MARK: Behind the connection

    /// What `error`, met while shaking hands with an `https://` proxy, means.
    func proxyTLS(_ error: any Error) -> UpstreamFault {
        if case ChannelError.connectTimeout = error {
            return UpstreamFault(.connectTimeout, "\(proxyName): TLS was not set up within \(destination.seconds) s.")
        }
        return proxyFailed("TLS failed: \(Self.describe(error)).")
    }

    /// What `error`, met while asking the proxy for a tunnel, means.
    func tunnel(_ error: any Error) -> UpstreamFault {
        switch error {
        case ChannelError.connectTimeout:
            return UpstreamFault(
                .connectTimeout,
                "\(proxyName): no connection to \(destination.place) was made within \(destination.seconds) s.")
        case let fault as ProxyFault: return proxyAnswer(fault)
        case is EarlyOctets:
            return UpstreamFault(.notHTTP, "\(placeBehindProxy) sent octets before anything was asked of it.")
        default: return proxyFailed("the connection broke off: \(Self.describe(error)).")
        }
    }

    /// What a proxy's refusal means.
    func proxyAnswer(_ fault: ProxyFault) -> UpstreamFault {
        guard fault.code == .authentication else { return proxyFailed("\(destination.place): \(fault.message)") }
        return UpstreamFault(.proxyAuthFailed, "\(proxyName): \(fault.message)")
    }

    /// What `error`, met while shaking hands with the upstream, means.
    func upstreamTLS(_ error: any Error) -> UpstreamFault {
        let place = placeBehindProxy
        switch error {
        case ChannelError.connectTimeout:
            return UpstreamFault(.connectTimeout, "No connection to \(place) within \(destination.seconds) s.")
        case let fault as UpstreamFault: return fault
        default: return UpstreamFault(.tls, "TLS with \(place) failed: \(Self.describe(error)).")
        }
    }

    private func proxyFailed(_ reason: String) -> UpstreamFault {
        UpstreamFault(.proxyConnectFailed, "\(proxyName): \(reason)")
    }

    /// A short reason.
    static func describe(_ error: any Error) -> String {
        switch error {
        case is ClosedInHandshake: return "the connection was closed during the handshake"
        case is WrongAddress: return "the certificate is made out to another address"
        case NIOSSLError.uncleanShutdown: return "the TLS connection was cut without close_notify"
        case let error as IOError: return String(cString: strerror(error.errnoCode))
        default: return String(describing: error)
        }
    }
}

/// The peer went away before TLS stood.
struct ClosedInHandshake: Error {}

/// The certificate is not one for the address that was asked for.
struct WrongAddress: Error {}
