import Foundation

/// A client that speaks TLS and sees how the connection ends: a child process that does what it is told and reports.
package struct TLSClient: Sendable {
    /// One thing to do, in order.
    package enum Step: Sendable {
        /// Sends text.
        case send(String)
        /// Sends so many octets of a body.
        case fill(Int)
        /// Sends close_notify and goes on reading.
        case notify
        /// Closes the sending side without close_notify.
        case fin
        /// Waits.
        case pause(Duration)
        /// Reads until this text has come.
        case readThrough(String)
        /// Reads to the end, which is what the report is about.
        case readToEnd
        /// Resets the connection.
        case reset

        fileprivate var words: [String] {
            switch self {
            case .send(let text): return ["send", text]
            case .fill(let count): return ["fill", String(count)]
            case .notify: return ["notify", ""]
            case .fin: return ["fin", ""]
            case .pause(let duration): return ["pause", String(duration / .seconds(1))]
            case .readThrough(let text): return ["through", text]
            case .readToEnd: return ["end", ""]
            case .reset: return ["reset", ""]
            }
        }
    }

    /// What came of it.
    package struct Report: Decodable, Sendable {
        /// What was read, as Latin-1; all but its first and last 64 KiB left out.
        package var text: String
        /// Octets that were read.
        package var count: Int
        /// `notify`: close_notify came; `cut`: the end without it; `reset`; `open`: none.
        package var end: String
        /// The protocol of RFC 7301, as agreed.
        package var alpn: String?
        /// The version of TLS.
        package var version: String?
        /// The server certificate's serial number.
        package var serial: String?
        /// Why there was no connection.
        package var fault: String?
    }

    /// Connects to a port of loopback and does `steps`.
    ///
    /// - Parameter authority: the file with the root that is trusted.
    package static func run(port: Int, authority: String, _ steps: [Step]) throws -> Report {
        let child = try start(port: port, authority: authority, steps)
        defer { child.kill() }
        return try report(of: child)
    }

    /// The same, without waiting for its end.
    package static func start(port: Int, authority: String, _ steps: [Step]) throws -> ChildProcess {
        try ChildProcess(["python3", "-u", "-c", program, String(port), authority] + steps.flatMap(\.words))
    }

    /// Waits for the report.
    package static func report(of child: ChildProcess) throws -> Report {
        guard child.waitForOutput("\n", within: .seconds(30)) != nil, child.waitForExit() != nil else {
            throw WireSocket.Failure(description: "the TLS client did not end: \(child.output)")
        }
        do {
            return try JSONDecoder().decode(Report.self, from: Data(child.output.utf8))
        } catch {
            throw WireSocket.Failure(description: "the TLS client failed: \(child.output)")
        }
    }

    private static let program = """
        import json, socket, ssl, struct, sys, time
        port, authority, words = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
        steps = list(zip(words[::2], words[1::2]))
        context = ssl.create_default_context(cafile=authority)
        context.set_alpn_protocols(["http/1.1"])
        raw = socket.create_connection(("127.0.0.1", port))
        raw.settimeout(20)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_hostname="upstream.test")
        received, end, fault = bytearray(), "open", None
        def push():
            data = outgoing.read()
            if data:
                raw.sendall(data)
        def pull():
            data = raw.recv(65536)
            if data:
                incoming.write(data)
            else:
                incoming.write_eof()
        def complete(action):
            while True:
                try:
                    return action()
                except ssl.SSLWantReadError:
                    push()
                    pull()
                finally:
                    push()
        def read():
            global end
            try:
                data = complete(lambda: tls.read(65536))
                received.extend(data)
                if data:
                    return True
                end = "notify"
            except ssl.SSLZeroReturnError:
                end = "notify"
            except ssl.SSLError:
                end = "cut"
            except ConnectionError:
                end = "reset"
            return False
        try:
            complete(tls.do_handshake)
        except (OSError, ssl.SSLError) as error:
            fault = str(error)
            steps = []
        for step, word in steps:
            if step == "send":
                complete(lambda: tls.write(word.encode()))
            elif step == "fill":
                left = int(word)
                while left > 0:
                    left -= complete(lambda: tls.write(b"x" * min(left, 16384)))
            elif step == "notify":
                try:
                    tls.unwrap()
                except ssl.SSLWantReadError:
                    pass
                push()
            elif step == "fin":
                raw.shutdown(socket.SHUT_WR)
            elif step == "pause":
                time.sleep(float(word))
            elif step == "through":
                while word.encode() not in received and read():
                    pass
            elif step == "end":
                while read():
                    pass
            elif step == "reset":
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                raw.close()
        certificate = tls.getpeercert() if fault is None else None
        text = received if len(received) <= 131072 else received[:65536] + received[-65536:]
        print(json.dumps({
            "text": text.decode("latin-1"), "count": len(received), "end": end, "fault": fault,
            "alpn": tls.selected_alpn_protocol(), "version": tls.version(),
            "serial": certificate and certificate["serialNumber"]}))
        """
}
