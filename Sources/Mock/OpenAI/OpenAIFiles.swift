import FoundationEssentials
import NIOCore
import NIOHTTP1

/// OpenAI's files, without a store: a file's id holds its name, purpose, size and beginning, so that every answer is a
/// function of its request. https://platform.openai.com/docs/api-reference/files
enum OpenAIFiles {
    /// What an id tells.
    private struct Card: Codable {
        var name: String
        var purpose: String
        var size: Int
        /// The content, or as much of it as an id holds.
        var start: Data
    }

    /// How many bytes of a file an id holds; of a longer file the content is that beginning, repeated.
    static let longestStart = 1_024
    private static let prefix = "file-mock-"

    /// `POST /files`.
    static func upload(_ inquiry: Inquiry) throws(MockRefusal) -> MockScript {
        let form = try MultipartForm(inquiry)
        guard let file = form["file"] else { throw .body("file is missing.", param: "file") }
        guard let purpose = form["purpose"]?.text else { throw .body("purpose is missing.", param: "purpose") }
        let card = Card(
            name: String((file.fileName ?? "file").prefix(128)), purpose: String(purpose.prefix(64)),
            size: file.content.readableBytes, start: Data(file.content.readableBytesView.prefix(self.longestStart)))
        return MockScript(json: self.object(card, id: try self.id(card), inquiry))
    }

    /// `GET /files`: always the one example, as nothing is kept.
    static func list(_ inquiry: Inquiry) -> MockScript {
        let example = Card(name: "example.jsonl", purpose: "user_data", size: 3, start: Data("{}\n".utf8))
        guard let id = try? self.id(example) else {
            return MockScript(json: #"{"object":"list","data":[],"has_more":false}"#)
        }
        return MockScript(
            json: #"{"object":"list","data":[\#(self.object(example, id: id, inquiry))],"#
                + #""first_id":"\#(id)","last_id":"\#(id)","has_more":false}"#)
    }

    /// `GET /files/{id}`, `GET /files/{id}/content`, `DELETE /files/{id}`.
    static func one(_ rest: String, _ inquiry: Inquiry) throws(MockRefusal) -> MockScript {
        let id = rest.hasSuffix("/content") ? String(rest.dropLast("/content".count)) : rest
        guard let card = self.card(id), (0...inquiry.settings.maxBody).contains(card.size),
            card.start.count == min(card.size, self.longestStart)
        else {
            throw MockRefusal(
                status: 404,
                message: "No such file object: \(id.prefix(100)); the mock knows files by the ids that it gave them.",
                type: "invalid_request_error", param: "id")
        }
        if id != rest {
            try inquiry.allow(.GET, .HEAD)
            return MockScript(type: "application/octet-stream", self.content(card))
        }
        try inquiry.allow(.GET, .HEAD, .DELETE)
        return inquiry.request.method == .DELETE
            ? MockScript(json: #"{"id":"\#(id)","object":"file","deleted":true}"#)
            : MockScript(json: self.object(card, id: id, inquiry))
    }

    private static func object(_ card: Card, id: String, _ inquiry: Inquiry) -> String {
        #"{"id":"\#(id)","object":"file","bytes":\#(card.size),"created_at":\#(inquiry.settings.created),"#
            + #""filename":\#(JSONText.quoted(card.name)),"purpose":\#(JSONText.quoted(card.purpose)),"#
            + #""status":"processed","status_details":null,"expires_at":null}"#
    }

    private static func content(_ card: Card) -> ByteBuffer {
        var content = ByteBuffer()
        content.reserveCapacity(card.size)
        while content.readableBytes < card.size, !card.start.isEmpty {
            content.writeBytes(card.start.prefix(card.size - content.readableBytes))
        }
        return content
    }

    /// The card as base64url (RFC 4648 section 5), without padding.
    private static func id(_ card: Card) throws(MockRefusal) -> String {
        guard let json = try? JSONEncoder().encode(card) else {
            throw .body("The file cannot be named.", param: "file")
        }
        var text = self.prefix
        for byte in json.base64EncodedString().utf8 {
            switch byte {
            case UInt8(ascii: "+"): text += "-"
            case UInt8(ascii: "/"): text += "_"
            case UInt8(ascii: "="): break
            default: text.unicodeScalars.append(UnicodeScalar(byte))
            }
        }
        return text
    }

    private static func card(_ id: String) -> Card? {
        guard id.hasPrefix(self.prefix) else { return nil }
        var text = ""
        for byte in id.utf8.dropFirst(self.prefix.utf8.count) {
            switch byte {
            case UInt8(ascii: "-"): text += "+"
            case UInt8(ascii: "_"): text += "/"
            default: text.unicodeScalars.append(UnicodeScalar(byte))
            }
        }
        text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return Data(base64Encoded: text).flatMap { try? JSONDecoder().decode(Card.self, from: $0) }
    }
}
