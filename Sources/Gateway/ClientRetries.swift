import HTTP1
import NIOCore
import Policy
import Recording
import Upstream
import WeirConfiguration

/// Requests that are tried again; never once an octet of an answer has gone to the client.
extension ClientConnection {
    func dialFailed(_ error: any Error) {
        let fault = error as? UpstreamFault ?? UpstreamFault(.notConnected, String(describing: error))
        let refusal = refusal(fault, hasWritten: exchange?.hasWritten == true)
        recordFailure(refusal)
        // What is certain to fail again, or has used the time up, is not tried again.
        let isWorthAnother: Bool
        switch fault.code {
        case .tls, .connectTimeout, .nameNotResolvedInTime, .destinationDenied, .proxyAuthFailed, .noDescriptor:
            isWorthAnother = false
        default: isWorthAnother = exchange?.pool != nil
        }
        if isWorthAnother, retriesLeft, route?.settings.retries.onConnect == true { return dialAgain() }
        refuse(refusal)
    }

    /// A connection that had rested died before any answer: the request goes out once more, if that is safe.
    ///
    /// - Returns: whether it does.
    func retryStale(_ connection: UpstreamConnection) -> Bool {
        guard let exchange, phase != .orphaned, connection.isReused, exchange.replay.isWhole, retriesLeft,
            exchange.isIdempotent || connection.hasAcknowledgedNothing
        else { return false }
        if exchange.attempts == 1, connection.hasAcknowledgedNothing { exchange.hasWritten = false }
        exchange.queueReplay()
        upstream = nil
        dialAgain()
        return true
    }

    func dialAgain() {
        guard let route else { return }
        recordAttempt(route, reused: false, edit: nil, loop.now)
        dial()
        refreshDeadline(loop.now)
    }

    // MARK: Answers that ask to come again

    /// Puts a request off whose answer has a status that the route tries again on.
    ///
    /// - Returns: whether it does; otherwise the answer is the client's.
    func putOff(_ connection: UpstreamConnection, _ head: ResponseHead, _ now: UInt64) -> Bool {
        guard let exchange, let route, route.retries(status: head.status), retriesLeft, exchange.isRequestComplete,
            exchange.replay.isWhole, !loop.isDraining, phase != .orphaned,
            let wait = retryWait(connection, after: exchange.attempts), now &+ wait < exchange.totalLimit
        else { return false }
        let text = "\(originText) answered \(head.status); it is asked again in \(wait / 1_000_000) ms."
        loop.recorder?.attemptFailed(&record, code: "status_\(head.status)", message: text, at: now)
        upstream = nil
        connection.abandon()
        exchange.queueReplay()
        exchange.waitsUntil = now &+ wait
        refreshDeadline(now)
        return true
    }

    /// Nanoseconds to wait before the next try; nil where the upstream asks for more than is waited.
    private func retryWait(_ connection: UpstreamConnection, after attempts: Int) -> UInt64? {
        guard let received = connection.received else { return nil }
        let asked = RetryAfter.wait(
            received.readableBytesSpan, fields: connection.parser.fields, now: loop.wallTime(loop.now))
        if let asked { return asked <= GatewayLimits.longestRetryWait ? asked : nil }
        let doubled = GatewayLimits.retryWait << UInt64(min(max(attempts - 1, 0), 4))
        // Clients that were put off together shall not come back together.
        return doubled / 4 * 3 + UInt64.random(in: 0...(doubled / 4))
    }

    /// The time of a request that was put off has come.
    func retryNow() {
        guard let exchange, let pool = exchange.pool, let route else { return }
        exchange.waitsUntil = nil
        guard let connection = pool.lease(now: loop.now) else { return dialAgain() }
        recordAttempt(route, reused: true, edit: nil, loop.now)
        dialled(connection)
    }

    var retriesLeft: Bool {
        guard let exchange, let route else { return false }
        return exchange.attempts <= route.settings.retries.attempts && exchange.response == .awaited
    }
}
