import HTTP1
import NIOCore
import Policy
import Recording
import Upstream
import WeirConfiguration

/// From a request's octets to an upstream's socket.
extension ClientConnection {
    /// Reads heads, one exchange after another, as far as octets and answers allow.
    func readRequests() {
        // Exchanges that end at once come back here: the loop goes on with them, the stack does not.
        guard !isReadingRequests else { return }
        isReadingRequests = true
        defer { isReadingRequests = false }
        while phase == .idle || phase == .head {
            guard let received = inbound, received.readableBytes > 0 else {
                inbound = nil
                return
            }
            // A client that does not take its answers gets no more of them.
            guard isClientWritable else { return updateReading() }
            let now = loop.now
            let octets = received.readableBytesSpan
            switch parser.parse(octets) {
            case .incomplete:
                if phase == .idle, !parser.isAtStart(of: octets) {
                    phase = .head
                    deadline = now &+ loop.limits.headTimeout
                }
                return
            case .fault(let fault):
                refuseUnread(Refusal(fault), now)
            case .complete(let end):
                begin(received, end: end, now)
            }
        }
    }

    /// A whole head has come: it ends `end` octets behind the reader index.
    private func begin(_ head: ByteBuffer, end: Int, _ now: UInt64) {
        let octets = head.readableBytesSpan
        let request: RequestHead
        do throws(HeadFault) {
            request = try RequestHead(octets, parser: parser)
        } catch {
            return refuseUnread(Refusal(error), now, head: head, end: end)
        }
        switch loop.policy.decide(octets, request, fields: parser.fields, peer: nil) {
        case .forward(let forwarding):
            let route = forwarding.route
            begin(request, head, end: end, route: route, now)
            if loop.isDraining { return refuse(Refusal(.shuttingDown, "Weir is shutting down.")) }
            if case .length(let length) = request.framing, length > loop.limits.maxRequestBody {
                return refuse(Refusal(.bodyTooLarge, tooLargeText))
            }
            forward(request, head, end: end, forwarding, now)
        case .health:
            begin(request, head, end: end, route: nil, now)
            answer(status: 200, json: loop.health())
        case .greeting, .preflight:
            begin(request, head, end: end, route: nil, now)
            answer(status: 200, json: Self.greeting)
        case .refuse(let refusal, let route):
            begin(request, head, end: end, route: route, now)
            refuse(refusal)
        }
    }

    private static let greeting = #"{"message":"Weir is running.","base_path":""}"#

    private var tooLargeText: String { "The request body is larger than \(loop.limits.maxRequestBody) bytes." }

    /// Opens the exchange and takes its head off what has come.
    private func begin(_ request: RequestHead, _ head: ByteBuffer, end: Int, route: Route?, _ now: UInt64) {
        phase = .exchange
        generation &+= 1
        let exchange = Exchange(
            id: loop.nextID(now), route: route, head: head, octets: head.readableBytesSpan,
            request: request)
        if loop.isDraining { exchange.closesConnection = true }
        if let route, let recorder = loop.recorder {
            record = recorder.begin(
                id: exchange.id, wallClock: loop.wallTime(now), monotonic: now, client: clientAddress,
                route: route.name, head: head, end: end, parser: parser,
                framing: request.framing)
        }
        self.exchange = exchange
        inbound?.moveReaderIndex(forwardBy: end)
        if inbound?.readableBytes == 0 { inbound = nil }
    }

    private func forward(_ request: RequestHead, _ head: ByteBuffer, end: Int, _ forwarding: Forwarding, _ now: UInt64)
    {
        let route = forwarding.route
        let octets = head.readableBytesSpan
        loop.requestEdit.removeAll()
        forwarding.edit(&loop.requestEdit, octets, request, fields: parser.fields, bodyLength: nil)
        var out = ByteBufferAllocator().buffer(capacity: min(head.readableBytes, GatewayLimits.coalescedOctets) + 128)
        loop.requestEdit.apply(
            to: octets, startLine: parser.requestLine.line, fields: parser.fields, end: end, into: &out)
        parser.reset()

        let expected = generation
        let connection = loop.pools[route.index].lease()
        recordAttempt(route, reused: connection != nil, edit: loop.requestEdit, now)
        if let connection { lease(connection) } else { dial() }
        readFirstBody(behind: &out)
        guard phase == .exchange, generation == expected else { return }
        send(out)
        upstream?.flush()
        updateReading()
        refreshDeadline(now)
    }

    /// Takes body octets that came with the head; small ones go out with it.
    private func readFirstBody(behind out: inout ByteBuffer) {
        guard exchange?.isRequestComplete == false, var run = inbound else { return }
        inbound = nil
        guard let read = readBody(&run) else { return }
        if run.readableBytes > 0 { hold(run) }
        guard let piece = read.forward else { return }
        if piece.readableBytes <= GatewayLimits.coalescedOctets {
            out.writeImmutableBuffer(piece)
        } else {
            send(out)
            out = piece
        }
    }

    /// Octets that come while an exchange is under way: its body, or the next requests.
    func readInExchange(_ run: ByteBuffer) {
        guard exchange?.isRequestComplete == false else {
            hold(run)
            return updateReading()
        }
        if exchange?.isUploadStopped == true { return }
        var rest = run
        guard let piece = readBody(&rest) else { return }
        if let forward = piece.forward { send(forward) }
        if rest.readableBytes > 0 { hold(rest) }
        updateReading()
        refreshDeadline(loop.now)
    }

