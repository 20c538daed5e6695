import HTTP1
import NIOCore
import Policy
import Recording
import Upstream

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How exchanges and connections end, and what happens when time is up.
extension ClientConnection {
    // MARK: The exchange

    /// The client has its whole answer; the next request may begin.
    func endExchange(_ outcome: ExchangeOutcome, because refusal: Refusal? = nil, at now: UInt64) {
        if phase == .orphaned { return endOrphan(because: refusal) }
        endRecord(outcome, because: refusal, at: now)
        let closes = exchange?.closesConnection ?? true
        let hasUnreadBody = exchange?.isRequestComplete == false
        exchange = nil
        if closes || hasUnreadBody || loop.isDraining { return finishWriting() }
        phase = .idle
        deadline = now &+ setup.limits.idleTimeout
        updateReading()
        if inbound != nil { readRequests() }
    }

    func endRecord(_ outcome: ExchangeOutcome, because refusal: Refusal? = nil, at now: UInt64) {
        logExchange(outcome, because: refusal, at: now)
        loop.recorder?.end(
            &record, outcome: outcome, errorCode: refusal?.code.rawValue, errorMessage: refusal?.message,
            delivered: exchange?.delivered ?? 0, at: now)
    }

    /// The answer cannot be completed: the client is told so where the framing has room for it, and never a clean end.
    func breakOff(_ refusal: Refusal, chunkPosition: ChunkedDecoder.Position?) {
        guard let exchange else { return }
        letGoOfUpstream()
        if phase == .orphaned { return endOrphan(because: refusal) }
        if let events = exchange.events, events.isBetween, let text = lastWord(refusal, events.kind, exchange) {
            writeLastEvent(text, exchange.delivery, chunkPosition)
        }
        endRecord(.truncated, because: refusal, at: loop.now)
        let needsReset = exchange.endsByClose
        self.exchange = nil
        flush()
        if needsReset {
            // A plain close would read as the end of the answer.
            resetSoon()
        } else {
            closeAfterFlush()
        }
    }

    /// What tells the client in its stream, by its dialect; nil where there is nothing of the kind.
    private func lastWord(_ refusal: Refusal, _ kind: EventBoundary.Kind, _ exchange: Exchange) -> String? {
        switch kind {
        case .events: ErrorBody.event(refusal, dialect: dialect(), requestID: exchange.id.text)
        case .lines: ErrorBody.line(refusal, dialect: dialect(), requestID: exchange.id.text)
        }
    }

    private func writeLastEvent(
        _ text: String, _ delivery: Exchange.Delivery, _ chunkPosition: ChunkedDecoder.Position?
    ) {
        switch delivery {
        case .untilClose, .dechunked: write(ByteBuffer(string: text))
        case .chunked:
            guard let chunkPosition, chunkPosition != .withinData else { return }
            var chunk = ByteBuffer()
            if chunkPosition == .behindData { chunk.writeStaticString("\r\n") }
            chunk.writeHexadecimal(UInt64(text.utf8.count))
            chunk.writeString("\r\n\(text)\r\n")
            write(chunk)
        case .rechunked: write(chunk: ByteBuffer(string: text))
        case .length, .noBody: break
        }
    }

    /// Ends the lease of an upstream whose answer is of no more use.
    func letGoOfUpstream() {
        exchange?.isDialing = false
        exchange?.waitsUntil = nil
        guard let upstream else { return }
        self.upstream = nil
        upstream.abandon()
    }

    // MARK: The connection

    /// The client has closed its sending side.
    func inputClosed() {
        isInputClosed = true
        switch phase {
        case .exchange:
            let mayWait = setup.limits.allowsHalfClose && exchange?.isRequestComplete == true
            if mayWait { exchange?.closesConnection = true } else { clientGone() }
        case .tunnel: clientGone()
        case .idle where setup.limits.allowsHalfClose: finishWriting()
        case .idle, .head: closeNow()
        case .lingering where lastOctets == nil: closeNow()
        case .lingering: if !setup.limits.allowsHalfClose { clientGone() }
        case .resetting, .orphaned, .closed: break
        }
    }

