/// What must arrive of a head, told from the head that was sent by rules of the tests' own.
enum ExpectedHead {
    static let hopByHop: Set = [
        "connection", "keep-alive", "proxy-connection", "te", "proxy-authorization", "proxy-authenticate",
        "http2-settings", "upgrade",
    ]

    /// The lines of a request's head as the upstream must get them.
    static func request(_ sent: [[UInt8]], host: String) -> [[UInt8]] {
        var lines = sent
        let isHTTP10 = lines[0].text.hasSuffix(" HTTP/1.0")
        if isHTTP10 { lines[0] = (lines[0].text.dropLast(3) + "1.1").latin1 }
        let hostLine = lines.dropFirst().firstIndex { name(of: $0) == "host" }
        if let hostLine {
            let colon = lines[hostLine].firstIndex(of: UInt8(ascii: ":")) ?? 0
            lines[hostLine] = lines[hostLine][..<colon] + ": \(host)".latin1
        } else {
            lines.insert("Host: \(host)".latin1, at: 1)
        }
        return kept(lines).map(framingAnew)
    }

    /// The lines of an answer's head as the client must get them, without what Weir adds behind them.
    static func answer(_ sent: [[UInt8]]) -> [[UInt8]] {
        var lines = sent
        if lines[0].text.hasPrefix("HTTP/1.0") { lines[0] = "HTTP/1.1".latin1 + lines[0].dropFirst(8) }
        let status = lines[0].text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return kept(lines).map(framingAnew).filter { line in
            let name = name(of: line)
            if name == "x-weir-request-id" || name == "x-weir-error" { return false }
            return !((status < 200 || status == 204) && (name == "content-length" || name == "transfer-encoding"))
        }
    }

    static func name(of line: [UInt8]) -> String {
        line.prefix { $0 != UInt8(ascii: ":") }.text.lowercased()
    }

    private static func kept(_ lines: [[UInt8]]) -> [[UInt8]] {
        var gone = hopByHop
        for line in lines where name(of: line) == "connection" {
            for member in line.text.dropFirst("connection:".count).split(separator: ",") {
                let name = member.trimmingSpaces.lowercased()
                if !["host", "content-length", "transfer-encoding"].contains(name) { gone.insert(name) }
            }
        }
        return [lines[0]] + lines.dropFirst().filter { !gone.contains(name(of: $0)) }
    }

    /// A framing line that is not spelled as it would be written is written anew.
    private static func framingAnew(_ line: [UInt8]) -> [UInt8] {
        let name = name(of: line)
        guard name == "content-length" || name == "transfer-encoding" else { return line }
        let behind = line.text.dropFirst(name.count + 1)
        let value = behind.trimmingSpaces
        let plain = Int(value).map(String.init) ?? value.lowercased()
        if plain == value, behind == value || behind == " " + value { return line }
        return line.prefix(name.count) + ": \(plain)".latin1
    }
}
