import Foundation
import TestSupport
import Testing

/// What a chat request carries in these tests.
let chatBody = #"{"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true}"#

/// A configuration's file that a test writes and changes.
struct ConfigurationFile {
    private let directory: TemporaryDirectory
    /// Its path.
    let path: String

    /// Writes it.
    init(_ text: String, name: String = "config.json") throws {
        directory = try TemporaryDirectory()
        path = directory.path + "/" + name
        try write(text)
    }

    /// Writes it anew, in place.
    func write(_ text: String) throws { try text.write(toFile: path, atomically: false, encoding: .utf8) }

    /// Puts another file in its place by a rename.
    func replace(_ text: String) throws { try text.write(toFile: path, atomically: true, encoding: .utf8) }

    /// Takes it away.
    func remove() throws { try FileManager.default.removeItem(atPath: path) }

    /// Removes all of it.
    func discard() { directory.remove() }
}

/// Runs the real `weir serve` with a configuration, lends it to `body`, and ends it whatever happens.
func withWeir<Result>(
    _ configuration: String, named name: String = "config.json", options: [String] = [],
    environment: [String: String] = [:],
    _ body: (WeirProcess, ConfigurationFile) throws -> Result
) throws -> Result {
    let file = try ConfigurationFile(configuration, name: name)
    defer { file.discard() }
    let weir = try WeirProcess(
        configurationFile: file.path, options: ["--no-recording"] + options, environment: environment)
    defer { weir.stop() }
    return try body(weir, file)
}

extension String {
    /// Other hosts in the place of those that a document shows: the one thing that may change in its configurations.
    func at(_ hosts: KeyValuePairs<String, String>) -> String {
        hosts.reduce(self) { $0.replacingOccurrences(of: $1.key, with: $1.value) }
    }
}

/// Waits until a condition holds that may fail on the way.
func holds(_ condition: () throws -> Bool) -> Bool {
    eventually { (try? condition()) == true }
}

extension WeirProcess {
    /// Sends one request on a connection of its own.
    func ask(
        _ method: String = "GET", _ target: String, fields: [String] = [], body: String? = nil
    ) throws -> WireResponse {
        let client = try client()
        defer { client.socket.close() }
        try client.send(method, target, fields: fields, body: body)
        return try client.readResponse(toHEAD: method == "HEAD")
    }

    /// The same, answered by an ``EchoUpstream``.
    func echo(
        _ method: String = "GET", _ target: String, fields: [String] = [], body: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> EchoedRequest {
        let answer = try ask(method, target, fields: fields, body: body)
        #expect(answer.status == 200, "\(answer.text)", sourceLocation: sourceLocation)
        return EchoedRequest(answer: answer)
    }

    /// What `GET /healthz` says.
    func health() throws -> Health {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Health.self, from: Data(try ask("GET", "/healthz").body))
    }
}

/// `GET /healthz`, as far as these tests look at it.
struct Health: Decodable {
    struct Config: Decodable {
        var loadedAt: String
        var error: String?
    }

    var status: String
    var upstreamBaseUrl: String?
    var routes: Int
    var config: Config
}

/// Checks an answer that Weir made itself, in the form of OpenAI's errors.
func expectOwnError(
    _ response: WireResponse, _ status: Int, _ code: String, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(response.status == status, "\(response.text)", sourceLocation: sourceLocation)
    #expect(response["x-weir-error"] == code, "\(response.text)", sourceLocation: sourceLocation)
    #expect(response["x-weir-request-id"]?.utf8.count == 26, sourceLocation: sourceLocation)
    #expect(response.text.contains(#""code":"\#(code)""#), sourceLocation: sourceLocation)
}
