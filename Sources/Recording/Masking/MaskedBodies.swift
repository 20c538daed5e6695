import HTTP1
package import LLMWire
package import NIOCore

/// What becomes of bodies where names of JSON keys are configured.
extension LoopRecorder {
    /// Which of an exchange's bodies.
    enum Side {
        case request
        case response
    }

    /// Begins the masking of an exchange whose request's head has come.
    ///
    /// What a content coding is on cannot be masked as it flows, so nothing of it is kept.
    @inline(never)
    func startMasking(
        _ record: inout ExchangeRecord, _ names: JSONKeyMask, head: RawSpan, fields: [Field], framing: BodyFraming,
        at: UInt64
    ) {
        let masks = BodyMasks(names)
        record.masks = masks
        if framing != .none, head.isContentCoded(fields) { withhold(.request, record, masks, at: at) }
    }

    /// Goes on with it once the answer's head has come.
    ///
    /// Behind a switch of protocols (101) nothing can be masked: WebSocket's frames are no JSON text.
    @inline(never)
    func startMaskingResponse(
        _ record: borrowing ExchangeRecord, _ masks: BodyMasks, head: RawSpan, parser: borrowing HeadParser,
        framing: BodyFraming, at: UInt64
    ) {
        masks.response = BodyMask(masks.names.renewed(head.framingOfDocuments(parser.fields)))
        if parser.statusLine.status == 101 {
            withhold(.request, record, masks, at: at)
            withhold(.response, record, masks, at: at)
        } else if framing != .none, head.isContentCoded(parser.fields) {
            withhold(.response, record, masks, at: at)
        }
    }

    private func withhold(_ side: Side, _ record: borrowing ExchangeRecord, _ masks: BodyMasks, at: UInt64) {
        switch side {
        case .request:
            guard limits.recordRequestBodies, !masks.request.isWithheld else { return }
            masks.request.isWithheld = true
        case .response:
            guard limits.recordResponseBodies, !masks.response.isWithheld else { return }
            masks.response.isWithheld = true
        }
        var flags = MaskFlags.withheld
        if side == .response { flags.insert(.response) }
        close(open(.masked, record, at: at, flags: flags.rawValue, room: 0))
    }

    /// Writes octets of a body, masked, and names the ranges.
    ///
    /// - Parameter offset: where they stand in the body.
    @inline(never)
    func maskedPiece(
        _ side: Side, _ record: borrowing ExchangeRecord, _ mask: inout BodyMask, _ octets: RawSpan,
        _ range: Range<Int>, offset: Int, at: UInt64
    ) {
        var next = range.lowerBound
        while next < range.upperBound {
            let end = min(range.upperBound, next &+ EventLayout.largestPiece)
            let kind: EventKind = side == .request ? .requestBody : .responseBody
            let start = open(kind, record, at: at, room: end &- next)
            mask.write(octets, next..<end, at: offset &+ next &- range.lowerBound, into: &buffer)
            // Both events are in one batch: a crash keeps both or neither.
            if mask.ranges.isNews {
                buffer.closeEvent(start)
                nameRanges(mask.ranges, side, record, at: at)
            } else {
                close(start)
            }
            next = end
        }
    }

    private func nameRanges(
        _ ranges: BodyMask.Ranges, _ side: Side, _ record: borrowing ExchangeRecord, at: UInt64
    ) {
        let flags: MaskFlags = side == .response ? .response : []
        let start = open(.masked, record, at: at, flags: flags.rawValue, room: 4 &+ 12 &* ranges.told.count)
        buffer.append(UInt32(clamping: ranges.count))
        for range in ranges.told {
            buffer.append(UInt64(range.lowerBound))
            buffer.append(UInt32(truncatingIfNeeded: range.count))
        }
        close(start)
    }

    /// The request's body goes upstream with these changes; what they put under a masked key is masked.
    ///
    /// - Parameter body: the body that the edits were made for.
    package func requestEdits(
        _ record: inout ExchangeRecord, _ edits: BodyEdits, of body: ByteBuffer, at: UInt64
    ) {
        guard hasRoomForHead(&record) else { return }
        let kept = edits.prefix(EventLayout.mostEdits)
        let room = kept.reduce(8) { $0 + 16 + RecordMask.room(min($1.replacement.count, EventLayout.longestText)) }
        let start = open(.requestEdits, record, at: at, room: room)
        buffer.append(UInt32(truncatingIfNeeded: edits.count))
        buffer.append(UInt32(truncatingIfNeeded: kept.count))
        // Under which key a text stands is known only to who reads the changed body from its beginning.
        var scanner = record.masks?.names.renewed(.document)
        let octets = body.readableBytesSpan
        let text = edits.text.span.bytes
        var read = 0
        for edit in kept {
            buffer.append(UInt64(edit.range.lowerBound))
            buffer.append(UInt32(truncatingIfNeeded: edit.range.count))
            let lengthAt = buffer.count
            buffer.append(0 as UInt32)
            let told = edit.replacement.prefix(EventLayout.longestText)
            var cursor = told.lowerBound
            if scanner != nil, edit.range.upperBound <= octets.byteCount {
                scanner?.read(octets.extracting(read..<edit.range.lowerBound)) { _, _ in }
                read = edit.range.upperBound
                scanner?.read(text.extracting(edit.replacement)) { range, value in
                    let lower = min(edit.replacement.lowerBound + range.lowerBound, told.upperBound)
                    let upper = min(edit.replacement.lowerBound + range.upperBound, told.upperBound)
                    mask.write(text, cursor..<lower, into: &buffer)
                    buffer.append(mask: value, count: upper - lower)
                    cursor = upper
                }
            }
            mask.write(text, cursor..<told.upperBound, into: &buffer)
            buffer.patch(UInt32(truncatingIfNeeded: buffer.count &- lengthAt &- 4), at: lengthAt)
        }
        close(start)
    }
}
