import Foundation
import WeirConfiguration

/// The JSON schema of a configuration file (draft 2020-12), for editors; made from the tables that the reader uses.
package enum ConfigurationSchema {
    /// The schema, indented.
    package static var json: String {
        let table = TopKeys.table(defaults: Configuration(dataDirectory: "", threads: 1))
        var members: [(String, Tree)] = [
            ("$schema", .text("https://json-schema.org/draft/2020-12/schema")),
            ("title", .text("Weir's configuration")),
        ]
        if case .map(let schema) = table.schema { members += schema }
        return Tree.map(members).indentedJSON()
    }

    /// Every key path, a name of the user's choice as `*`: `routes.*.timeouts.connect`, `intercept.rules.*.match.host`.
    package static var keyPaths: [String] {
        paths(TopKeys.table().schema, [])
    }

    private static func paths(_ schema: Tree, _ path: [String]) -> [String] {
        guard case .map(let members) = schema else { return [] }
        return members.flatMap { name, value -> [String] in
            switch (name, value) {
            case ("properties", .map(let properties)):
                return properties.flatMap { key, inner in
                    [(path + [key]).joined(separator: ".")] + paths(inner, path + [key])
                }
            case ("additionalProperties", .map), ("items", .map): return paths(value, path + ["*"])
            case ("anyOf", .list(let choices)): return choices.flatMap { paths($0, path) }
            default: return []
            }
        }
    }
}

extension LoadedConfiguration {
    /// The configuration as it was understood, every default written out and every secret masked, as YAML that could be
    /// read again but for the secrets; the table of routes stands in comments behind it.
    package var report: [String] {
        var shown = configuration
        if let directory = shown.recording.logDirectory { shown.recording.logDirectory = Self.absolute(directory) }
        if shown.usesBuiltInRoutes {
            shown.routes = []
            // It refers to a route that a file cannot have beside the built-in ones.
            if shown.defaultRoute == "default" { shown.defaultRoute = nil }
        }
        let about = [
            "# \(file.map { Tree.quoted($0) } ?? "No file"), with the environment; secrets are masked.",
            "# Data directory: \(Tree.quoted(Self.absolute(configuration.dataDirectory)))",
        ]
        let rest =
            notInEffect.isEmpty ? [] : ["# Not in effect in this version: \(notInEffect.joined(separator: ", "))"]
        return about + rest + TopKeys.table().show(FileContents(shown)).withoutSubstitution.yaml + ["", "# Routes"]
            + RouteTable(configuration).lines.map { "#   " + $0 }
    }

    /// The routes, one a line: path, target, proxy, whether it takes requests.
    package var routeTable: [String] { RouteTable(configuration).lines }

    private static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        return FileManager.default.currentDirectoryPath + "/" + (path.hasPrefix("./") ? path.dropFirst(2) : path[...])
    }
}

/// The routes as lines in columns.
struct RouteTable {
    private let configuration: Configuration

    init(_ configuration: Configuration) {
        self.configuration = configuration
    }

    var lines: [String] {
        let rows = configuration.routes.map { [$0.isEnabled ? "on" : "off", path($0), target($0), remarks($0)] } + last
        let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let line =
                row[0].padded(to: widths[0]) + "  " + row[1].padded(to: widths[1]) + "  →  "
                + row[2].padded(to: widths[2]) + "  " + row[3]
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }

    private func path(_ route: RouteSettings) -> String {
        let path = "\(configuration.server.basePath)/\(route.name)"
        return route.isUniversal ? path + "/{scheme}://{host}/…" : path
    }

    private func target(_ route: RouteSettings) -> String {
        if let target = route.target { return target.scheme == .mock ? "mock://" : target.origin + target.path }
        guard route.isUniversal else { return "nowhere" }
        guard !route.allowedHosts.isEmpty else { return "any public address" }
        let shown = route.allowedHosts.prefix(3).map(\.description).joined(separator: ", ")
        return shown + (route.allowedHosts.count > 3 ? ", …" : "")
    }

    private func remarks(_ route: RouteSettings) -> String {
        if let proxy = configuration.proxy(of: route) { return "via \(proxy)" }
        return route.proxy == .direct && configuration.globalProxy != nil ? "direct" : ""
    }

    /// Where a path goes that names no route.
    private var last: [[String]] {
        let path = configuration.server.basePath + "/…"
        if let name = configuration.defaultRoute { return [["", path, name, ""]] }
        return configuration.usesBuiltInRoutes ? [["", path, "by dialect", ""]] : []
    }
}

extension String {
    /// With spaces behind it, so that columns begin below each other.
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
