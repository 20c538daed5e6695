import TestSupport
import Testing

@Suite("Python API Proxy: configurations", .blocking)
struct LoadingTests {
    @Test("every configuration shown loads as it stands", arguments: DocumentedConfigurations.all)
    func loads(_ heading: String, _ text: String) throws {
        let file = try ConfigurationFile(text)
        defer { file.discard() }
        let child = try ChildProcess([WeirProcess.executable, "check", file.path])
        defer { child.kill() }
        #expect(child.waitForExit() == 0, "\(heading): \(child.output)")
        #expect(child.waitForOutput("# Routes\n") != nil, "\(heading): \(child.output)")
        #expect(!child.output.contains("sk-"), "secrets are masked but for their last characters")
    }
}
