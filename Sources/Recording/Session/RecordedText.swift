import LLMWire

/// Writes a recorded body as JSON: as a value, a string, or `{"base64":…}`.
struct RecordedText: Sendable {
    /// Whose body it is; each has its own keys.
    enum Side {
        case request
        case response
    }

    /// A JSON value nested deeper is written as a string: jq 1.6 reads 256 levels, and the line adds some of its own.
    static let maximumDepth = 128

    /// Writes the body's member, and those that say what it is not.
    func append(
        _ body: RecordedBody, decoded: DecodedBody, _ side: Side, hasHead: Bool, to line: inout JSONLineWriter
    ) {
        line.key(side == .request ? "request_body" : "response_body")
        if body.bytes.isEmpty {
            if side == .response, hasHead { line.literal("\"\"") } else { line.null() }
        } else {
            appendText(decoded.bytes.span.bytes, side, isWhole: decoded.isWhole, to: &line)
        }
        if let fault = decoded.fault {
            line.key(side == .request ? "request_body_coding" : "response_body_coding")
            line.string(fault.description)
        }
        if body.isCut {
            line.key(side == .request ? "request_body_cut" : "response_body_cut")
            line.bool(true)
        }
        if body.isLost {
            line.key(side == .request ? "request_body_lost" : "response_body_lost")
            line.bool(true)
        }
        if body.isWithheld {
            line.key(side == .request ? "request_body_withheld" : "response_body_withheld")
            line.bool(true)
        }
        appendMasked(body, side, to: &line)
        if let sha256 = body.sha256 {
            line.key(side == .request ? "request_body_sha256" : "response_body_sha256")
            line.hexadecimalString(sha256.span.bytes)
        }
    }

    /// Names the ranges that were written over.
    private func appendMasked(_ body: RecordedBody, _ side: Side, to line: inout JSONLineWriter) {
        guard body.maskedCount > 0 else { return }
        line.key(side == .request ? "request_body_masked" : "response_body_masked")
        line.array(body.masked) { line, range in
            line.beginArray()
            line.integer(range.lowerBound)
            line.nextElement()
            line.integer(range.count)
            line.endArray()
        }
        guard body.masked.count < body.maskedCount else { return }
        line.key(side == .request ? "request_body_masked_count" : "response_body_masked_count")
        line.integer(body.maskedCount)
    }

    /// Writes text: a request's as a JSON value where it is one.
    private func appendText(_ text: RawSpan, _ side: Side, isWhole: Bool, to line: inout JSONLineWriter) {
        if side == .request {
            do throws(JSONFault) {
                return try line.appendJSON(text, maximumDepth: Self.maximumDepth)
            } catch {
                // Not JSON, then: the writer is as it was.
            }
        }
        // What broke off may have broken off inside a character.
        let end = isWhole ? text.byteCount : text.byteCount - UTF8Text.incompleteTail(of: text)
        if UTF8Text.isValid(text.extracting(0..<end)) {
            line.string(text, 0..<end)
        } else {
            line.beginObject()
            line.key("base64")
            line.base64String(text)
            line.endObject()
        }
    }
}
