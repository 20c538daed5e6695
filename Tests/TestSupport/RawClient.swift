import Glibc

/// A client that sends octets as they are and sees the wire itself.
package struct RawClient: Sendable {
    /// Its socket: all reading and writing goes there.
    package let socket: WireSocket

    /// Connects to a port of loopback.
    ///
    /// - Parameter receiveBuffer: what the kernel takes in for a client that does not read; nil: its own choice.
    package init(port: Int, receiveBuffer: Int32? = nil) throws {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw WireSocket.Failure(description: "no socket: errno \(errno)") }
        socket = WireSocket(descriptor: descriptor)
        if let receiveBuffer { socket.setReceiveBuffer(receiveBuffer) }
        guard LoopbackAddress.with(port: port, { connect(descriptor, $0, $1) }) == 0 else {
            throw WireSocket.Failure(description: "cannot connect: errno \(errno)")
        }
    }

    /// Sends a request: with a `Content-Length` where there is a body.
    package func send(
        _ method: String = "GET", _ target: String = "/v1/models", version: String = "HTTP/1.1", fields: [String] = [],
        body: String? = nil
    ) throws {
        try socket.write(Self.request(method, target, version: version, fields: fields, body: body))
    }

    /// The text of a request.
    package static func request(
        _ method: String = "GET", _ target: String = "/v1/models", version: String = "HTTP/1.1", fields: [String] = [],
        body: String? = nil
    ) -> String {
        var lines = ["\(method) \(target) \(version)", "Host: weir.test"] + fields
        if let body { lines.append("Content-Length: \(body.utf8.count)") }
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")
    }

    /// Reads a response with its body.
    package func readResponse(
        toHEAD: Bool = false, within limit: Duration = WireSocket.patience
    ) throws -> WireResponse {
        var response = WireResponse(head: try socket.readHead(within: limit))
        if toHEAD || response.status < 200 || response.status == 204 || response.status == 304 { return response }
        if response["transfer-encoding"]?.lowercased() == "chunked" {
            response.body = try readChunks(within: limit)
        } else if let length = response["content-length"].flatMap({ Int($0) }) {
            response.body = try socket.readExactly(length, within: limit)
        } else {
            response.body = try socket.readUntilEnd(within: limit)
        }
        return response
    }

    private func readChunks(within limit: Duration) throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let line = try socket.read(through: "\r\n", within: limit).dropLast(1)
            guard let size = Int(line.prefix { $0.isHexDigit }, radix: 16) else {
                throw WireSocket.Failure(description: "no chunk size: \(line)")
            }
            if size == 0 {
                while try socket.read(through: "\r\n", within: limit) != "\r\n" {}
                return body
            }
            body += try socket.readExactly(size, within: limit)
            _ = try socket.readExactly(2, within: limit)
        }
    }
}

/// A response as it stood on the wire.
package struct WireResponse: Sendable {
    /// The head with its empty line.
    package let head: String
    /// The status.
    package let status: Int
    /// The field lines, in order.
    package let fields: [(name: String, value: String)]
    /// The body, chunked framing taken off.
    package var body: [UInt8] = []

    init(head: String) {
        self.head = head
        let lines = head.split(separator: "\r\n")
        status = lines.first.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") } ?? 0
        fields = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (String(parts[0]), String(parts.dropFirst().first ?? "").trimmed)
        }
    }

    /// The first field of that name, whatever the case.
    package subscript(_ name: String) -> String? {
        fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The body as text.
    package var text: String { String(decoding: body, as: UTF8.self) }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
