import Foundation
import TestSupport
import Testing

/// What a configuration's file names as secret, in everything that the real program writes.
@Suite("What is never written", .blocking)
struct RedactionTests {
    private static func configuration(_ upstream: ScriptedUpstream, note: String) -> String {
        """
        {"routes": {"openai": {"target_url": "\(upstream.url)"}},
         "recording": {"redact": {"json_keys": ["pin"], "headers": ["x-tenant"], "query": ["who"]}},
         "keys": {"wk-canary-of-the-keys": {"name": "\(note)"}}}
        """
    }

    /// Every octet below a directory.
    private static func contents(_ directory: String) throws -> String {
        let names = try #require(FileManager.default.enumerator(atPath: directory)).compactMap { $0 as? String }
        return names.compactMap { FileManager.default.contents(atPath: directory + "/" + $0) }
            .map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
    }

    @Test("redact: keys of JSON bodies, headers and query fields, also after a reload")
    func redact() throws {
        let upstream = try ScriptedUpstream { connection in
            while try connection.readRequest() != nil {
                let body = #"{"id":"x","pin":{"deep":"CANARY"},"choices":[]}"#
                try connection.socket.write(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                        + body)
            }
        }
        defer { upstream.stop() }
        let directory = try TemporaryDirectory()
        let file = try ConfigurationFile(Self.configuration(upstream, note: "one"))
        defer { file.discard() }
        let weir = try WeirProcess(
            configurationFile: file.path,
            options: ["--data-dir", directory.path + "/data", "--log-dir", directory.path + "/sessions"])
        defer { weir.child.kill() }
        func ask(_ number: Int) throws {
            let answer = try weir.ask(
                "POST", "/openai/v1/chat/completions?who=CANARY&n=\(number)",
                fields: ["X-Tenant: CANARY", "Authorization: Bearer wk-canary-of-the-keys"],
                body:
                    #"{"model":"m-\#(number)","pin":"CANARY","messages":[{"role":"user","content":"said-\#(number)"}]}"#
            )
            #expect(answer.status == 200)
        }
        try ask(1)
        try file.write(Self.configuration(upstream, note: "two"))
        weir.child.signal(SIGHUP)
        #expect(weir.child.waitForOutput("reloaded") != nil, "\(weir.said)")
        try ask(2)
        weir.child.signal(SIGTERM)
        #expect(weir.child.waitForExit() == 0)
        let written = try Self.contents(directory.path)
        #expect(written.contains("said-1") && written.contains("said-2"), "nothing was written: nothing is shown")
        #expect(!written.contains("CANARY") && !written.contains("wk-canary"))
        #expect(!weir.said.contains("CANARY") && !weir.said.contains("wk-canary"))
    }
}
