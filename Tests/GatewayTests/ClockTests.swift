import Recording
import TestSupport
import Testing

@Suite("Clocks", .blocking)
struct ClockTests {
    private static let hour: Int64 = 3_600_000_000_000

    @Test("row 42: ids stay in order when the wall clock jumps, for they follow the monotonic one", arguments: [-1, 1])
    func jump(_ direction: Int64) {
        // The wall clock is read once; a jump of an hour afterwards is not seen.
        let clock = ProcessClock(wall: 1_800_000_000_000_000_000, monotonic: 5_000_000_000)
        var ids = ExchangeIDGenerator(loop: 3, clock: clock)
        let jumped = ProcessClock(wall: clock.wall + direction * Self.hour, monotonic: clock.monotonic)
        var made: [ExchangeID] = []
        for step in 0..<1000 { made.append(ids.next(monotonic: 5_000_000_000 + UInt64(step) * 300_000)) }
        #expect(zip(made, made.dropFirst()).allSatisfy { $0 < $1 })
        #expect(made.map(\.text) == made.map(\.text).sorted())
        #expect(clock.wallTime(at: 6_000_000_000) - clock.wallTime(at: 5_000_000_000) == 1_000_000_000)
        #expect(jumped.wallTime(at: 6_000_000_000) - clock.wallTime(at: 6_000_000_000) == direction * Self.hour)
    }

    @Test("row 42: ids stay in order even when the moments they are asked for do not")
    func backwards() {
        var ids = ExchangeIDGenerator(loop: 0, clock: ProcessClock(wall: 1_800_000_000_000_000_000, monotonic: 0))
        let made = [7, 5, 9, 1, 9].map { ids.next(monotonic: UInt64($0) * 1_000_000_000) }
        #expect(zip(made, made.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("row 42: durations are those of the monotonic clock")
    func durations() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            WireSocket.sleep(.milliseconds(300))
            try connection.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nok")
            WireSocket.sleep(.milliseconds(300))
            try connection.socket.write("ay")
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.isRecording = true }) { gateway in
            let client = try gateway.client()
            try client.send()
            #expect(try client.readResponse().text == "okay")
            let record = try expectRecord(gateway, outcome: .completed, code: nil, attempts: 1)
            let firstByte = try #require(record.firstByte)
            #expect(firstByte >= 290_000_000)
            #expect(record.duration - firstByte >= 290_000_000)
            #expect(record.duration < 5_000_000_000)
            #expect(record.responseBody.pieces.map(\.end) == [2, 4])
            #expect(record.deliveredBytes == 4)
        }
    }
}
