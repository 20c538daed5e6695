import NIOCore
import NIOPosix
import NIOSSL

/// Puts what a connection attempt ran into in the words of ``UpstreamFault``.
enum ConnectFault {
    /// - Parameters:
    ///   - seconds: the time that the attempt had.
    ///   - hasAddresses: whether the name had been resolved by then.
    static func fault(
        _ error: any Error, host: String, port: Int, seconds: Double, hasAddresses: Bool
    ) -> UpstreamFault {
        let place = "\(host) port \(port)"
        switch error {
        case let fault as UpstreamFault:
            return fault
        case ChannelError.connectTimeout where !hasAddresses:
            return UpstreamFault(.nameNotResolvedInTime, "\(place): the name was not resolved within \(seconds) s.")
        case ChannelError.connectTimeout:
            return timeout(place, seconds)
        case let error as NIOConnectionError:
            return connectionFault(error, place, seconds: seconds)
        case let error as NIOSSLError:
            return UpstreamFault(.tls, "TLS with \(place) failed: \(describe(error)).")
        case let error as NIOSSLExtraError:
            return UpstreamFault(.tls, "TLS with \(place) failed: \(describe(error)).")
        case let error as BoringSSLError:
            return UpstreamFault(.tls, "TLS with \(place) failed: \(describe(error)).")
        default:
            return UpstreamFault(.notConnected, "No connection to \(place): \(describe(error)).")
        }
    }

    static func timeout(_ place: String, _ seconds: Double) -> UpstreamFault {
        UpstreamFault(.connectTimeout, "No connection to \(place) within \(seconds) s.")
    }

    private static func connectionFault(
        _ error: NIOConnectionError, _ place: String, seconds: Double
    ) -> UpstreamFault {
        if error.connectionErrors.isEmpty, let cause = error.dnsAError ?? error.dnsAAAAError {
            let reason = (cause as? UpstreamFault)?.message ?? describe(cause)
            return UpstreamFault(.nameNotResolved, "\(place): the name cannot be resolved: \(reason).")
        }
        guard let last = error.connectionErrors.last else {
            return UpstreamFault(.nameNotResolved, "\(place): the name has no address.")
        }
        if case ChannelError.connectTimeout = last.error { return timeout(place, seconds) }
        return UpstreamFault(.notConnected, "No connection to \(place): \(describe(last.error)).")
    }

    /// A short reason.
    static func describe(_ error: any Error) -> String {
        switch error {
        case let error as IOError: return String(describing: error)
        case NIOSSLError.uncleanShutdown: return "the TLS connection was cut without close_notify"
        default: return String(describing: error)
        }
    }
}
