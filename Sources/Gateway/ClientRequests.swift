import HTTP1
import LLMWire
import NIOCore
import Policy
import Recording
import RequestLog
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
            if phase == .idle { renewSetup() }
            let now = loop.now
            let octets = received.readableBytesSpan
            switch parser.parse(octets) {
            case .incomplete:
                if phase == .idle, !parser.isAtStart(of: octets) {
                    phase = .head
                    deadline = now &+ setup.limits.headTimeout
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
        switch setup.policy.decide(octets, request, fields: parser.fields, peer: peer) {
        case .forward(let forwarding):
            let route = forwarding.route
            begin(request, head, end: end, route: route, key: forwarding.key, now)
            if loop.isDraining { return refuse(Refusal(.shuttingDown, "Weir is shutting down.")) }
            if setup.requiresRecord, loop.recorder?.canKeep != true {
                return refuse(Refusal(.recordingUnavailable, Self.recordText))
            }
            if case .length(let length) = request.framing, length > setup.limits.maxRequestBody {
                return refuse(Refusal(.bodyTooLarge, tooLargeText))
            }
            forward(request, head, end: end, forwarding, now)
        case .health(let isFull):
            begin(request, head, end: end, route: nil, isOwn: true, isQuiet: true, now)
            answer(status: 200, json: loop.health(isFull))
        case .greeting:
            begin(request, head, end: end, route: nil, isOwn: true, isQuiet: true, now)
            answer(status: 200, json: setup.greeting)
        case .preflight:
            let lines = setup.policy.cors?.preflightLines(octets, fields: parser.fields) ?? []
            begin(request, head, end: end, route: nil, isOwn: true, now)
            exchange?.corsLines = lines
            answerPreflight()
        case .refuse(let refusal, let route):
            let key = setup.policy.key(octets, target: request.requestLine.target, fields: parser.fields)
            begin(request, head, end: end, route: route, key: key, now)
            refuse(refusal)
        }
    }

    private static let recordText =
        "This exchange cannot be recorded now, and recording.mode is strict. GET /healthz and Weir's own log tell what "
        + "keeps the record from being written; make room on the disk or mend the data directory, and repeat the request. "
        + "With recording.mode: shed traffic goes on without a record."

    private var tooLargeText: String { "The request body is larger than \(setup.limits.maxRequestBody) bytes." }

    /// Opens the exchange and takes its head off what has come.
    ///
    /// - Parameters:
    ///   - isOwn: whether it is a question to Weir itself, which no record is made of.
    ///   - isQuiet: whether the request log has it at debug level only: load balancers ask by the thousand.
    private func begin(
        _ request: RequestHead, _ head: ByteBuffer, end: Int, route: Route?, key: ClientKey? = nil,
        isOwn: Bool = false, isQuiet: Bool = false, _ now: UInt64
    ) {
        phase = .exchange
        generation &+= 1
        let exchange = Exchange(
            id: loop.nextID(now), route: route, head: head, octets: head.readableBytesSpan,
            request: request, at: now)
        if loop.isDraining { exchange.closesConnection = true }
        exchange.key = key
        if let log = loop.log, setup.logsRequests, !isQuiet || log.isDetailed {
            exchange.logged = LoggedRequest(head.readableBytesSpan, request.requestLine)
        }
        if let cors = setup.policy.cors {
            exchange.corsLines = cors.answerLines(head.readableBytesSpan, fields: parser.fields)
        }
        exchange.client = believedClient(head.readableBytesSpan)
        if !isOwn, let recorder = loop.recorder {
            record = recorder.begin(
                id: exchange.id, wallClock: loop.wallTime(now), monotonic: now,
                client: exchange.client ?? clientAddress,
                route: route?.name ?? [], key: key?.label ?? [], dialect: route?.settings.dialect, head: head, end: end,
                parser: parser,
                framing: request.framing)
        }
        self.exchange = exchange
        inbound?.moveReaderIndex(forwardBy: end)
        if inbound?.readableBytes == 0 { inbound = nil }
    }

    /// Whom the request comes from, where a trusted proxy names another than itself; its port is not known then.
    private func believedClient(_ head: RawSpan) -> SocketAddress? {
        guard setup.policy.hasTrustedProxies else { return nil }
        let client = setup.policy.client(head, fields: parser.fields, peer: peer)
        guard let client, client != peer else { return nil }
        return try? SocketAddress(ipAddress: client.description, port: 0)
    }

    private func forward(_ request: RequestHead, _ head: ByteBuffer, end: Int, _ forwarding: Forwarding, _ now: UInt64)
    {
        if forwarding.route.rewrite != nil, request.mayBringJSON(head.readableBytesSpan, fields: parser.fields) {
            return hold(HeldBody(forwarding, request, headEnd: end, HeldShare(of: loop.heldBodies)), now)
        }
        var out = edit(forwarding, request, head, end: end, bodyLength: nil)
        let expected = generation
        connect(forwarding, edit: loop.requestEdit, now)
        readFirstBody(behind: &out)
        guard phase == .exchange, generation == expected else { return }
        send(out)
        upstream?.flush()
        updateReading()
        refreshDeadline(now)
    }

    /// The head as it goes upstream; ``GatewayLoop/requestEdit`` holds what differs.
    private func edit(
        _ forwarding: Forwarding, _ request: RequestHead, _ head: ByteBuffer, end: Int, bodyLength: Int?
    ) -> ByteBuffer {
        let octets = head.readableBytesSpan
        loop.requestEdit.removeAll()
        forwarding.edit(&loop.requestEdit, octets, request, fields: parser.fields, bodyLength: bodyLength)
        var out = ByteBufferAllocator().buffer(capacity: min(head.readableBytes, GatewayLimits.coalescedOctets) + 128)
        if logsInDetail {
            exchange?.logged?.note(loop.requestEdit, octets, request.requestLine, fields: parser.fields)
        }
        if exchange?.awaitsContinue == true { answerDroppedExpectation() }
        loop.requestEdit.apply(
            to: octets, startLine: parser.requestLine.line, fields: parser.fields, end: end, into: &out)
        parser.reset()
        return out
    }

    /// Asks for a body that waits to be asked for, where the upstream is not told that it does.
    private func answerDroppedExpectation() {
        guard let exchange, !exchange.hasSentContinue,
            let index = parser.fields.firstIndex(where: { $0.name == .expect }),
            loop.requestEdit.changes.contains(where: { $0.line == index && $0.range.isEmpty })
        else { return }
        sendContinue(loop.now)
    }

    /// Finds a connection for the first attempt.
    private func connect(_ forwarding: Forwarding, edit: HeadEdit, _ now: UInt64) {
        exchange?.destination = forwarding.destination
        do throws(UpstreamFault) {
            let pool = try setup.pool(forwarding)
            exchange?.pool = pool
            let connection = pool.lease(now: loop.now)
            recordAttempt(forwarding.route, reused: connection != nil, edit: edit, now)
            if let connection { lease(connection) } else { dial() }
        } catch {
            recordAttempt(forwarding.route, reused: false, edit: edit, now)
            dialFailed(error)
        }
    }

    // MARK: Bodies that may be rewritten

    private func hold(_ held: HeldBody, _ now: UInt64) {
        exchange?.held = held
        // The upstream is not asked before the body is here, so Weir asks for it.
        if exchange?.awaitsContinue == true { sendContinue(now) }
        guard var run = inbound else { return refreshDeadline(now) }
        inbound = nil
        guard let piece = readBody(&run) else { return }
        if run.readableBytes > 0 { hold(run) }
        take(held: piece)
        updateReading()
        refreshDeadline(now)
    }

    /// Another piece of a held body is in.
    private func take(held piece: BodyReader.Piece) {
        guard let exchange else { return }
        if let framed = piece.forward { exchange.held?.keep(framed: framed) }
        guard let held = exchange.held else { return }
        guard !held.isTooLarge else {
            let text =
                "This route rewrites bodies, for which they may have \(GatewayLimits.heldBodyOctets) bytes at most."
            return refuseRest(.bodyTooLarge, text)
        }
        guard held.share.grow(to: held.payload.readableBytes, atMost: setup.limits.maxHeldBodies) else {
            return refuseRest(
                .overloaded, "Too many large bodies are being rewritten at a time; try again in a moment.")
        }
        if piece.isEnd || held.isPlain { release(held, isWhole: piece.isEnd) }
    }

    /// Sends a held body on, rewritten where the route says so and it is JSON.
    private func release(_ held: HeldBody, isWhole: Bool) {
        guard let exchange, let head = exchange.head else { return }
        let now = loop.now
        exchange.held = nil
        exchange.heldShare = held.share
        let edits = isWhole ? held.forwarding.route.rewrite?.edits(of: held.payload.readableBytesSpan) : nil
        var body = held.asItCame
        if let edits {
            var rewritten = ByteBufferAllocator().buffer(capacity: edits.resultLength)
            edits.apply(to: held.payload.readableBytesSpan) { rewritten.writeBytes($0, 0..<$0.byteCount) }
            body = [rewritten]
        }
        let out = edit(held.forwarding, held.request, head, end: held.headEnd, bodyLength: edits?.resultLength)
        if let edits { loop.recorder?.requestEdits(&record, edits, of: held.payload, at: now) }
        let expected = generation
        connect(held.forwarding, edit: loop.requestEdit, now)
        guard phase == .exchange, generation == expected else { return }
        send(out)
        for piece in body { send(piece) }
        upstream?.flush()
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
        // An exchange that ends here goes on to the next one.
        if rest.readableBytes > 0 { hold(rest) }
        if exchange?.held != nil {
            take(held: piece)
        } else if let forward = piece.forward {
            send(forward)
        }
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
                exchange?.held?.read(octets.readableBytesSpan, range)
            }
        } catch {
            refuseRest(.badRequest, "The chunked body is malformed.")
            return nil
        }
        guard let piece else { return nil }
        exchange?.isRequestComplete = piece.isEnd
        exchange?.awaitsContinue = false
        if let total = exchange?.requestBody.total, total > setup.limits.maxRequestBody {
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
        if upstream.isReused || route?.keepsRequest == true { exchange?.replay.keep(piece) }
        exchange?.hasWritten = true
        upstream.write(piece)
    }

    // MARK: Finding an upstream

    func recordAttempt(_ route: Route, reused: Bool, edit: HeadEdit?, _ now: UInt64) {
        exchange?.attempts += 1
        let origin = exchange?.destination.map { Array($0.origin.utf8) } ?? route.origin
        loop.recorder?.attempt(
            &record, number: exchange?.attempts ?? 1, upstream: origin, reused: reused, edit: edit, at: now)
    }

    private func lease(_ connection: UpstreamConnection) {
        guard let exchange else { return }
        upstream = connection
        connection.lease(
            to: self, answersHEAD: exchange.isHEAD, acceptsTunnel: exchange.asksForWebSocket)
    }

    func dial() {
        guard let pool = exchange?.pool else { return }
        exchange?.isDialing = true
        let expected = generation
        pool.dial().whenComplete { result in
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

    func dialled(_ connection: UpstreamConnection) {
        lease(connection)
        let unsent = exchange?.unsent ?? []
        exchange?.unsent = []
        exchange?.unsentOctets = 0
        for piece in unsent { send(piece) }
        connection.flush()
        updateReading()
        refreshDeadline(loop.now)
    }

    var route: Route? { exchange?.route }

    func recordFailure(_ refusal: Refusal) {
        loop.recorder?.attemptFailed(
            &record, code: refusal.code.rawValue, message: refusal.message, at: loop.now)
    }
}