    /// Takes the body's octets off the front of `run`.
    ///
    /// - Returns: what goes upstream; nil where the body is refused, with the exchange ended.
    private func readBody(_ run: inout ByteBuffer) -> BodyReader.Piece? {
        let now = loop.now
        let octets = run
        let piece: BodyReader.Piece?
        do throws(ChunkedFault) {
            piece = try exchange?.requestBody.read(&run) { range in
                loop.recorder?.requestBody(&record, octets, range: range, at: now)
            }
        } catch {
            refuseRest(.badRequest, "The chunked body is malformed.")
            return nil
        }
        guard let piece else { return nil }
        exchange?.isRequestComplete = piece.isEnd
        exchange?.awaitsContinue = false
        if let total = exchange?.requestBody.total, total > loop.limits.maxRequestBody {
            refuseRest(.bodyTooLarge, tooLargeText)
            return nil
        }
        return piece
    }

    /// Ends an exchange whose request must not be taken any further; what follows on the connection is no request.
    private func refuseRest(_ code: Refusal.Code, _ text: String) {
        guard let exchange else { return }
        exchange.closesConnection = true
        let refusal = Refusal(code, text, mayHaveBeenActedOn: exchange.hasWritten)
        switch exchange.response {
        case .awaited: refuse(refusal)
        case .streaming: breakOff(refusal, chunkPosition: upstream?.chunkPosition)
        }
    }

    /// Hands octets of the request to the upstream, or keeps them until there is one.
    private func send(_ piece: ByteBuffer) {
        guard let upstream else {
            exchange?.unsent.append(piece)
            exchange?.unsentOctets += piece.readableBytes
            return
        }
        // Only a connection that had rested may turn out to have been dead all along.
        if upstream.isReused { exchange?.replay.keep(piece) }
        exchange?.hasWritten = true
        upstream.write(piece)
    }

    // MARK: Finding an upstream

    private func recordAttempt(_ route: Route, reused: Bool, edit: HeadEdit?, _ now: UInt64) {
        exchange?.attempts += 1
        loop.recorder?.attempt(
            &record, number: exchange?.attempts ?? 1, upstream: route.origin, reused: reused, edit: edit, at: now)
    }

    private func lease(_ connection: UpstreamConnection) {
        guard let exchange else { return }
        upstream = connection
        connection.lease(
            to: self, answersHEAD: exchange.isHEAD, acceptsTunnel: exchange.asksForWebSocket)
    }

    private func dial() {
        guard let route else { return }
        exchange?.isDialing = true
        let expected = generation
        loop.pools[route.index].dial().whenComplete { result in
            self.loop.readClock()
            guard self.generation == expected, self.phase == .exchange, self.exchange?.isDialing == true else {
                if case .success(let connection) = result { connection.abandon() }
                return
            }
            self.exchange?.isDialing = false
            switch result {
            case .success(let connection): self.dialled(connection)
            case .failure(let error): self.dialFailed(error)
            }
        }
    }

    private func dialled(_ connection: UpstreamConnection) {
        lease(connection)
        let unsent = exchange?.unsent ?? []
        exchange?.unsent = []
        exchange?.unsentOctets = 0
        for piece in unsent { send(piece) }
        connection.flush()
        updateReading()
        refreshDeadline(loop.now)
    }

    private func dialFailed(_ error: any Error) {
        let fault = error as? UpstreamFault ?? UpstreamFault(.notConnected, String(describing: error))
        let refusal = refusal(fault, hasWritten: false)
        recordFailure(refusal)
        // What is certain to fail again, or has used the time up, is not tried again.
        let isWorthAnother: Bool
        switch fault.code {
        case .tls, .connectTimeout, .nameNotResolvedInTime: isWorthAnother = false
        default: isWorthAnother = true
        }
        if isWorthAnother, retriesLeft, route?.settings.retries.onConnect == true { return dialAgain() }
        refuse(refusal)
    }

    /// A connection that had rested died before any answer: the request goes out once more, if that is safe.
    ///
    /// - Returns: whether it does.
    func retryStale(_ connection: UpstreamConnection) -> Bool {
        guard let exchange, connection.isReused, exchange.replay.isWhole, retriesLeft,
            exchange.isIdempotent || connection.hasAcknowledgedNothing
        else { return false }
        var again: [ByteBuffer] = []
        if let first = exchange.replay.first { again.append(first) }
        again.append(contentsOf: exchange.replay.rest)
        self.exchange?.unsent = again
        self.exchange?.unsentOctets = again.reduce(0) { $0 + $1.readableBytes }
        self.exchange?.replay = Replay()
        upstream = nil
        dialAgain()
        return true
    }

    private func dialAgain() {
        guard let route else { return }
        recordAttempt(route, reused: false, edit: nil, loop.now)
        dial()
        refreshDeadline(loop.now)
    }

    var route: Route? { exchange?.route }

    private var retriesLeft: Bool {
        guard let exchange, let route else { return false }
        return exchange.attempts <= route.settings.retries.attempts && exchange.response == .awaited
    }

    func recordFailure(_ refusal: Refusal) {
        loop.recorder?.attemptFailed(
            &record, code: refusal.code.rawValue, message: refusal.message, at: loop.now)
    }
}
