import LLMWire

/// What must hold of the table of a JSON text, whatever the input; shared by fuzzing and tests.
package enum DocumentInvariants {
    /// What does not hold of `input` as a JSON text; nil where all holds.
    package static func violation(in input: [UInt8]) -> String? {
        var document = JSONDocument()
        // A table that has held another text.
        do {
            try document.read(Array("{\"a\":[1,{\"model\":\"x\"}],\"\":\"\\u00e9\"}".utf8).span.bytes)
        } catch {
            return "a sound text is refused"
        }
        let fault = fault { () throws(JSONFault) in try JSONText.validate(input.span.bytes, maximumDepth: 128) }
        var again = document
        let own = Self.fault { () throws(JSONFault) in try again.read(input.span.bytes, maximumDepth: 128) }
        if own != fault { return "the table's fault is another" }
        guard fault == nil else {
            return again.kind(again.root) == .null && again.range(again.root) == 0..<4 ? nil : "something is left"
        }
        guard let expected = SlowJSON(input) else { return "the slow reader finds nothing" }
        if let difference = expected.difference(again, again.root) { return difference }
        var raw: [UInt8] = []
        again.appendRaw(again.root, to: &raw)
        let space = Set(" \n\r\t".utf8)
        let end = (input.lastIndex { !space.contains($0) } ?? -1) + 1
        return raw.elementsEqual(input[..<end].drop { space.contains($0) }) ? nil : "the whole is not the text"
    }

    private static func fault(_ body: () throws(JSONFault) -> Void) -> JSONFault? {
        do throws(JSONFault) {
            try body()
            return nil
        } catch {
            return error
        }
    }
}
