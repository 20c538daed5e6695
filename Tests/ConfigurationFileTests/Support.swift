import ConfigurationFile
import Foundation
import TestSupport
import Testing
import WeirConfiguration

/// Files of a test in a directory of their own.
struct Files {
    let directory: TemporaryDirectory

    /// - Parameter files: name and text.
    init(_ files: [String: String] = [:]) throws {
        directory = try TemporaryDirectory()
        for (name, text) in files { try write(name, text) }
    }

    func path(_ name: String) -> String { directory.path + "/" + name }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
    }
}

/// Reads `text` as a configuration file.
func load(
    _ text: String, files: [String: String] = [:], environment: [String: String] = [:],
    _ adjust: (inout ConfigurationInput) -> Void = { _ in }
) throws -> LoadedConfiguration {
    let directory = try Files(files.merging(["weir.yaml": text]) { $1 })
    defer { directory.directory.remove() }
    var input = ConfigurationInput(defaultThreads: 2, environment: { environment[$0] })
    input.configFile = directory.path("weir.yaml")
    adjust(&input)
    return try input.load()
}

/// Joins command line and environment without a file.
func load(
    environment: [String: String] = [:], _ adjust: (inout ConfigurationInput) -> Void = { _ in }
) throws -> LoadedConfiguration {
    var input = ConfigurationInput(defaultThreads: 2, environment: { environment[$0] })
    adjust(&input)
    return try input.load()
}

/// What is wrong with `text`.
func faults(
    _ text: String, files: [String: String] = [:], environment: [String: String] = [:],
    _ adjust: (inout ConfigurationInput) -> Void = { _ in }
) throws -> [ConfigurationFault] {
    do {
        _ = try load(text, files: files, environment: environment, adjust)
        return []
    } catch let faults as ConfigurationFaults {
        return faults.all
    }
}

extension LoadedConfiguration {
    func route(_ name: String) throws -> RouteSettings {
        try #require(configuration.routes.first { $0.name == name })
    }
}

extension Array where Element == ConfigurationFault {
    /// Line and key path of each.
    var places: [String] { map { "\($0.line ?? 0) \($0.place)" } }
}
