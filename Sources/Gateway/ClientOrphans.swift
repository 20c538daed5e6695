import NIOCore
import Policy
import Recording
import Upstream
import WeirConfiguration

/// Exchanges that outlive their client, on routes that read answers to their end for the record's sake.
extension ClientConnection {
    /// Lets the upstream go on without the client, where the route says so and the whole request has gone out.
    ///
    /// - Returns: whether it does.
    func leavesOrphan() -> Bool {
        guard phase == .exchange, let exchange, let route, route.settings.onClientDisconnect == .drain,
            exchange.isRequestComplete, let upstream, !exchange.asksForWebSocket, !loop.isDraining
        else { return false }
        phase = .orphaned
        inbound = nil
        dropPendingWrite()
        upstream.setReading(true)
        // One that closed its sending side alone may still be reading: half an answer must not look whole.
        if exchange.endsByClose { resetAtClose() }
        if let transport { transport.close() } else { context?.close(promise: nil) }
        refreshDeadline(loop.now)
        return true
    }

    /// What an orphan waited for has come, or never will.
    func endOrphan(because refusal: Refusal? = nil) {
        endRecord(.clientAbort, because: refusal, at: loop.now)
        exchange = nil
        upstream = nil
        phase = .closed
        deadline = .max
        if context == nil { loop.remove(self) }
    }
}
