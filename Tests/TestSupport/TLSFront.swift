import Foundation

/// Speaks TLS in front of a plain upstream: a child process that hands each connection on once the handshake is done.
package final class TLSFront: Sendable {
    /// How the TLS side ends when the plain side has ended.
    package enum Ending: String, Sendable {
        /// With close_notify, as it should.
        case notify
        /// With a bare FIN.
        case cut
    }

    private let child: ChildProcess
    /// The port on 127.0.0.1.
    package let port: Int

    /// Starts it in front of the plain upstream on `port`.
    package init(
        of port: Int, certificate: (certificate: String, key: String), ending: Ending = .notify
    ) throws {
        child = try ChildProcess(
            [
                "python3", "-u", "-c", Self.program, certificate.certificate, certificate.key, String(port),
                ending.rawValue,
            ])
        guard let line = child.waitForOutput("\n"), let number = Int(line.split(separator: "\n").first ?? "") else {
            throw WireSocket.Failure(description: "the TLS front did not start: \(child.output)")
        }
        self.port = number
    }

    /// Ends it.
    package func stop() { child.kill() }

    private static let program = """
        import select, socket, ssl, sys, threading
        certificate, key, port, ending = sys.argv[1:]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        context.set_alpn_protocols(["http/1.1"])
        listener = socket.create_server(("127.0.0.1", 0))
        print(listener.getsockname()[1])
        def carry(raw):
            try:
                raw.settimeout(20)
                tls = context.wrap_socket(raw, server_side=True)
                plain = socket.create_connection(("127.0.0.1", int(port)))
                plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while True:
                    ready = [tls] if tls.pending() else select.select([tls, plain], [], [], 20)[0]
                    if not ready:
                        return
                    if tls in ready:
                        data = tls.recv(65536)
                        if not data:
                            plain.close()
                            return
                        plain.sendall(data)
                    if plain in ready:
                        data = plain.recv(65536)
                        if data:
                            tls.sendall(data)
                            continue
                        if ending == "notify":
                            tls.unwrap()
                        else:
                            raw_close(tls)
                        return
            except OSError:
                pass
        def raw_close(tls):
            socket.socket(fileno=tls.detach()).close()
        while True:
            raw, _ = listener.accept()
            threading.Thread(target=carry, args=(raw,), daemon=True).start()
        """
}
