/// As much of a tool's JSON schema as it takes to make arguments that fit it.
///
/// Never fails to decode: whatever it does not understand is argued with a string.
struct ToolSchema: Decodable {
    private var type: String?
    private var choices: [String] = []
    private var properties: [String: ToolSchema] = [:]

    private enum CodingKeys: String, CodingKey {
        case type, properties
        case choices = "enum"
    }

    init(from decoder: any Decoder) throws {
        guard let fields = try? decoder.container(keyedBy: CodingKeys.self) else { return }
        // Gemini writes the types in upper case.
        self.type =
            ((try? fields.decode(String.self, forKey: .type))
            ?? (try? fields.decode([String].self, forKey: .type))?.first)?.lowercased()
        self.choices = (try? fields.decode([String].self, forKey: .choices)) ?? []
        self.properties = (try? fields.decode([String: ToolSchema].self, forKey: .properties)) ?? [:]
    }

    /// Arguments for a tool with this schema, the properties in the order of their names.
    static func arguments(for schema: ToolSchema?) -> String {
        self.object(schema?.properties ?? [:])
    }

    private static func object(_ properties: [String: ToolSchema]) -> String {
        let members = properties.sorted { $0.key < $1.key }
            .map { "\(JSONText.quoted($0.key)):\($0.value.example)" }
        return "{\(members.joined(separator: ","))}"
    }

    private var example: String {
        switch self.type {
        case "integer", "number": "1"
        case "boolean": "true"
        case "null": "null"
        case "array": "[]"
        case "object": Self.object(self.properties)
        default: JSONText.quoted(self.choices.first ?? "mock")
        }
    }
}
