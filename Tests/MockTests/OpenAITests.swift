import FoundationEssentials
import NIOCore
import NIOHTTP1
import Testing

@testable import Mock

/// What OpenAI has besides Chat Completions and Responses.
@Suite struct OpenAITests {
    // MARK: Chat's reasoning

    @Test func streamsReasoningBeforeText() throws {
        let answer = Speaker.chat.answer(
            isStreamed: true, more: #","n":2,"stream_options":{"include_usage":true}"#,
            fields: ["x-mock-reasoning": "2"])
        let data = try eventData(answer.bodyText).dropLast().map { try json($0) }
        for index in 0..<2 {
            let deltas = data.map { $0["choices"][0] }.filter { $0["index"].int == index }.map { $0["delta"] }
            #expect(deltas.compactMap { $0["reasoning_content"].string } == ["The", " mock"])
            let first = try #require(deltas.firstIndex { $0["content"].string?.isEmpty == false })
            let last = try #require(deltas.lastIndex { $0["reasoning_content"].string != nil })
            #expect(last < first)
        }
        let usage = try #require(data.last)["usage"]
        #expect(usage["completion_tokens_details"]["reasoning_tokens"].int == 4)
        #expect(usage["completion_tokens"].int == 20)
    }

    // MARK: Completions

    @Test func completesPrompts() throws {
        let plain = try json(
            script(.POST, "/v1/completions", #"{"model":"m","prompt":["one","two"],"n":2}"#).bodyText)
        #expect(plain["object"].string == "text_completion")
        let texts = plain["choices"].elements.compactMap { $0["text"].string?.suffix(3) }
        #expect(texts == ["one", "one", "two", "two"])
        #expect(plain["choices"].elements.map { $0["index"].int } == [0, 1, 2, 3])
        #expect(plain["usage"]["prompt_tokens"].int == 2)
        #expect(plain["usage"]["total_tokens"].int == 34)
        let numbers = #"{"model":"m","prompt":[[100000,200000],[300000]]}"#
        let tokens = try json(
            script(.POST, "/v1/completions", numbers, fields: ["x-mock-cached-tokens": "3"]).bodyText)
        #expect(tokens["usage"]["prompt_tokens"].int == 3)
        #expect(tokens["usage"]["prompt_tokens_details"]["cached_tokens"].int == 3)
        let more = script(.POST, "/v1/completions", numbers, fields: ["x-mock-cached-tokens": "4"])
        #expect(more.status == .badRequest)
    }

    @Test func streamsCompletions() throws {
        let body = #"{"model":"m","prompt":["one","two"],"stream":true,"stream_options":{"include_usage":true}}"#
        let stream = script(.POST, "/completions", body).bodyText
        #expect(stream.hasSuffix("data: [DONE]\n\n"))
        let chunks = try eventData(stream).dropLast().map { try json($0) }
        for (index, word) in ["one", "two"].enumerated() {
            let choices = chunks.map { $0["choices"][0] }.filter { $0["index"].int == index }
            #expect(
                choices.compactMap { $0["text"].string }.joined() == "This is the mock speaking. You said: \(word)")
            #expect(choices.last?["finish_reason"].string == "stop")
        }
        #expect(chunks.last?["usage"]["completion_tokens"].int == 16)
        #expect(chunks.dropLast().allSatisfy { $0["usage"] == .null && $0.names.contains("usage") })
        let many = #"{"model":"m","prompt":["a","b"],"n":33}"#
        #expect(try script(.POST, "/v1/completions", many).error.param == "n")
    }

    // MARK: Embeddings

    @Test func embedsAlikeInBothForms() throws {
        let floats = try json(
            script(.POST, "/v1/embeddings", #"{"model":"m","input":["a b","c"],"dimensions":3}"#).bodyText)
        let base64 = try json(
            script(
                .POST, "/v1/embeddings",
                #"{"model":"m","input":["a b","c"],"dimensions":3,"encoding_format":"base64"}"#
            ).bodyText)
        #expect(floats["usage"]["prompt_tokens"].int == 2)
        for index in 0..<2 {
            let numbers = floats["data"][index]["embedding"].elements.map { Float($0.json) }
            let text = try #require(base64["data"][index]["embedding"].string)
            let bytes = try #require(Data(base64Encoded: text))
            let decoded = stride(from: 0, to: bytes.count, by: 4).map { start in
                Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) })
            }
            #expect(numbers == decoded)
            #expect(decoded.count == 3)
            #expect(abs(decoded.reduce(0) { $0 + $1 * $1 } - 1) < 0.001)
        }
    }

