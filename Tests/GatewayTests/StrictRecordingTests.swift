import Gateway
import Recording
import Synchronization
import TestSupport
import Testing
import WeirConfiguration

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite("No record, no traffic: recording.mode strict", .blocking)
struct StrictRecordingTests {
    /// A disk that takes nothing while it is full.
    private final class Disk: Sendable {
        let isFull = Atomic<Bool>(false)

        var write: @Sendable (Int32, UnsafeRawBufferPointer, UInt64) -> Int {
            { file, octets, offset in
                if self.isFull.load(ordering: .relaxed) { return -Int(ENOSPC) }
                return pwrite(file, octets.baseAddress, octets.count, off_t(offset))
            }
        }
    }

    private static let answers: ScriptedUpstream.Script = { connection in
        while try connection.readRequest() != nil { try connection.answer() }
    }

    private static func settings(
        _ disk: Disk, mode: RecordingSettings.Mode
    ) -> (inout TestGateway.Settings) -> Void {
        {
            $0.isRecording = true
            $0.threads = 1
            $0.journal.write = disk.write
            $0.journal.retryInterval = .milliseconds(10)
            $0.configure = { $0.recording.mode = mode }
        }
    }

    /// Fills the disk and lets the record find out by a request; says whether that went through.
    ///
    /// It does not where the record had more to write, and found out by that.
    private func fill(_ disk: Disk, _ gateway: TestGateway, _ client: RawClient) throws -> Bool {
        disk.isFull.store(true, ordering: .relaxed)
        try client.send("GET", "/v1/models")
        let status = try client.readResponse().status
        #expect(status == 200 || status == 503)
        #expect(eventually { gateway.recordingStatus?.state == .degraded })
        return status == 200
    }

    @Test("a full disk refuses new requests until it takes them again; what was begun is let through")
    func fullDisk() async throws {
        let mayGoOn = Counter()
        let upstream = try ScriptedUpstream { connection in
            while let (head, _) = try connection.readRequest() {
                if head.hasPrefix("POST /v1/slow") { #expect(eventually { mayGoOn.value > 0 }) }
                try connection.answer()
            }
        }
        defer { upstream.stop() }
        let disk = Disk()
        try await withGateway(upstream: upstream.url, Self.settings(disk, mode: .strict)) { gateway in
            let slow = try gateway.client()
            try slow.send("POST", "/v1/slow", body: chatBody)
            #expect(eventually { upstream.received().contains("POST /v1/slow") })
            let client = try gateway.client()
            let wentThrough = try fill(disk, gateway, client)

            for _ in 0..<3 {
                // A body that is not taken ends its connection.
                let refused = try gateway.client()
                try refused.send("POST", "/v1/chat/completions", body: chatBody)
                let response = try refused.readResponse()
                expectOwnError(response, 503, "recording_unavailable")
                #expect(response.text.contains("recording.mode"))
            }
            // Questions to Weir itself are no traffic.
            try client.send("GET", "/healthz")
            #expect(try client.readResponse().status == 200)
            mayGoOn.add(1)
            #expect(try slow.readResponse().status == 200)

            disk.isFull.store(false, ordering: .relaxed)
            #expect(eventually { gateway.recordingStatus?.state == .ok })
            try client.send("GET", "/v1/models")
            #expect(try client.readResponse().status == 200)

            // All of them are in the record: those that went through, and those that did not.
            let recorded = try gateway.records.wait(for: 6)
            #expect(recorded.filter { $0.outcome == .completed }.count == (wentThrough ? 3 : 2))
            let refused = recorded.filter { $0.errorCode == "recording_unavailable" }
            #expect(refused.count == (wentThrough ? 3 : 4))
            #expect(refused.allSatisfy { $0.attempts.isEmpty && $0.deliveredStatus == 503 })
            #expect(gateway.recordingStatus?.lostExchanges == 0)
        }
    }

    @Test("while exchanges or bodies are shed, new requests are refused")
    func shedding() async throws {
        let upstream = try ScriptedUpstream(Self.answers)
        defer { upstream.stop() }
        let disk = Disk()
        let settings: (inout TestGateway.Settings) -> Void = {
            Self.settings(disk, mode: .shed)(&$0)
            $0.recordingLimits.queueBytes = 1 << 20
        }
        try await withGateway(upstream: upstream.url, settings) { gateway in
            let client = try gateway.client()
            _ = try fill(disk, gateway, client)
            // In the other mode, traffic goes on and its losses are counted.
            let body = String(repeating: "x", count: 200_000)
            var count = 0
            while gateway.recordingStatus?.lostBodies == 0, count < 1_000 {
                try client.send("POST", "/v1/x", body: body)
                #expect(try client.readResponse().status == 200)
                count += 1
            }
            #expect(gateway.recordingStatus.map { $0.lostBodies > 0 } == true)
            var changed = gateway.configuration
            changed.recording.mode = .strict
            try await gateway.server.apply(changed)
            try client.send("GET", "/v1/models")
            expectOwnError(try client.readResponse(), 503, "recording_unavailable")
            changed.recording.mode = .shed
            try await gateway.server.apply(changed)
            try client.send("GET", "/v1/models")
            #expect(try client.readResponse().status == 200)
            disk.isFull.store(false, ordering: .relaxed)
        }
    }

    @Test("a body that max_body cuts is no loss")
    func cut() async throws {
        let upstream = try ScriptedUpstream(Self.answers)
        defer { upstream.stop() }
        let settings: (inout TestGateway.Settings) -> Void = {
            Self.settings(Disk(), mode: .strict)(&$0)
            $0.recordingLimits.maxBody = 4
        }
        try await withGateway(upstream: upstream.url, settings) { gateway in
            let client = try gateway.client()
            for _ in 0..<3 {
                try client.send("POST", "/v1/x", body: chatBody)
                #expect(try client.readResponse().status == 200)
            }
            let recorded = try gateway.records.wait(for: 3)
            #expect(recorded.allSatisfy { $0.requestBody.isCut && $0.outcome == .completed })
        }
    }

    @Test("strict without a record, which a restart would open, refuses; with recording switched off it asks for none")
    func withoutRecord() async throws {
        let upstream = try ScriptedUpstream(Self.answers)
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.configure = { $0.recording.mode = .strict } }) { gateway in
            let client = try gateway.client()
            try client.send("GET", "/v1/models")
            #expect(try client.readResponse().status == 200)
            var changed = gateway.configuration
            changed.recording.isEnabled = true
            try await gateway.server.apply(changed)
            try client.send("GET", "/v1/models")
            expectOwnError(try client.readResponse(), 503, "recording_unavailable")
        }
    }
}
