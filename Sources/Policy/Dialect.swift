package import HTTP1
package import LLMWire

extension Dialect {
    /// Tells the dialect from the path and the `anthropic-version` field, never from a credential.
    package init(_ head: RawSpan, target: Range<Int>, fields: [Field]) {
        let hasVersion = fields.contains { $0.name == .other && head.matches($0.nameRange, "anthropic-version") }
        self.init(path: head.extracting(head.path(of: target)), hasAnthropicVersion: hasVersion)
    }
}
