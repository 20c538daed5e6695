import Foundation
import LLMWire
import Testing

/// One exchange of one dialect with what is to be read of it: a file under `Cases`.
///
///     {"about": "…", "operation": "chat.completion",
///      "request": {…}, "expected_request": {…},
///      "framing": "events" | "lines" | "array" | "document" | "binary",
///      "answer": ["line", "line", …], "expected": {…}}
///
/// The answer's lines are joined by line ends; the last one gets none. Request and answer may each be left out.
struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let operation: LLMWire.Operation
    let request: String?
    let expectedRequest: Tree
    let framing: AnswerReader.Framing
    let answer: [String]?
    let expected: Tree

    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    init(_ file: URL, name: String) throws {
        self.name = name
        let octets = [UInt8](try Data(contentsOf: file))
        var document = JSONDocument()
        do {
            try document.read(octets.span.bytes)
        } catch {
            throw Malformed(description: "\(name): no JSON: \(error)")
        }
        let root = document.root
        guard let operation = LLMWire.Operation(rawValue: document.string(document[root, "operation"]) ?? "") else {
            throw Malformed(description: "\(name): no operation")
        }
        self.operation = operation
        request = document[root, "request"].map(document.raw)
        expectedRequest = document[root, "expected_request"].map { Tree(document, $0) } ?? .null
        switch document.string(document[root, "framing"]) {
        case "events": framing = .eventStream
        case "lines": framing = .lines
        case "array": framing = .array
        case "document", nil: framing = .document
        case "binary": framing = .binary
        case let other?: throw Malformed(description: "\(name): no framing is called \(other)")
        }
        let lines = document.elements(document[root, "answer"]).compactMap { document.string($0) }
        answer = document[root, "answer"] == nil ? nil : lines
        expected = document[root, "expected"].map { Tree(document, $0) } ?? .null
        guard (request == nil) == (expectedRequest == .null), (answer == nil) == (expected == .null) else {
            throw Malformed(description: "\(name): what is given and what is expected of it must both be there")
        }
        guard request != nil || answer != nil else { throw Malformed(description: "\(name): nothing is given") }
    }

    var testDescription: String { name }

    /// The line ends that the framing allows: lines of JSON end in LF, or CRLF.
    var lineEnds: [LineEnd] { framing == .lines ? [.lf, .crlf] : LineEnd.allCases }

    /// All there are, by name, and what is wrong with those that cannot be read.
    static let loaded: (cases: [Case], failures: [String]) = {
        let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Cases")
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: directory.path)) ?? []
        var cases: [Case] = []
        var failures: [String] = []
        for name in names.sorted() where name.hasSuffix(".json") {
            do {
                cases.append(try Case(directory.appendingPathComponent(name), name: String(name.dropLast(5))))
            } catch {
                failures.append("\(error)")
            }
        }
        return (cases, failures)
    }()
}
