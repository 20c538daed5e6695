/// The `--name value` pairs of a command line. `finish` refuses what nobody asked for.
struct Options {
    private var values: [String: String] = [:]

    init(_ arguments: some Sequence<String>) throws {
        var name: String?
        for argument in arguments {
            if argument.hasPrefix("--") {
                if let name { values[name] = "" }
                name = String(argument.dropFirst(2))
            } else if let known = name {
                values[known] = argument
                name = nil
            } else {
                throw PeerError(usage: "'\(argument)' follows no option\n\(StreamPeer.usage)")
            }
        }
        if let name { values[name] = "" }
    }

    mutating func flag(_ name: String) throws -> Bool {
        guard let value = values.removeValue(forKey: name) else { return false }
        guard value.isEmpty else { throw PeerError(usage: "--\(name) takes no value") }
        return true
    }

    mutating func text(_ name: String, default fallback: String? = nil) throws -> String {
        guard let value = values.removeValue(forKey: name) ?? fallback else {
            throw PeerError(usage: "--\(name) is missing\n\(StreamPeer.usage)")
        }
        return value
    }

    /// A number from 1 up.
    mutating func count(_ name: String, default fallback: Int? = nil) throws -> Int {
        guard let value = values.removeValue(forKey: name) else {
            if let fallback { return fallback }
            throw PeerError(usage: "--\(name) is missing\n\(StreamPeer.usage)")
        }
        guard let number = Int(value), number > 0 else {
            throw PeerError(usage: "--\(name) must be a whole number above zero, not '\(value)'")
        }
        return number
    }

    func finish() throws {
        guard let unknown = values.keys.min() else { return }
        throw PeerError(usage: "no option --\(unknown)\n\(StreamPeer.usage)")
    }
}
