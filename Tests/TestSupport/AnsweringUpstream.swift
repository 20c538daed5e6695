/// Requests that a ``ScriptedUpstream`` reads whole.
extension ScriptedUpstream.Connection {
    /// The next request's head and its body, where it has a `Content-Length` or is chunked; nil at the end.
    package func readRequest() throws -> (head: String, body: String)? {
        guard let head = try socket.readHeadOrEnd() else { return nil }
        let lines = head.lowercased().split(separator: "\r\n")
        if let line = lines.first(where: { $0.hasPrefix("content-length:") }),
            let length = Int(line.drop { $0 != ":" }.dropFirst().drop { $0 == " " })
        {
            return (head, String(decoding: try socket.readExactly(length), as: UTF8.self))
        }
        guard lines.contains("transfer-encoding: chunked") else { return (head, "") }
        return (head, try socket.read(through: "0\r\n\r\n"))
    }

    /// Answers with a body of `Content-Length`.
    package func answer(_ status: Int = 200, fields: [String] = [], body: String = "{}") throws {
        let lines = ["HTTP/1.1 \(status) Status", "Content-Length: \(body.utf8.count)"] + fields
        try socket.write(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }
}
