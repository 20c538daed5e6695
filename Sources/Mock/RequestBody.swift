import FoundationEssentials
import NIOCore

/// Reading of JSON bodies, with refusals that name the member at fault.
enum RequestBody {
    /// Decodes a body; throws what OpenAI would answer, with the field at fault as `param`.
    ///
    /// - Parameter takesSnakeCase: whether `max_tokens` stands for `maxTokens` too.
    static func read<Value: Decodable>(
        _ type: Value.Type, _ body: ByteBuffer, takesSnakeCase: Bool = false
    ) throws(MockRefusal) -> Value {
        let decoder = JSONDecoder()
        if takesSnakeCase { decoder.keyDecodingStrategy = .convertFromSnakeCase }
        do {
            return try decoder.decode(type, from: Data(body.readableBytesView))
        } catch let error as DecodingError {
            throw MockRefusal(error)
        } catch {
            throw .body("The body could not be read: \(error)", param: nil)
        }
    }
}

/// A text that a dialect writes as a string or as an array of parts; the texts of several parts are joined by line
/// feeds, parts without text are passed over.
struct PartedText: Decodable {
    var text: String

    private struct Part: Decodable { var text: String? }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self.text = text
        } else {
            self.text = try container.decode([Part].self).compactMap(\.text).joined(separator: "\n")
        }
    }
}

/// One string or several.
struct OneOrMany: Decodable {
    var texts: [String]

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self.texts = [text]
        } else {
            self.texts = try container.decode([String].self)
        }
    }
}

extension MockRefusal {
    /// A body that is no JSON, or not of the form of a request.
    fileprivate init(_ error: DecodingError) {
        switch error {
        case .keyNotFound(let key, let context):
            let param = Self.path(context.codingPath + [key])
            self = .body("\(param) is missing.", param: param)
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            let param = Self.path(context.codingPath)
            self = .body(
                param.isEmpty
                    ? "The body must be a JSON object."
                    : "\(param) has the wrong type: \(Self.name(type)) is expected.",
                param: param.isEmpty ? nil : param)
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            let param = Self.path(context.codingPath)
            self = .body("\(param) cannot be read: \(context.debugDescription).", param: param)
        default:
            self = .body("The body is not valid JSON.", param: nil)
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.reduce(into: "") { path, key in
            if let index = key.intValue {
                path += "[\(index)]"
            } else {
                path += path.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
    }

    private static func name(_ type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "a boolean"
        case is Int.Type: "a whole number"
        case is [Any].Type: "an array"
        default: "another"
        }
    }
}
