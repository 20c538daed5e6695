import ContentCoding
import LLMWire

/// A recorded body with its content coding undone, as far as that goes.
struct DecodedBody: Sendable {
    /// The octets, coding undone; as they came where it cannot be.
    private(set) var bytes: [UInt8]
    /// What kept the coding from being undone whole: `unknown`, `truncated`, `limit` or `corrupt`.
    private(set) var fault: StaticString?
    /// Whether all of the body is here.
    private(set) var isWhole: Bool
    /// Where in ``bytes`` what came in each piece ends, and when it came.
    private(set) var pieces: [RecordedBody.Piece]

    /// Nothing.
    init() {
        bytes = []
        isWhole = true
        pieces = []
    }

    /// Decodes a body.
    ///
    /// - Parameters:
    ///   - isWhole: whether the exchange says that all of the body flowed.
    ///   - maximum: octets that may come out of a content coding.
    init(_ body: RecordedBody, contentEncoding: [UInt8], isWhole: Bool, maximum: Int) {
        bytes = body.bytes
        pieces = body.pieces
        self.isWhole = isWhole && !body.isCut && !body.isLost
        guard !contentEncoding.isEmpty, !body.bytes.isEmpty else { return }
        guard let codings = ContentCoding.codings(contentEncoding.span.bytes) else {
            fault = "unknown"
            return
        }
        guard !codings.isEmpty else { return }
        decode(body, codings, DecodingLimits(floor: min(1 << 20, maximum), ceiling: maximum))
    }

    private mutating func decode(_ body: RecordedBody, _ codings: [ContentCoding], _ limits: DecodingLimits) {
        var decoder = ContentDecoder(codings, limits: limits)
        var decoded: [UInt8] = []
        var decodedPieces: [RecordedBody.Piece] = []
        var found: ContentCodingFault?
        do throws(ContentCodingFault) {
            var start = 0
            for piece in body.pieces where piece.end > start && piece.end <= body.bytes.count {
                try decoder.decode(body.bytes.span.bytes.extracting(start..<piece.end), into: &decoded)
                start = piece.end
                decodedPieces.append(RecordedBody.Piece(end: decoded.count, at: piece.at))
            }
            if start < body.bytes.count {
                try decoder.decode(body.bytes.span.bytes.extracting(start..<body.bytes.count), into: &decoded)
            }
            try decoder.finish()
        } catch {
            found = error
        }
        switch found {
        case nil: break
        case .truncated: fault = "truncated"
        case .limit: fault = "limit"
        case .corrupt: fault = "corrupt"
        }
        if case .corrupt = found, decoded.isEmpty {
            // Most likely the field lies, and the body is in no coding at all.
            return
        }
        if found != nil { isWhole = false }
        bytes = decoded
        pieces = decodedPieces
    }
}
