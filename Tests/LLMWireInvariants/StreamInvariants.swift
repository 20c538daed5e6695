import LLMWire

/// What must hold of the parting of streams, whatever the input; shared by fuzzing and tests.
package enum StreamInvariants {
    /// An event, or a line or element without a name.
    private struct Piece: Equatable {
        var name: [UInt8] = []
        var data: [UInt8] = []
    }

    /// Reads an input of the fuzzer: an octet that chooses kind and cuts, then the stream; nil where all holds.
    package static func violation(inFuzzInput input: [UInt8]) -> String? {
        guard let choice = input.first else { return nil }
        let stream = Array(input.dropFirst())
        let step = Int(choice) / 3 % 16 + 1
        let cut = stream.count * Int(choice) / 256
        let cuts = [[cut], Array(Swift.stride(from: 0, to: stream.count, by: step).dropFirst())]
        let read = [events, lines, elements][Int(choice) % 3]
        let whole = read([stream])
        for cuts in cuts where read(pieces(stream, cuts)) != whole { return "other pieces when cut" }
        switch choice % 3 {
        case 0: return whole == slowEvents(stream) ? nil : "the slow reader has other events"
        case 1: return whole == slowLines(stream) ? nil : "the slow reader has other lines"
        default:
            if whole.reduce(0, { $0 + $1.data.count }) > stream.count { return "more than was read" }
            return whole.contains { $0.data.isEmpty } ? "an empty element" : nil
        }
    }

    private static func pieces(_ stream: [UInt8], _ cuts: [Int]) -> [[UInt8]] {
        zip([0] + cuts, cuts + [stream.count]).map { Array(stream[$0..<$1]) }
    }

    private static func events(_ pieces: [[UInt8]]) -> [Piece] {
        var parser = EventStreamParser()
        var found: [Piece] = []
        for piece in pieces {
            var index = 0
            while parser.advance(piece.span.bytes, &index) { found.append(Piece(name: parser.name, data: parser.data)) }
        }
        if parser.finish() { found.append(Piece(name: parser.name, data: parser.data)) }
        return found
    }

    private static func lines(_ pieces: [[UInt8]]) -> [Piece] {
        var parser = LineParser()
        var found: [Piece] = []
        for piece in pieces {
            var index = 0
            while parser.advance(piece.span.bytes, &index) { found.append(Piece(data: parser.line)) }
        }
        if parser.finish() { found.append(Piece(data: parser.line)) }
        return found
    }

    private static func elements(_ pieces: [[UInt8]]) -> [Piece] {
        var parser = ArrayParser()
        var found: [Piece] = []
        for piece in pieces {
            var index = 0
            while parser.advance(piece.span.bytes, &index) { found.append(Piece(data: parser.element)) }
        }
        if parser.finish() { found.append(Piece(data: parser.element)) }
        return found
    }

    private static func slowLines(_ stream: [UInt8]) -> [Piece] {
        stream.split(separator: 0x0A).compactMap { line in
            let line = line.last == 0x0D ? line.dropLast() : line
            return line.isEmpty ? nil : Piece(data: Array(line))
        }
    }

    /// WHATWG HTML §9.2.6 word by word, but for an event at the end, which counts without its empty line.
    private static func slowEvents(_ stream: [UInt8]) -> [Piece] {
        var rest = stream.starts(with: [0xEF, 0xBB, 0xBF]) ? stream.dropFirst(3) : stream[...]
        var found: [Piece] = []
        var data: [[UInt8]] = []
        var name: [UInt8] = []
        func dispatch() {
            if !data.isEmpty || !name.isEmpty {
                found.append(Piece(name: name, data: Array(data.joined(separator: [10]))))
            }
            (data, name) = ([], [])
        }
        while !rest.isEmpty {
            let line = rest.prefix { $0 != 0x0A && $0 != 0x0D }
            rest = rest[line.endIndex...]
            if rest.popFirst() == 0x0D, rest.first == 0x0A { rest.removeFirst() }
            let field = line.prefix { $0 != 0x3A }
            var value = line[field.endIndex...].dropFirst()
            if value.first == 0x20 { value.removeFirst() }
            if line.isEmpty {
                dispatch()
            } else if field.elementsEqual("data".utf8) {
                data.append(Array(value))
            } else if field.elementsEqual("event".utf8) {
                name = Array(value)
            }
        }
        dispatch()
        return found
    }
}
