import LLMWire
import Testing

@Suite struct MultipartFieldsTests {
    private static let form = [
        "--b7", "Content-Disposition: form-data; name=\"model\"", "", "whisper-1",
        "--b7", "content-disposition: form-data; name=\"timestamp_granularities[]\"", "", "word",
        "--b7", "Content-Disposition: form-data; name=\"timestamp_granularities[]\"", "", "segment",
        "--b7", "Content-Disposition: form-data; name=\"file\"; filename=\"a \\\"b\\\"; c.wav\"",
        "Content-Type: audio/wav", "", "RIFF", "--b7x", "--b", "-", "",
        "--b7  ", "Content-Disposition: form-data; name=prompt", "", "Two", "lines",
        "--b7", "Content-Disposition: form-data; name=\"empty\"", "", "",
        "--b7--", "epilogue", "--b7", "Content-Disposition: form-data; name=\"late\"", "", "no", "--b7--",
    ]

    private func read(_ text: String, boundary: String = "b7", cut: Int = 0) -> MultipartFields {
        var fields = MultipartFields(boundary: boundary)
        let octets = Array(text.utf8)
        for piece in [Array(octets[..<cut]), Array(octets[cut...])] { fields.read(piece.span.bytes) }
        fields.finish()
        return fields
    }

    @Test(arguments: ["\r\n", "\n"])
    func readsAFormHoweverItIsCut(_ lineEnd: String) {
        let text = Self.form.joined(separator: lineEnd)
        let whole = read(text)
        #expect(whole.isComplete)
        #expect(whole.dropped == 0)
        #expect(
            whole.fields.map(\.name) == ["model"] + ["timestamp_granularities[]", "timestamp_granularities[]"] + [
                "prompt", "empty",
            ])
        #expect(whole.fields.map(\.value) == ["whisper-1", "word", "segment", "Two\(lineEnd)lines", ""])
        let content = ["RIFF", "--b7x", "--b", "-", ""].joined(separator: lineEnd)
        #expect(whole.files.map(\.name) == ["file"])
        #expect(whole.files.map(\.fileName) == ["a \"b\"; c.wav"])
        #expect(whole.files.map(\.type) == ["audio/wav"])
        #expect(whole.files.map(\.size) == [content.utf8.count])
        for cut in 0...text.utf8.count { #expect(read(text, cut: cut) == whole) }
    }

    @Test func hasWhatCameOfABodyThatEndsEarly() {
        let head = "--b7\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"
        for (rest, size) in [("", 0), ("12345", 5), ("12345\r\n--b", 6), ("12345\r\n--b7", 5), ("12345\r\n--b7-", 5)] {
            let fields = read(head + rest)
            #expect(!fields.isComplete)
            #expect(fields.files.map(\.size) == [size], "\(rest)")
        }
        #expect(read("--b7\r\nContent-Disposition: form-data; na").fields == [])
        #expect(read("").files == [])
    }

    @Test func passesOverAPreambleAndPartsWithoutAName() {
        let fields = read(
            "hello\r\n--b7\r\n\r\nnameless\r\n--b7\r\nX-Any: 1\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b7--"
        )
        #expect(fields.fields.map(\.name) == ["a"])
        #expect(fields.fields.map(\.value) == ["1"])
    }

    @Test func readsExtendedFileNames() {
        let part =
            "--b7\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"; filename*=utf-8''%e2%82%ac.wav\r\n\r\n"
            + "\r\n--b7--"
        #expect(read(part).files.map(\.fileName) == ["€.wav"])
        #expect(read(part.replacing("%e2", with: "%zz")).files.map(\.fileName) == ["x"])
    }

    @Test func keepsLittle() {
        let long = String(repeating: "x", count: MultipartFields.longestValue + 5)
        let part = "--b7\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"
        let fields = read(part + long + "\r\n--b7--")
        #expect(fields.fields.map(\.isCut) == [true])
        #expect(fields.fields.map(\.value.utf8.count) == [MultipartFields.longestValue])
        let many = read(String(repeating: part + "1\r\n", count: MultipartFields.mostParts + 3) + "--b7--")
        #expect(many.fields.count == MultipartFields.mostParts)
        #expect(many.dropped == 3)
        #expect(many.isComplete)
        let head = "--b7\r\nContent-Disposition: form-data; name=\"a\"\r\nX: \(long)\r\n\r\nv\r\n--b7--"
        #expect(read(head).fields.map(\.value) == ["v"])
    }

    @Test func takesTheBoundaryFromTheContentType() {
        #expect(MultipartFields.boundary(contentType: "multipart/form-data; boundary=abc") == "abc")
        #expect(MultipartFields.boundary(contentType: "Multipart/Form-Data;charset=utf-8; Boundary=\"a b\"") == "a b")
        #expect(MultipartFields.boundary(contentType: "multipart/form-data") == nil)
        #expect(MultipartFields.boundary(contentType: "multipart/form-data; boundary=") == nil)
        #expect(MultipartFields.boundary(contentType: "application/json; boundary=abc") == nil)
    }

    @Test func aFormIsATranscriptionsRequest() throws {
        let text =
            (Self.form.prefix(12) + [
                "--b7", "Content-Disposition: form-data; name=\"temperature\"", "", "0.2",
                "--b7", "Content-Disposition: form-data; name=\"response_format\"", "", "verbose_json",
                "--b7", "Content-Disposition: form-data; name=\"stream\"", "", "true",
            ] + Self.form.dropFirst(12)).joined(separator: "\r\n")
        let request = try #require(Operation.transcription.request(multipart: read(text)))
        #expect(request.model == "whisper-1")
        #expect(request.isStream)
        #expect(
            request.parameters == [
                "timestamp_granularities[]": "[\"word\",\"segment\"]", "temperature": "0.2",
                "response_format": "\"verbose_json\"", "empty": "\"\"",
            ])
        let file = Media(kind: .audio, type: "audio/wav", location: "a \"b\"; c.wav", size: 21)
        #expect(request.messages == [Message(.user, [.text("Two\r\nlines"), .media(file)])])
        #expect(Operation.chatCompletion.request(multipart: read(text)) == nil)
    }
}
