import TestSupport

/// A client that keeps every octet it gets, and reads answers out of them.
final class Conversation {
    let socket: WireSocket
    private(set) var received: [UInt8] = []
    private var readTo = 0
    private(set) var hasEnded = false

    init(_ gateway: TestGateway) throws {
        socket = try gateway.client().socket
    }

    /// Sends octets, in one piece or one by one; stops where the gateway has ended the connection.
    func send(_ octets: [UInt8], oneByOne: Bool = false) {
        guard oneByOne else {
            try? socket.write(octets)
            return
        }
        // Small messages get pauses, so that the pieces are pieces at the other end too.
        let pauses = octets.count <= 512
        for (index, octet) in octets.enumerated() {
            guard (try? socket.write([octet])) != nil else { return }
            if pauses { WireSocket.sleep(.microseconds(100)) }
            if index % 64 == 63 {
                received += socket.readAvailable(for: .zero)
                if socket.end != nil { return }
            }
        }
    }

    func send(_ text: String) throws { try socket.write(text.latin1) }

    /// The next answer, interim ones included; nil where the gateway ended the connection before it began.
    func answer(toHEAD: Bool = false, within limit: Duration = WireSocket.patience) throws -> WireMessage? {
        while true {
            let message = try WireMessage.read(received[readTo...], as: .answer(toHEAD: toHEAD), atEnd: hasEnded)
            if let message, message.isComplete {
                readTo += message.octets.count
                return message
            }
            if hasEnded {
                guard let message else { return nil }
                throw WireMessage.Malformed(description: "cut off: \(message.octets.text)")
            }
            try fill(within: limit)
        }
    }

    /// The next answer's head; the body is left to `octets(_:)`.
    func head() throws -> WireMessage {
        while true {
            // As if to HEAD, so that the body counts as complete.
            if let message = try WireMessage.read(received[readTo...], as: .answer(toHEAD: true)) {
                readTo += message.head.count
                return message
            }
            guard !hasEnded else { throw WireMessage.Malformed(description: "ended before a head") }
            try fill(within: WireSocket.patience)
        }
    }

    /// The next `count` octets.
    func octets(_ count: Int) throws -> [UInt8] {
        while received.count - readTo < count {
            guard !hasEnded else { throw WireMessage.Malformed(description: "cut off: \(received[readTo...].text)") }
            try fill(within: WireSocket.patience)
        }
        defer { readTo += count }
        return Array(received[readTo..<(readTo + count)])
    }

    /// Everything up to the connection's end.
    func rest() throws -> [UInt8] {
        while !hasEnded { try fill(within: WireSocket.patience) }
        defer { readTo = received.count }
        return Array(received[readTo...])
    }

    private func fill(within limit: Duration) throws {
        if let run = try socket.readSome(within: limit) { received += run } else { hasEnded = true }
    }
}
