import ConfigurationFile
import Foundation
import TestSupport
import Testing
import WeirConfiguration

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Files that are no configuration, or would take endless time or memory, end in a fault.
@Suite struct HostileFileTests {
    @Test(arguments: [("", false), (" \n  \n", false), ("# nothing yet\n", true), ("{}", true)])
    func anEmptyFileReplacesNothing(_ text: String, _ replaces: Bool) throws {
        #expect(try faults(text).isEmpty)
        let found = try faults(text) { $0.isReload = true }
        #expect(found.isEmpty == replaces && found.allSatisfy { $0.file != nil && $0.message.contains("empty") })
    }

    @Test func aPipeThatNobodyWritesToIsNotWaitedForEndlessly() throws {
        let files = try Files(["weir.yaml": "default_key: file:pipe\n"])
        defer { files.directory.remove() }
        #expect(mkfifo(files.path("pipe"), 0o600) == 0)
        var input = ConfigurationInput(defaultThreads: 1, environment: { _ in nil })
        input.configFile = files.path("weir.yaml")
        let start = ContinuousClock.now
        let error = #expect(throws: ConfigurationFaults.self) { try input.load() }
        #expect(error?.description.contains("its end did not come within 5 seconds") == true)
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test func aPipeIsReadToItsEnd() throws {
        let pipe = Pipe()
        let path = "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)"
        let writer = pipe.fileHandleForWriting
        let thread = Thread {
            Thread.sleep(forTimeInterval: 0.1)
            writer.write(Data("server: { port: ".utf8))
            Thread.sleep(forTimeInterval: 0.1)
            writer.write(Data("9090 }\n".utf8))
            try? writer.close()
        }
        thread.start()
        var input = ConfigurationInput(defaultThreads: 1, environment: { _ in nil })
        input.configFile = path
        #expect(try input.load().configuration.server.port == 9090)
    }

    @Test(arguments: [
        ("default_key: file:/dev/zero\n", "larger than 4 MiB"), ("default_key: file:.\n", "This is a directory"),
        ("proxy_ca_file: /dev/null\n", "This is no regular file"), ("default_key: file:none\n", "no such file"),
        ("default_key: file:weir.yaml/x\n", "no such file"),
    ])
    func whatIsNoFileIsTold(_ text: String, _ reason: String) throws {
        let found = try faults(text)
        #expect(found.count == 1 && found[0].message.contains(reason), "\(found)")
        #expect(found.first?.line == 1)
    }

    @Test func defaultsWithinDefaultsHaveADepth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "${UNSET:-", count: depth) + "x" + String(repeating: "}", count: depth)
        }
        #expect(try load("default_key: '\(nested(16))'\n").configuration.defaultKey?.text == "x")
        for depth in [17, 5000] {
            let found = try faults("default_key: '\(nested(depth))'\n")
            #expect(found.map(\.message) == ["Defaults stand in one another more than 16 deep."])
        }
    }

    @Test func mergesOfMergesHaveABound() throws {
        var text = "x0: &x0 {}\n"
        for level in 1..<40 { text += "x\(level): &x\(level) {<<: [*x\(level - 1), *x\(level - 1)]}\n" }
        let found = try faults(text)
        #expect(found.count == 1 && found[0].message.contains("more than 100000 parts"))
    }

    @Test(arguments: [
        ("default_route: ${SECRET}\n", "hidden-value-1234"), ("default_route: sk-proj-12345678-abcd\n", "sk-proj"),
        ("server: { host: sk-proj-12345678-abcd/ }\n", "sk-proj"),
    ])
    func aSecretInAnotherPlaceIsNotTold(_ text: String, _ secret: String) throws {
        let found = try faults(text, environment: ["SECRET": "hidden-value-1234"])
        #expect(found.count == 1 && !"\(found[0])".contains(secret), "\(found)")
    }

    @Test(arguments: [
        ("routes:\n  a: https://a.test\n", "put the URL into it"),
        ("routes:\n  a:\n    target_url:https://a.test\n", "A space is missing behind the colon."),
        ("access: { allow: 10.0.0.0/8 }\n", "Put it in brackets"),
        ("server: { port: '8080' }\n", "Take off the quotes."),
        ("server: { log_requests: 'no' }\n", "Take off the quotes."),
    ])
    func aSlipIsNamed(_ text: String, _ remedy: String) throws {
        let found = try faults(text)
        #expect(found.count == 1 && found[0].message.contains(remedy), "\(found)")
    }

    @Test(arguments: [
        ("127.0.0.1", "http://[::ffff:127.0.0.1]:8080", true), ("127.0.0.1", "http://[0:0:0:0:0:0:0:1]:8080", true),
        ("127.0.0.1", "http://localhost.:8080", true), ("127.0.0.1", "http://a.localhost:8080", true),
        ("::1", "http://127.1:8080", true), ("0.0.0.0", "http://[::]:8080", true),
        ("gw.test", "http://GW.test:8080", true), ("127.0.0.1", "http://127.0.0.1:8082", false),
        ("10.0.0.1", "http://10.0.0.2:8080", false), ("10.0.0.1", "http://127.0.0.1:8080", false),
    ])
    func anUpstreamIsNotWeirItself(_ host: String, _ target: String, _ isOwn: Bool) throws {
        let found = try faults("server: { host: '\(host)' }\nroutes: { a: { target_url: '\(target)' } }\n")
        #expect(found.map(\.place) == (isOwn ? ["routes.a.target_url"] : []), "\(found)")
    }

    @Test(arguments: [
        ("X-Auth", "Bearer abc def", ["abc def"]), ("Cookie", "session=abc; b=c", ["session=abc; b=c"]),
        ("X-Team", "Bearer abc", ["abc"]), ("X-Team", "red blue", []), ("X-Access-Token", "abc", ["abc"]),
        ("X-Api-Key", "one two", ["one two"]), ("X-Session", "abc", ["abc"]),
    ])
    func credentialsAmongCustomHeadersAreSecrets(_ name: String, _ value: String, _ secrets: [String]) {
        var configuration = Configuration(dataDirectory: "unused", threads: 1)
        configuration.routes = [RouteSettings(name: "a", target: nil)]
        configuration.routes[0].customHeaders = [CustomHeader(name: name, value: Secret(value))]
        #expect(configuration.secrets == secrets)
    }
}
