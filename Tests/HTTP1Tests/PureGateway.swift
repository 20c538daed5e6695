import HTTP1
import HTTP1Invariants
import NIOCore

/// One client's connection as a gateway serves it, without sockets: each request that is whole is answered 200 at once.
struct PureGateway {
    /// What went to the upstream for one request.
    struct Forwarded {
        var octets: [UInt8]
        var head: [UInt8]
        var payload: [UInt8] = []
        /// Whether the upstream saw the request's end.
        var isComplete = false
    }

    private enum State {
        case head
        case length(UInt64)
        case chunked(ChunkedDecoder)
        case closed
    }

    /// What went upstream, in its order.
    private(set) var forwarded: [Forwarded] = []
    /// The statuses that the client got.
    private(set) var answers: [Int] = []

    private var state = State.head
    private var parser = HeadParser(role: .request)
    private var received: [UInt8] = []
    private var closesAfterwards = false

    /// Whether the client's connection has been closed.
    var isClosed: Bool {
        if case .closed = state { return true }
        return false
    }

    /// Takes octets of the client in.
    mutating func receive(_ octets: ArraySlice<UInt8>) {
        received += octets
        var goesOn = true
        while goesOn {
            switch state {
            case .head: goesOn = readHead()
            case .length(let remaining): goesOn = readLength(remaining)
            case .chunked(var decoder): goesOn = readChunked(&decoder)
            case .closed: return
            }
        }
    }

    /// Takes the client's end in: a message that is cut off is refused and never completed upstream.
    mutating func end() {
        switch state {
        case .head: if received.contains(where: { $0 != 13 && $0 != 10 }) { answers.append(400) }
        case .length, .chunked: answers.append(400)
        case .closed: return
        }
        state = .closed
    }

    private mutating func readHead() -> Bool {
        let octets = received
        let progress = parser.parse(octets.span.bytes)
        switch progress {
        case .incomplete: return false
        case .fault(let fault): return refuse(fault.status)
        case .complete(let length):
            do throws(HeadFault) {
                let request = try RequestHead(octets.span.bytes, parser: parser)
                forward(request, length: length)
            } catch {
                return refuse(error.status)
            }
            return true
        }
    }

    private mutating func forward(_ request: RequestHead, length: Int) {
        var edit = HeadEdit()
        edit.forwardRequest(received.span.bytes, request, fields: parser.fields, host: Array("up.test".utf8))
        var out = ByteBuffer()
        edit.apply(
            to: received.span.bytes, startLine: request.requestLine.line, fields: parser.fields, end: length, into: &out
        )
        let head = Array(out.readableBytesView)
        forwarded.append(Forwarded(octets: head, head: head))
        received.removeFirst(length)
        parser.reset()
        closesAfterwards = !request.isPersistent || request.asksForUpgrade
        switch request.framing {
        case .none, .untilClose: complete()
        case .length(let count): state = .length(count)
        case .chunked: state = .chunked(ChunkedDecoder())
        }
    }

    private mutating func readLength(_ remaining: UInt64) -> Bool {
        let count = Int(min(remaining, UInt64(received.count)))
        forwarded[forwarded.count - 1].octets += received[..<count]
        forwarded[forwarded.count - 1].payload += received[..<count]
        received.removeFirst(count)
        state = .length(remaining - UInt64(count))
        guard remaining == UInt64(count) else { return false }
        complete()
        return true
    }

    private mutating func readChunked(_ decoder: inout ChunkedDecoder) -> Bool {
        let run = ByteBuffer(bytes: received)
        var payload: [UInt8] = []
        do throws(ChunkedFault) {
            let piece = try decoder.decode(run) { payload += received[$0] }
            let last = forwarded.count - 1
            forwarded[last].octets +=
                piece.rebuilt.map { Array($0.readableBytesView) } ?? Array(received[..<piece.verbatim])
            forwarded[last].payload += payload
            received.removeFirst(piece.consumed)
            state = .chunked(decoder)
            if piece.isEnd { complete() }
            return piece.isEnd
        } catch {
            return refuse(400)
        }
    }

    private mutating func complete() {
        forwarded[forwarded.count - 1].isComplete = true
        answers.append(200)
        state = closesAfterwards ? .closed : .head
    }

    private mutating func refuse(_ status: Int) -> Bool {
        answers.append(status)
        state = .closed
        return false
    }
}
