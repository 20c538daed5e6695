import HTTP1
import HTTP1Invariants
import NIOCore

/// A message as a reader understood it, in a form in which two readers can be compared.
struct ReadMessage: Equatable {
    /// The method, or the status.
    var start = ""
    var target = ""
    var isHTTP10 = false
    /// Names and values, white space around the values taken off.
    var fields: [String] = []
    var body: [UInt8] = []
    /// The trailer fields that are passed on.
    var trailers: [String] = []
}

/// What a reader made of all of an input and its end.
struct Reading {
    /// The whole messages.
    var messages: [ReadMessage] = []
    /// Whether and why the rest was refused, an unexpected end included.
    var refusal: String?
    /// Whether the rest was not looked at: the connection ends after the last message, or changes its protocol.
    var ignoresRest = false
    /// The last message that had been begun.
    var begun = ReadMessage()
    /// What only our reader knows of each message that it began.
    var notes: [Note] = []

    /// What explains that another reader refuses or reads otherwise.
    struct Note {
        /// Names of the fields in the trailer section, in small letters, dropped ones included.
        var trailerNames: Set<String> = []
    }
}

/// Strings our machines together as a peer of the connection would, without forwarding anything.
struct OurReader {
    private var reading = Reading()
    private var rest: ArraySlice<UInt8> = []

    /// Reads `input` in runs that `generator` cuts.
    ///
    /// - Parameter methods: for responses, the methods of the requests that they answer; nil reads requests.
    static func read(_ input: [UInt8], answering methods: [String]?, _ generator: inout SplitMix64) -> Reading {
        var reader = OurReader()
        reader.rest = input[...]
        reader.run(methods, &generator)
        return reader.reading
    }

    private mutating func run(_ methods: [String]?, _ generator: inout SplitMix64) {
        var methods = methods
        while true {
            let octets = Array(rest)
            let cuts = [generator.below(octets.count + 1)]
            let answersHEAD = methods?.first == "HEAD"
            let head = HeadRun(
                octets, role: methods == nil ? .request : .response, answersHEAD: answersHEAD, cuts: cuts)
            if let fault = head.fault { return refuse("\(fault)") }
            guard let length = head.length else {
                if octets.contains(where: { $0 != 13 && $0 != 10 }) { refuse("cut off in the head") }
                return
            }
            if methods?.isEmpty == true { return refuse("an answer that nobody asked for") }
            reading.begun = Self.message(head, octets)
            reading.notes.append(Reading.Note())
            rest = rest.dropFirst(length)
            guard readBody(head.request?.framing ?? head.response?.framing ?? .none, &generator) else { return }
            reading.messages.append(reading.begun)
            if let request = head.request, !request.isPersistent || request.asksForUpgrade { return ignoreRest() }
            if let response = head.response {
                // An interim response says nothing about the end of the connection: the final one is still to come.
                if response.isInterim { continue }
                methods?.removeFirst()
                if !response.isPersistent { return ignoreRest() }
            }
        }
    }

    private mutating func readBody(_ framing: BodyFraming, _ generator: inout SplitMix64) -> Bool {
        switch framing {
        case .none: return true
        case .length(let count):
            guard UInt64(rest.count) >= count else {
                refuse("cut off in the body")
                return false
            }
            reading.begun.body = Array(rest.prefix(Int(count)))
            rest = rest.dropFirst(Int(count))
        case .untilClose:
            reading.begun.body = Array(rest)
            rest = []
        case .chunked:
            let octets = Array(rest)
            let cuts = (0..<generator.below(4)).map { _ in generator.below(octets.count + 1) }.sorted()
            let run = ChunkedRun(octets, cuts: cuts)
            guard run.end == .ended else {
                refuse("\(run.end)")
                return false
            }
            reading.begun.body = run.payload
            reading.begun.trailers = Self.lines(run.trailers)
            reading.notes[reading.notes.count - 1].trailerNames = Self.trailerNames(octets[..<run.consumed])
            rest = rest.dropFirst(run.consumed)
        }
        return true
    }

    private mutating func refuse(_ why: String) { reading.refusal = why }

    private mutating func ignoreRest() { reading.ignoresRest = !rest.isEmpty }

    private static func message(_ head: HeadRun, _ octets: [UInt8]) -> ReadMessage {
        var message = ReadMessage()
        if head.request != nil {
            let line = head.parser.requestLine
            message.start = text(octets[line.method])
            message.target = text(octets[line.target])
            message.isHTTP10 = line.version == .http10
        } else {
            message.start = String(head.parser.statusLine.status)
            message.isHTTP10 = head.parser.statusLine.version == .http10
        }
        message.fields = head.parser.fields.map { text(octets[$0.nameRange]) + ": " + text(octets[$0.valueRange]) }
        return message
    }

    /// Field lines in one form: `name: value`.
    private static func lines(_ octets: [UInt8]) -> [String] {
        octets.split(separator: 10).map { line in
            let colon = line.firstIndex(of: 58) ?? line.startIndex
            return text(line[..<colon]) + ": " + trimmed(text(line[(colon + 1)...].dropLast()))
        }
    }

    /// The names in the trailer section at the end of `body`, which is a whole chunked body.
    private static func trailerNames(_ body: ArraySlice<UInt8>) -> Set<String> {
        var names: Set<String> = []
        for line in body.dropLast(2).split(separator: 10, omittingEmptySubsequences: false).reversed().dropFirst() {
            guard let colon = line.firstIndex(of: 58), Octet.isTokenCharacter(line.first ?? 0) else { break }
            names.insert(text(line[..<colon]).lowercased())
        }
        return names
    }

    static func text(_ octets: some Sequence<UInt8>) -> String { String(decoding: Array(octets), as: UTF8.self) }

    static func trimmed(_ value: String) -> String {
        let isBlank: (Unicode.Scalar) -> Bool = { $0 == " " || $0 == "\t" }
        var scalars = value.unicodeScalars[...]
        while let first = scalars.first, isBlank(first) { scalars.removeFirst() }
        while let last = scalars.last, isBlank(last) { scalars.removeLast() }
        return String(scalars)
    }
}
