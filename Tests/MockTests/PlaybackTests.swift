import NIOCore
import Testing

@testable import Mock

@Suite struct PlaybackTests {
    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private static func track(_ text: String) -> EventTrack {
        EventTrack(
            [
                .event(ByteBuffer(string: "open")), .tokens(Pieces(text), frames: [.init("<", ">"), .init("{", "}")]),
                .event(ByteBuffer(string: "close")),
            ], error: "error")
    }

    /// Plays without waiting: every wait moves the clock to its end.
    private static func play(_ playback: inout Playback) -> (steps: [String], waited: TimeAmount) {
        var steps: [String] = []
        var now = Self.start
        for _ in 0..<1_000 {
            switch playback.step(now: now) {
            case .write(let bytes): steps.append(String(buffer: bytes))
            case .wait(let due): now = due
            case .fault(let fault): return (steps + [fault.rawValue], now - Self.start)
            case .end: return (steps + ["end"], now - Self.start)
            }
        }
        return (steps + ["endless"], now - Self.start)
    }

    @Test func playsEveryTokenInEveryFrame() {
        var playback = Playback(Self.track("a bc"), pace: nil, fault: nil, now: Self.start)
        let played = Self.play(&playback)
        #expect(played.steps == ["open", "<a>", "{a}", "< bc>", "{ bc}", "close", "end"])
        #expect(played.waited == .zero)
        #expect(playback.sent == 6)
    }

    @Test func pacesTokensAlone() {
        var playback = Playback(Self.track("a bc"), pace: 10, fault: nil, now: Self.start)
        // The first token at once, three more a tenth of a second apart.
        #expect(Self.play(&playback).waited == .milliseconds(300))
    }

    @Test func catchesUpWithALateTimerButNotAfterABlock() {
        var playback = Playback(Self.track("a b c d"), pace: 10, fault: nil, now: Self.start)
        let late = Self.start + .milliseconds(250)
        var writes = 0
        while case .write = playback.step(now: late) { writes += 1 }
        // "open" and the tokens due at 0, 100 and 200 ms.
        #expect(writes == 4)
        let resumed = Self.start + .seconds(10)
        playback.resume(now: resumed)
        #expect(playback.step(now: resumed) == .write(ByteBuffer(string: "{ b}")))
        #expect(playback.step(now: resumed) == .wait(until: resumed + .milliseconds(100)))
    }

    @Test(arguments: [0, 2, 6, 100])
    func playsTheFaultInItsPlace(after: Int) {
        let whole = ["open", "<a>", "{a}", "< bc>", "{ bc}", "close"]
        for fault in [MockFault.stall, .cut, .reset, .badChunk] {
            var playback = Playback(
                Self.track("a bc"), pace: nil, fault: .init(kind: fault, after: after), now: Self.start)
            #expect(Self.play(&playback).steps == whole.prefix(after) + [fault.rawValue])
        }
        var playback = Playback(
            Self.track("a bc"), pace: nil, fault: .init(kind: .errorEvent, after: after), now: Self.start)
        #expect(Self.play(&playback).steps == whole.prefix(after) + ["error", "end"])
    }

    @Test func cutsTextIntoTokensThatJoinToIt() {
        let text = "  Ein  Wort, \n\nund天气怎么样今天天气很好éé-a-very-long-word-with-ende "
        let pieces = Pieces(text)
        var joined = ByteBuffer()
        pieces.write(into: &joined)
        #expect(String(buffer: joined) == text.replacing("\n", with: "\\n"))
        #expect(String(buffer: pieces[0]) == "  Ein")
        #expect((0..<pieces.count).allSatisfy { pieces[$0].readableBytes <= 24 })
        #expect(Pieces("").count == 0)
    }

    @Test func repeatsTheFiller() {
        var pieces = Pieces("one two")
        pieces.resize(to: 7, filler: " x y")
        var joined = ByteBuffer()
        pieces.write(into: &joined)
        #expect(String(buffer: joined) == "one two x y x y x")
        pieces.resize(to: 1, filler: " x y")
        #expect(pieces.count == 1)
    }
}
