import Foundation

/// As much of JSON Schema (draft 2020-12) as the configuration's schema uses; any other keyword is a fault of its own.
struct SchemaValidator {
    private let schema: [String: Any]

    init(_ json: String) throws {
        schema = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any] ?? [:]
    }

    /// What `document` does not keep to.
    func violations(_ document: Any) -> [String] { check(document, schema, "$") }

    private func check(_ value: Any, _ schema: [String: Any], _ path: String) -> [String] {
        var found: [String] = []
        for (keyword, rule) in schema where !holds(value, keyword, rule, schema) { found.append("\(path): \(keyword)") }
        if let members = value as? [String: Any] {
            let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
            for (name, member) in members {
                if let inner = properties[name] {
                    found += check(member, inner, "\(path).\(name)")
                } else if let inner = schema["additionalProperties"] as? [String: Any] {
                    found += check(member, inner, "\(path).\(name)")
                } else if schema["additionalProperties"] as? Bool == false {
                    found.append("\(path).\(name): additionalProperties")
                }
            }
        }
        if let elements = value as? [Any], let inner = schema["items"] as? [String: Any] {
            for (index, element) in elements.enumerated() { found += check(element, inner, "\(path)[\(index)]") }
        }
        return found
    }

    private func holds(_ value: Any, _ keyword: String, _ rule: Any, _ schema: [String: Any]) -> Bool {
        switch keyword {
        case "$schema", "title", "description", "default", "properties", "additionalProperties", "items": return true
        case "type":
            let types = rule as? [String] ?? [rule as? String ?? ""]
            return types.contains { isType(value, $0) }
        case "anyOf": return (rule as? [[String: Any]] ?? []).contains { check(value, $0, "").isEmpty }
        case "enum": return (rule as? [String])?.contains(value as? String ?? "\0") == true
        case "const": return rule as? String == value as? String
        case "pattern":
            guard let text = value as? String, let pattern = rule as? String else { return !(value is String) }
            return text.range(of: pattern, options: .regularExpression) != nil
        case "minLength": return (value as? String)?.count ?? .max >= rule as? Int ?? .max
        case "minimum": return number(value).map { $0 >= number(rule) ?? .infinity } ?? true
        case "maximum": return number(value).map { $0 <= number(rule) ?? -.infinity } ?? true
        case "required":
            guard let members = value as? [String: Any], let names = rule as? [String] else {
                return !(value is [String: Any])
            }
            return names.allSatisfy { members[$0] != nil }
        case "propertyNames":
            guard let members = value as? [String: Any], let inner = rule as? [String: Any] else { return true }
            return members.keys.allSatisfy { check($0, inner, "").isEmpty }
        default: return false
        }
    }

    private func isType(_ value: Any, _ type: String) -> Bool {
        switch type {
        case "object": return value is [String: Any]
        case "array": return value is [Any]
        case "string": return value is String
        case "boolean": return value is Bool
        case "null": return value is NSNull
        case "integer": return !(value is Bool) && value is Int
        case "number": return !(value is Bool) && number(value) != nil
        default: return false
        }
    }

    private func number(_ value: Any) -> Double? { value as? Double ?? (value as? Int).map(Double.init) }
}