    @Test func placesLikeTextsNearEachOther() {
        func likeness(_ one: String, _ other: String) -> Float {
            zip(Embedding.vector(one, dimensions: 64), Embedding.vector(other, dimensions: 64))
                .reduce(0) { $0 + $1.0 * $1.1 }
        }
        #expect(likeness("the weather in Paris", "the weather in Rome") > likeness("the weather in Paris", "a b c d"))
        #expect(Embedding.vector("", dimensions: 4).count == 4)
    }

    @Test(
        arguments: [
            (#"{"model":"m","input":[]}"#, "input"), (#"{"model":"m","input":[1.5]}"#, "input[0]"),
            (#"{"model":"m","input":"a","dimensions":0}"#, "dimensions"),
            (#"{"model":"m","input":"a","encoding_format":"hex"}"#, "encoding_format"),
        ])
    func refusesWhatItCannotEmbed(body: String, param: String) throws {
        let answer = script(.POST, "/v1/embeddings", body)
        #expect(answer.status == .badRequest)
        #expect(try answer.error.param == param)
    }

    // MARK: Forms

    private func form(_ parts: [(head: String, content: String)], type: String? = nil, end: String = "--\r\n")
        -> (body: String, fields: HTTPHeaders)
    {
        let body = parts.map { "--XyZ\r\nContent-Disposition: form-data; \($0.head)\r\n\r\n\($0.content)\r\n" }
        return (body.joined() + "--XyZ\(end)", ["content-type": type ?? "multipart/form-data; boundary=XyZ"])
    }

    @Test func keepsAFileInItsID() throws {
        let content = "{\"a\":1}\r\n--Xy\r\n\u{0}end"
        let (body, fields) = self.form([
            (#"name="purpose""#, "batch"),
            (#"name="file"; filename="a é.jsonl"\#r\#nContent-Type: application/jsonl"#, content),
        ])
        let made = try json(script(.POST, "/v1/files", body, fields: fields).bodyText)
        let id = try #require(made["id"].string)
        #expect(made["bytes"].int == content.utf8.count)
        #expect(made["filename"].string == "a é.jsonl")
        #expect(made["purpose"].string == "batch")
        #expect(try json(script(.GET, "/v1/files/\(id)").bodyText) == made)
        #expect(script(.GET, "/v1/files/\(id)/content").bodyText == content)
        #expect(try json(script(.DELETE, "/v1/files/\(id)").bodyText)["deleted"] == .bool(true))
        let list = try json(script(.GET, "/v1/files?limit=3").bodyText)["data"]
        let listed = try #require(list[0]["id"].string)
        #expect(script(.GET, "/v1/files/\(listed)/content").bodyText.utf8.count == list[0]["bytes"].int)
        for unknown in ["file-mock-", "file-mock-e30", "file-other", "\(id)x/content", "\(id)/contents"] {
            #expect(script(.GET, "/v1/files/\(unknown)").status == .notFound, "\(unknown)")
        }
    }

    @Test func repeatsTheBeginningOfALongFile() throws {
        let content = String(repeating: "0123456789", count: 1_000)
        let (body, fields) = self.form([
            (#"name="file"; filename="b""#, content), (#"name=purpose"#, "user_data"),
        ])
        let made = try json(script(.POST, "/v1/files", body, fields: fields).bodyText)
        let id = try #require(made["id"].string)
        let read = script(.GET, "/v1/files/\(id)/content").bodyText
        #expect(read.utf8.count == content.utf8.count)
        #expect(read.prefix(OpenAIFiles.longestStart) == content.prefix(OpenAIFiles.longestStart))
    }

    @Test func refusesAFormCutAnywhere() throws {
        let (body, fields) = self.form([(#"name="purpose""#, "batch"), (#"name="file"; filename="a""#, "x\r\n--y")])
        // All but the line feed after the last boundary matters.
        for length in 0..<(body.utf8.count - 2) {
            let cut = String(decoding: body.utf8.prefix(length), as: UTF8.self)
            #expect(script(.POST, "/v1/files", cut, fields: fields).status == .badRequest, "\(length)")
        }
        #expect(script(.POST, "/v1/files", body, fields: fields).status == .ok)
    }

    @Test func refusesFormsThatAreNone() throws {
        let good = [(#"name="file"; filename="a""#, "x"), (#"name="purpose""#, "batch")]
        let cases = [
            self.form(good, type: "application/json"), self.form(good, type: "multipart/form-data"),
            self.form(good, type: "multipart/form-data; boundary=other"), self.form(good, end: ""),
            self.form([("filename=x", "y")]), self.form([good[0]]), self.form([good[1]]),
            self.form(Array(repeating: good[0], count: MultipartForm.mostParts + 1)),
        ]
        for (body, fields) in cases {
            let answer = script(.POST, "/v1/files", body, fields: fields)
            #expect(answer.status == .badRequest, "\(fields)")
            #expect(try !answer.error.message.isEmpty)
        }
        #expect(script(.POST, "/v1/files", "").status == .badRequest)
    }

    // MARK: Audio

    @Test func speaksAWave() throws {
        let body = #"{"model":"m","voice":"alloy","input":"Hello there","response_format":"mp3"}"#
        let answer = script(.POST, "/v1/audio/speech", body)
        #expect(answer.fields["content-type"] == ["audio/wav"])
        guard case .whole(var file) = answer.body else {
            Issue.record("no body")
            return
        }
        let length = file.readableBytes
        #expect(file.readString(length: 4) == "RIFF")
        #expect(file.readInteger(endianness: .little, as: UInt32.self) == UInt32(length - 8))
        #expect(file.readString(length: 8) == "WAVEfmt ")
        file.moveReaderIndex(forwardBy: 24 - 4)
        #expect(file.readString(length: 4) == "data")
        #expect(file.readInteger(endianness: .little, as: UInt32.self) == UInt32(length - 44))
        let streamed = script(
            .POST, "/v1/audio/speech", #"{"model":"m","input":"Hello there","stream_format":"sse"}"#)
        let events = try namedEvents(streamed.bodyText).map(\.data)
        let sound = events.dropLast().compactMap { $0["audio"].string.flatMap { Data(base64Encoded: $0) } }.joined()
        #expect(sound.count == length)
        #expect(events.last?["type"].string == "speech.audio.done")
        #expect(try script(.POST, "/v1/audio/speech", #"{"model":"m","input":""}"#).error.param == "input")
    }

    @Test(arguments: ["/v1/audio/transcriptions", "/v1/audio/translations"])
    func transcribes(target: String) throws {
        let spoken = "This is the mock listening. You sent 250 bytes."
        let parts = [
            (#"name="file"; filename="a.wav""#, String(repeating: "s", count: 250)), (#"name="model""#, "whisper-1"),
        ]
        func answer(_ more: (String, String)...) -> MockScript {
            let (body, fields) = self.form(parts + more)
            return script(.POST, target, body, fields: fields)
        }
        let plain = try json(answer().bodyText)
        #expect(plain["text"].string == spoken)
        #expect(plain["usage"]["input_tokens"].int == 3)
        #expect(plain["usage"]["total_tokens"].int == 12)
        #expect(answer((#"name="response_format""#, "text")).bodyText == "\(spoken)\n")
        #expect(answer((#"name="response_format""#, "srt")).bodyText.contains(" --> "))
        #expect(answer((#"name="response_format""#, "vtt")).bodyText.hasPrefix("WEBVTT\n\n"))
        let verbose = try json(answer((#"name="response_format""#, "verbose_json")).bodyText)
        #expect(verbose["segments"][0]["text"].string == spoken)
        #expect(try answer((#"name="response_format""#, "odd")).error.param == "response_format")
        let events = try namedEvents(answer((#"name="stream""#, "true")).bodyText).map(\.data)
        #expect(events.dropLast().compactMap { $0["delta"].string }.joined() == spoken)
        #expect(events.last?["text"].string == spoken)
        #expect(events.last?["usage"] == plain["usage"])
    }
}