    /// The client is gone: the upstream ends too, whatever it was doing.
    func clientGone() {
        if phase == .orphaned || leavesOrphan() { return }
        let wasTunnel = phase == .tunnel
        // A client that closed its sending side alone may still be reading: half an answer must not look whole.
        let needsReset = exchange.map { $0.response == .streaming && $0.endsByClose } ?? (lastOctets != nil)
        if exchange != nil {
            letGoOfUpstream()
            endRecord(wasTunnel ? .completed : .clientAbort, at: loop.now)
            exchange = nil
        }
        if needsReset && !wasTunnel { reset() } else { closeNow() }
    }

    /// Says that nothing more comes, and waits for the client to close, so that it can read what was sent.
    func finishWriting() {
        guard phase != .closed else { return }
        flush()
        phase = .lingering
        inbound = nil
        if !isReading {
            isReading = true
            try? context?.channel.syncOptions?.setOption(.autoRead, value: true)
        }
        guard let context else { return }
        lastOctets = unsentOctets
        deadline = loop.now &+ setup.limits.idleTimeout
        let closed = context.eventLoop.makePromise(of: Void.self)
        if isInputClosed || transport != nil {
            // The second half makes a whole close of it, under TLS whichever comes first, and that drops what the socket
            // has not taken.
            context.writeAndFlush(wrapOutboundOut(ByteBuffer())).assumeIsolated().whenComplete { _ in
                context.close(mode: self.isInputClosed ? .all : .output, promise: closed)
            }
        } else {
            context.close(mode: .output, promise: closed)
        }
        closed.futureResult.assumeIsolated().whenComplete { _ in
            guard self.phase == .lingering else { return }
            self.lastOctets = nil
            self.deadline = self.loop.now &+ GatewayLimits.lingering
        }
    }

