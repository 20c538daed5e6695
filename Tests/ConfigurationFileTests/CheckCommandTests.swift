import Foundation
import TestSupport
import Testing

@Suite("weir check", .blocking)
struct CheckCommandTests {
    private func run(_ arguments: [String], environment: [String: String] = [:]) throws -> (Int32?, String) {
        let child = try ChildProcess([WeirProcess.executable] + arguments, environment: environment)
        defer { child.kill() }
        let status = child.waitForExit()
        // What a child has written is read by a thread of its own.
        WireSocket.sleep(.milliseconds(200))
        return (status, child.output)
    }

    @Test func aBrokenFileIsOneLineAFault() throws {
        let files = try Files(["weir.yaml": "server: { prot: 1 }\nroutes:\n  a: { target_url: x }\n"])
        defer { files.directory.remove() }
        for arguments in [["check", files.path("weir.yaml")], ["serve", "--config", files.path("weir.yaml")]] {
            let (status, output) = try run(arguments)
            #expect(status == 2)
            let lines = output.split(separator: "\n")
            #expect(lines.count == 2, "\(output)")
            #expect(lines.first?.contains("/weir.yaml:1:11: server.prot: ") == true)
            #expect(lines.last?.contains("/weir.yaml:3:20: routes.a.target_url: ") == true)
        }
    }

    @Test func aGoodFileIsPrinted() throws {
        let files = try Files(["weir.json": #"{"routes": {"a": {"target_url": "https://a.test"}}, "default_key": "k"}"#]
        )
        defer { files.directory.remove() }
        let environment = ["WEIR_CONFIG": files.path("weir.json"), "PROXY_PORT": "9099"]
        let (status, output) = try run(["check"], environment: environment)
        #expect(status == 0)
        #expect(output.contains("\n  port: 9099\n") && output.contains("default_key: \"…\""))
        #expect(output.hasSuffix("# Routes\n#   on  /a  →  https://a.test\n"))
    }

    @Test func theSchemaIsJSON() throws {
        let (status, output) = try run(["check", "--schema"])
        #expect(status == 0)
        let schema = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
        #expect(schema?["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
    }
}
