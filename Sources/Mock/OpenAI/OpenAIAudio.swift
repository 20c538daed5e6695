import FoundationEssentials
import NIOCore

/// OpenAI's speech, transcription and translation, with small answers.
/// https://platform.openai.com/docs/api-reference/audio
enum OpenAIAudio {
    // MARK: Speech

    private struct SpeechRequest: Decodable {
        var model: String
        var input: String
        var streamFormat: String?

        private enum CodingKeys: String, CodingKey {
            case model, input
            case streamFormat = "stream_format"
        }
    }

    /// Sound of one token of text: a hundredth of a second.
    private static let samplesPerToken = 80
    private static let sampleRate = 8_000
    private static let mostTokens = 1_000

    /// `POST /audio/speech`: a WAV file whatever `response_format` asks for, a hundredth of a second a token.
    static func speech(_ inquiry: Inquiry) throws(MockRefusal) -> MockScript {
        let request = try inquiry.body(SpeechRequest.self)
        if request.input.isEmpty { throw .body("input is empty: it needs a text to speak.", param: "input") }
        let prompt = (request.input.utf8.count + 3) / 4
        let tokens = min(Pieces(request.input).count, self.mostTokens)
        let sound = self.wave(tokens: max(1, tokens))
        guard request.streamFormat == "sse" else { return MockScript(type: "audio/wav", sound) }
        let usage = #"{"input_tokens":\#(prompt),"output_tokens":\#(tokens),"total_tokens":\#(prompt + tokens)}"#
        let pieces = stride(from: 0, to: sound.readableBytes, by: 4_096).map { start -> EventTrack.Segment in
            let piece = Data(sound.readableBytesView.dropFirst(start).prefix(4_096)).base64EncodedString()
            return .event(#"data: {"type":"speech.audio.delta","audio":"\#(piece)"}"# + "\n\n")
        }
        return MockScript(
            events: EventTrack(
                pieces + [.event(#"data: {"type":"speech.audio.done","usage":\#(usage)}"# + "\n\n")],
                error: "data: \(Dialect.openAI.failure)\n\n"),
            pace: inquiry.pace)
    }

    /// A soft tone of 250 Hz as 16-bit PCM, one channel, in a RIFF file.
    private static func wave(tokens: Int) -> ByteBuffer {
        let samples = tokens * self.samplesPerToken
        var file = ByteBuffer()
        file.writeStaticString("RIFF")
        file.writeInteger(UInt32(36 + samples * 2), endianness: .little)
        file.writeStaticString("WAVEfmt ")
        file.writeInteger(UInt32(16), endianness: .little)
        file.writeInteger(UInt16(1), endianness: .little)
        file.writeInteger(UInt16(1), endianness: .little)
        file.writeInteger(UInt32(self.sampleRate), endianness: .little)
        file.writeInteger(UInt32(self.sampleRate * 2), endianness: .little)
        file.writeInteger(UInt16(2), endianness: .little)
        file.writeInteger(UInt16(16), endianness: .little)
        file.writeStaticString("data")
        file.writeInteger(UInt32(samples * 2), endianness: .little)
        for sample in 0..<samples {
            let phase = sample % 32
            file.writeInteger(Int16((phase < 16 ? phase - 8 : 24 - phase) * 250), endianness: .little)
        }
        return file
    }

    // MARK: Transcription

    /// `POST /audio/transcriptions` and `/audio/translations`: says what was sent, in the form asked for.
    static func transcription(_ inquiry: Inquiry) throws(MockRefusal) -> MockScript {
        let form = try MultipartForm(inquiry)
        guard let file = form["file"] else { throw .body("file is missing.", param: "file") }
        guard let model = form["model"]?.text else { throw .body("model is missing.", param: "model") }
        var prompt = Prompt(model: model)
        prompt.add(.user, form["prompt"]?.text ?? "")
        var text = Pieces("This is the mock listening. You sent \(file.content.readableBytes) bytes.")
        if let count = inquiry.controls.tokens { text.resize(to: count, filler: Reply.filler) }

        // A token of sound for every hundred bytes of the file.
        let sound = (file.content.readableBytes + 99) / 100
        let input = prompt.tokens + sound
        let usage =
            #"{"type":"tokens","input_tokens":\#(input),"output_tokens":\#(text.count),"#
            + #""total_tokens":\#(input + text.count),"#
            + #""input_token_details":{"text_tokens":\#(prompt.tokens),"audio_tokens":\#(sound)}}"#
        if form["stream"]?.text == "true" {
            let delta: EventTrack.Frame = #"data: {"type":"transcript.text.delta","delta":"\#(.token)"}\#("\n\n")"#
            let done = #"data: {"type":"transcript.text.done","text":"\#(text.joined)","usage":\#(usage)}"# + "\n\n"
            return MockScript(
                events: EventTrack(
                    [.tokens(text, frames: [delta]), .event(done)], error: "data: \(Dialect.openAI.failure)\n\n"),
                pace: inquiry.pace)
        }
        // Nothing in it needs an escape.
        let plain = text.joined
        switch form["response_format"]?.text ?? "json" {
        case "text":
            return self.plain("\(plain)\n")
        case "srt":
            return self.plain("1\n00:00:00,000 --> 00:00:01,000\n\(plain)\n\n")
        case "vtt":
            return self.plain("WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n\(plain)\n\n")
        case "verbose_json":
            return MockScript(
                json: #"{"task":"transcribe","language":"english","duration":1.0,"text":"\#(text.joined)","#
                    + #""segments":[{"id":0,"seek":0,"start":0.0,"end":1.0,"text":"\#(text.joined)","tokens":[],"#
                    + #""temperature":0.0,"avg_logprob":0.0,"compression_ratio":1.0,"no_speech_prob":0.0}],"#
                    + #""usage":{"type":"duration","seconds":1}}"#)
        case "json":
            return MockScript(json: #"{"text":"\#(text.joined)","usage":\#(usage)}"#)
        case let format:
            throw .body(
                "response_format is \"\(format)\"; the mock knows json, text, srt, vtt and verbose_json.",
                param: "response_format")
        }
    }

    private static func plain(_ text: String) -> MockScript {
        MockScript(type: "text/plain; charset=utf-8", ByteBuffer(string: text))
    }
}
