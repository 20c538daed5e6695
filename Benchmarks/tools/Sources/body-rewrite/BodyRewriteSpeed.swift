import LLMWire

/// Prints how fast bodies are read for what a route changes and masks in them: median, in millions of octets a second.
@main
struct BodyRewriteSpeed {
    static func main() throws {
        let rewrite = try BodyRewrite(
            fieldAliases: [("model", "model_id"), ("max_tokens", "max_completion_tokens")],
            modelAliases: [("gpt-4", "anthropic/claude-sonnet-4")], setBody: [("stream", "true")])
        for (name, body) in bodies {
            let octets = Array(body.utf8)
            print("\(name): \(octets.count) octets")
            report("  validate", octets) { body in
                do throws(JSONFault) {
                    try JSONText.validate(body)
                    return 1
                } catch {
                    return 0
                }
            }
            report("  edits", octets) { 1 + (rewrite.edits(of: $0)?.count ?? 0) }
            report("  mask", octets) { body in
                var mask = JSONKeyMask(names: ["api_key", "password"], framing: .document)
                var masked = 1
                mask.read(body) { range, _ in masked += range.count }
                return masked
            }
            report("  model and stream", octets) { TopLevelFields.modelAndStream(in: $0).stream == nil ? 1 : 2 }
        }
    }

    private static let bodies: [(String, String)] = [
        ("image", chat(messages: 1, content: "A", repeated: 5_000_000)),
        ("chat, English", chat(messages: 400, content: "The quick brown fox jumps over it.\\n", repeated: 12)),
        ("chat, Chinese", chat(messages: 400, content: "敏捷的棕色狐狸跳过了懒狗。", repeated: 12)),
        ("chat, code", chat(messages: 400, content: "\\tlet a = \\\"b\\\"\\n", repeated: 24)),
        ("tools, indented", "[" + Array(repeating: tool, count: 800).joined(separator: ",\n") + "]"),
        ("short", chat(messages: 1, content: "Hello there. ", repeated: 1)),
        ("numbers", "[" + Array(repeating: "0.0123,-1,12e5", count: 20_000).joined(separator: ",") + "]"),
    ]

    private static func chat(messages: Int, content: String, repeated: Int) -> String {
        let message = "{\"role\":\"user\",\"content\":\"" + String(repeating: content, count: repeated) + "\"}"
        return "{\"model\":\"gpt-4\",\"max_tokens\":1024,\"temperature\":0.7,\"messages\":["
            + Array(repeating: message, count: messages).joined(separator: ",") + "],\"stream\":false}"
    }

    private static let tool = """
        {
          "type": "function",
          "function": {
            "name": "read_file",
            "description": "Reads a file.",
            "parameters": {
              "type": "object",
              "properties": { "path": { "type": "string" }, "limit": { "type": "integer", "minimum": 1 } },
              "required": ["path"]
            }
          }
        }
        """

    private static func report(_ name: String, _ body: [UInt8], _ read: (RawSpan) -> Int) {
        let clock = ContinuousClock()
        let rounds = max(1, 20_000_000 / body.count)
        var speeds: [Double] = []
        for _ in 0..<9 {
            var total = 0
            let time = clock.measure {
                for _ in 0..<rounds { total += read(body.span.bytes) }
            }
            guard total > 0 else { return print("\(name): the body is not read") }
            let seconds = Double(time.components.attoseconds) / 1e18 + Double(time.components.seconds)
            speeds.append(Double(rounds * body.count) / seconds / 1e6)
        }
        print("\(name): \(Int(speeds.sorted()[speeds.count / 2])) MB/s")
    }
}
