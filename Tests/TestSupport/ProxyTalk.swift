import Glibc

/// One connection of a ``FakeProxy``.
struct ProxyTalk {
    let socket: WireSocket
    let behaviour: FakeProxy.Behaviour
    let credentials: (user: String, password: String)?
    let log: RequestLog

    // MARK: HTTP

    func serveHTTP() throws {
        if try standsAside() { return }
        guard let head = try socket.readHeadOrEnd() else { return }
        let lines = head.split(separator: "\r\n")
        let parts = lines[0].split(separator: " ")
        log.add(parts.prefix(2).joined(separator: " "))
        if case .answer(let octets) = behaviour { return try answer(octets) }
        if case .close = behaviour { return }
        if let credentials, !lines.contains("Proxy-Authorization: \(Self.basic(credentials))") {
            return try socket.write(
                "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"fake\"\r\n"
                    + "Content-Length: 0\r\n\r\n")
        }
        if parts[0] == "CONNECT" {
            guard let upstream = connect(String(parts[1])) else {
                return try socket.write("HTTP/1.1 502 No Such Upstream\r\nContent-Length: 0\r\n\r\n")
            }
            try say(Array("HTTP/1.1 200 Connection established\r\nVia: fake\r\n\r\n".utf8))
            return try carry(upstream)
        }
        let target = parts[1].dropFirst("http://".count)
        let path = target.drop { $0 != "/" }
        guard parts[1].hasPrefix("http://"), let upstream = connect(String(target.prefix { $0 != "/" })) else {
            return try socket.write("HTTP/1.1 502 No Such Upstream\r\nContent-Length: 0\r\n\r\n")
        }
        let fields = lines.dropFirst().filter { !$0.hasPrefix("Proxy-Authorization") }
        try upstream.write((["\(parts[0]) \(path) HTTP/1.1"] + fields).joined(separator: "\r\n") + "\r\n\r\n")
        try carry(upstream)
    }

    /// RFC 7617's form, by the system's own base64.
    private static func basic(_ credentials: (user: String, password: String)) -> String {
        "Basic " + SystemBase64.encode("\(credentials.user):\(credentials.password)")
    }

    // MARK: SOCKS

    func serveSOCKS() throws {
        if try standsAside() { return }
        let offer = try socket.readExactly(2)
        let methods = try socket.readExactly(Int(offer[1]))
        if case .answer(let octets) = behaviour { return try answer(octets) }
        if case .close = behaviour { return }
        let wanted: UInt8 = credentials == nil ? 0 : 2
        guard methods.contains(wanted) else { return try say([5, 0xFF]) }
        try say([5, wanted])
        if let credentials {
            let user = try socket.readExactly(Int(try socket.readExactly(2)[1]))
            let password = try socket.readExactly(Int(try socket.readExactly(1)[0]))
            let isRight = user == Array(credentials.user.utf8) && password == Array(credentials.password.utf8)
            try say([1, isRight ? 0 : 1])
            guard isRight else { return }
        }
        let head = try socket.readExactly(4)
        let host: String
        switch head[3] {
        case 3:
            host = "name " + String(decoding: try socket.readExactly(Int(try socket.readExactly(1)[0])), as: UTF8.self)
        case 1: host = "address " + (try socket.readExactly(4)).map { String($0) }.joined(separator: ".")
        default: host = "address " + (try socket.readExactly(16)).map { String($0, radix: 16) }.joined(separator: ".")
        }
        let port = try socket.readExactly(2).reduce(0) { $0 << 8 | Int($1) }
        log.add("\(host):\(port)")
        guard let upstream = connect("\(host):\(port)") else { return try say([5, 5, 0, 1, 0, 0, 0, 0, 0, 0]) }
        try say([5, 0, 0, 1, 127, 0, 0, 1, 0, 80])
        try carry(upstream)
    }

    // MARK: Both

    /// Whether there is nothing to be done but to wait for the peer to go.
    private func standsAside() throws -> Bool {
        guard case .hang = behaviour else { return false }
        _ = try socket.readUntilEnd()
        return true
    }

    private func answer(_ octets: [UInt8]) throws {
        try socket.write(octets)
        _ = try? socket.readUntilEnd()
    }

    private func say(_ octets: [UInt8]) throws {
        guard case .serveInPieces = behaviour else { return try socket.write(octets) }
        for octet in octets {
            try socket.write([octet])
            WireSocket.sleep(.milliseconds(1))
        }
    }

    /// Connects to the port on 127.0.0.1; nil where nobody listens.
    private func connect(_ authority: String) -> WireSocket? {
        guard let port = Int(authority.split(separator: ":").last ?? "") else { return nil }
        return try? RawClient(port: port).socket
    }

    /// Carries octets both ways until either side ends.
    private func carry(_ upstream: WireSocket) throws {
        defer { upstream.close() }
        if case .hangInTunnel = behaviour {
            _ = try socket.readUntilEnd()
            return
        }
        if case .speakFirst(let octets) = behaviour { try socket.write(octets) }
        // What was read ahead behind the request.
        try upstream.write(socket.readAvailable(for: .zero))
        var entries = [socket, upstream].map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        while poll(&entries, 2, 20_000) > 0 {
            for (index, pair) in [(socket, upstream), (upstream, socket)].enumerated() where entries[index].revents != 0
            {
                guard let octets = try pair.0.readSome() else { return }
                try pair.1.write(octets)
            }
        }
    }
}