    /// Octets that wait for the socket to take them.
    private var unsentOctets: Int {
        (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    /// A connection that is to close has had its time: it goes on only while a slow client takes what is left.
    private func lingeringPassed(_ now: UInt64) {
        guard let earlier = lastOctets else { return closeNow() }
        let left = unsentOctets
        guard left < earlier else { return reset() }
        lastOctets = left
        deadline = now &+ setup.limits.idleTimeout
    }

    /// Closes once everything written is with the kernel.
    func closeAfterFlush() {
        guard phase != .closed, let context else { return }
        phase = .lingering
        deadline = loop.now &+ GatewayLimits.lingering
        let bound = NIOLoopBound(context, eventLoop: loop.eventLoop)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in bound.value.close(promise: nil) }
    }

    func closeNow() {
        guard phase != .closed else { return }
        let owesFarewell = phase == .idle || phase == .head
        phase = .closed
        deadline = .max
        if let transport, !owesFarewell { transport.close() } else { context?.close(promise: nil) }
    }

    /// What is on its way gets a moment first.
    func resetSoon() {
        phase = .resetting
        deadline = loop.now &+ GatewayLimits.lastWords
    }

    private func reset() {
        resetAtClose()
        closeNow()
    }

    /// Makes a reset of the socket's close, which would else read as the end of an answer.
    func resetAtClose() {
        (context?.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
            .whenComplete { _ in }
    }

    // MARK: Draining

    /// Weir is stopping: what runs may end, nothing new begins.
    func drain() {
        switch phase {
        case .idle: finishWriting()
        case .exchange: exchange?.closesConnection = true
        case .head, .tunnel, .lingering, .resetting, .orphaned, .closed: break
        }
    }

    /// The time for draining is over.
    func cutOff() {
        let refusal = Refusal(.shuttingDown, "Weir was stopped.", mayHaveBeenActedOn: exchange?.hasWritten == true)
        switch phase {
        case .exchange where exchange?.response == .awaited: refuse(refusal)
        case .exchange: breakOff(refusal, chunkPosition: upstream?.chunkPosition)
        case .tunnel: clientGone()
        case .resetting: reset()
        case .orphaned:
            letGoOfUpstream()
            endOrphan(because: refusal)
        case .lingering where lastOctets != nil: reset()
        case .idle, .head, .lingering, .closed: closeNow()
        }
    }

    // MARK: Deadlines

    /// Sets when the present state has lasted too long.
    ///
    /// - Parameter isHeard: whether the client has been sent something, so that it needs no sign of life for a while.
    func refreshDeadline(_ now: UInt64, isHeard: Bool = false) {
        guard let exchange, let route else { return }
        let limit = stateLimit(exchange, route, now)
        guard route.hasFurtherDeadlines else {
            deadline = limit
            return
        }
        exchange.stateLimit = limit
        if isHeard, let keepalive = route.keepalive, exchange.nextKeepalive != .max {
            exchange.nextKeepalive = now &+ keepalive
        }
        deadline = min(limit, exchange.totalLimit, exchange.nextKeepalive)
    }

    private func stateLimit(_ exchange: Exchange, _ route: Route, _ now: UInt64) -> UInt64 {
        if phase == .tunnel || !isClientWritable && exchange.response != .awaited { return now &+ route.idleTimeout }
        if exchange.awaitsContinue, !exchange.hasSentContinue { return now &+ GatewayLimits.continueWait }
        if !exchange.isRequestComplete, !exchange.isUploadStopped {
            return now &+ (isReading ? setup.limits.bodyTimeout : route.idleTimeout)
        }
        if let time = exchange.waitsUntil { return time }
        // The dialler keeps its own time.
        if exchange.isDialing { return .max }
        return now &+ (exchange.response == .awaited ? route.firstByteTimeout : route.idleTimeout)
    }

    /// ``deadline`` has passed.
    func deadlinePassed(_ now: UInt64) {
        deadline = .max
        switch phase {
        case .idle: finishWriting()
        case .head:
            let refusal = Refusal(.requestTimeout, "The request's head did not come in time.")
            refuseUnread(refusal, since: now &- setup.limits.headTimeout, now)
        case .exchange, .orphaned: exchangeDeadlinePassed(now)
        case .tunnel: clientGone()
        case .lingering: lingeringPassed(now)
        case .resetting: reset()
        case .closed: break
        }
    }

    private func exchangeDeadlinePassed(_ now: UInt64) {
        guard let exchange else { return closeNow() }
        if let route, route.hasFurtherDeadlines {
            if exchange.totalLimit <= now { return totalPassed(exchange) }
            if exchange.stateLimit > now { return keepAlive(exchange, now) }
        }
        if let time = exchange.waitsUntil, time <= now { return retryNow() }
        if exchange.awaitsContinue, !exchange.hasSentContinue { return sendContinue(now) }
        if !isClientWritable, exchange.response != .awaited { return clientGone() }
        let uploads = !exchange.isRequestComplete && !exchange.isUploadStopped
        switch exchange.response {
        case .awaited where uploads && isReading:
            refuse(bodyTimeout(exchange))
        case .awaited:
            let text = "\(originText) did not begin its answer in time."
            let refusal = Refusal(.firstByteTimeout, text, mayHaveBeenActedOn: exchange.hasWritten)
            recordFailure(refusal)
            refuse(refusal)
        case .streaming where uploads && isReading:
            breakOff(bodyTimeout(exchange), chunkPosition: upstream?.chunkPosition)
        case .streaming:
            let text = "The answer of \(originText) stalled."
            let refusal = Refusal(.upstreamReset, text, mayHaveBeenActedOn: true)
            recordFailure(refusal)
            breakOff(refusal, chunkPosition: upstream?.chunkPosition)
        }
    }

    private func totalPassed(_ exchange: Exchange) {
        let text = "The answer of \(originText) was not complete within the route's total time."
        let refusal = Refusal(.firstByteTimeout, text, mayHaveBeenActedOn: exchange.hasWritten)
        if upstream != nil || exchange.isDialing { recordFailure(refusal) }
        switch exchange.response {
        case .awaited: refuse(refusal)
        case .streaming: breakOff(refusal, chunkPosition: upstream?.chunkPosition)
        }
    }

    private func bodyTimeout(_ exchange: Exchange) -> Refusal {
        Refusal(
            .requestTimeout, "The request's body did not come in time.", mayHaveBeenActedOn: exchange.hasWritten)
    }

    /// The upstream has not said whether it wants the body: the client is asked for it.
    func sendContinue(_ now: UInt64) {
        noteContinue()
        write(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"))
        flush()
        refreshDeadline(now)
    }

    func noteContinue() {
        exchange?.hasSentContinue = true
    }
}
