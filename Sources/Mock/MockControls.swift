import NIOCore
import NIOHTTP1

/// The faults that a request can ask for with `x-mock-fault`.
enum MockFault: String, Sendable, CaseIterable {
    /// The answer stops; the connection stays open.
    case stall
    /// The connection is closed in order, without the end of the body.
    case cut
    /// The connection is reset (RST over TCP, a plain close elsewhere).
    case reset
    /// Nothing is answered; the connection stays open.
    case stallBeforeHead = "stall-before-head"
    /// Nothing is answered; the connection is closed.
    case closeBeforeHead = "close-before-head"
    /// An error object as an event of the stream, in the dialect's form, then the end of the body.
    case errorEvent = "error-event"
    /// A chunk header that is no hexadecimal number; the connection stays open.
    case badChunk = "bad-chunk"
}

/// What the `x-mock-…` headers of a request ask for; `docs/mock.md` lists them.
struct MockControls: Sendable, Equatable {
    /// `x-mock-status`: 400–599, answered with an error body in place of the answer.
    var status: Int?
    /// `x-mock-retry-after`: seconds, sent as `retry-after`.
    var retryAfter: Int?
    /// `x-mock-delay`: milliseconds before the head.
    var delay = 0
    /// `x-mock-tokens`: how many content tokens the text has.
    var tokens: Int?
    /// `x-mock-reasoning`: how many tokens of reasoning go before the content, whatever the request itself asks.
    var reasoning: Int?
    /// `x-mock-cached-tokens`: how many of the prompt's tokens are reported as read from cache.
    var cachedTokens = 0
    /// `x-mock-tokens-per-second`: the pace of this answer.
    var tokensPerSecond: Double?
    /// `x-mock-tool-call`: names of tools to call, separated by commas.
    var toolCalls: [String] = []
    /// `x-mock-fault`.
    var fault: MockFault?
    /// `x-mock-fault-after`: how many events go out before the fault.
    var faultAfter = 3

    init() {}

    /// Reads the controls; header names that begin with `x-mock-` and are not known, values that make no sense and
    /// repeated fields are refused with 400, so that a mistyped test fails where the mistake is.
    init(_ fields: HTTPHeaders) throws(MockRefusal) {
        var seen: Set<String> = []
        for (name, value) in fields {
            // Without allocating: most fields of most requests are not ours.
            guard name.utf8.prefix(7).elementsEqual("x-mock-".utf8, by: { $0 | 0x20 == $1 }) else { continue }
            let name = name.lowercased()
            guard seen.insert(name).inserted else {
                throw .control(name, value, "given once")
            }
            try self.set(name, value)
        }
    }

    private mutating func set(_ name: String, _ value: String) throws(MockRefusal) {
        switch name {
        case "x-mock-status":
            self.status = try Self.number(name, value, 400...599)
        case "x-mock-retry-after":
            self.retryAfter = try Self.number(name, value, 0...86_400)
        case "x-mock-delay":
            self.delay = try Self.number(name, value, 0...600_000)
        case "x-mock-tokens":
            self.tokens = try Self.number(name, value, 0...1_000_000)
        case "x-mock-reasoning":
            self.reasoning = try Self.number(name, value, 0...1_000_000)
        case "x-mock-cached-tokens":
            self.cachedTokens = try Self.number(name, value, 0...1_000_000_000)
        case "x-mock-tokens-per-second":
            guard let pace = Double(value), (0.01...1_000_000).contains(pace) else {
                throw .control(name, value, "a number from 0.01 to 1000000")
            }
            self.tokensPerSecond = pace
        case "x-mock-tool-call":
            self.toolCalls = value.split(separator: ",").map { $0.trimming(while: { $0 == " " || $0 == "\t" }) }
            guard !self.toolCalls.isEmpty, !self.toolCalls.contains("") else {
                throw .control(name, value, "the name of a tool of the request, or several separated by commas")
            }
        case "x-mock-fault":
            guard let fault = MockFault(rawValue: value) else {
                let known = MockFault.allCases.map(\.rawValue).joined(separator: ", ")
                throw .control(name, value, "one of \(known)")
            }
            self.fault = fault
        case "x-mock-fault-after":
            self.faultAfter = try Self.number(name, value, 0...1_000_000)
        default:
            throw MockRefusal(
                status: 400, message: "The mock does not know the header \(name); docs/mock.md lists those it knows.",
                type: "invalid_request_error", param: name, code: "unknown_mock_header")
        }
    }

    private static func number(
        _ name: String, _ value: String, _ range: ClosedRange<Int>
    ) throws(MockRefusal) -> Int {
        guard let number = Int(value), range.contains(number) else {
            throw .control(name, value, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}

extension Substring {
    fileprivate func trimming(while drop: (Character) -> Bool) -> String {
        var rest = self.drop(while: drop)
        while let last = rest.last, drop(last) { rest.removeLast() }
        return String(rest)
    }
}
