import NIOCore
package import ProxyHandshake

/// A talk with a proxy whose answers came in one or more pieces.
package struct ProxyRun: Sendable, Equatable {
    /// What was sent, the opening aside.
    package var sent: [UInt8] = []
    /// How it ended.
    package var outcome = ProxyOutcome.pending
    /// What came behind the proxy's answers, and goes to the upstream's reader.
    package var rest: [UInt8] = []

    /// Hands `input` to `machine`, cut at `cuts` (rising offsets).
    package init(_ machine: any ProxyMachine, _ input: [UInt8], cuts: [Int] = []) {
        var machine = machine
        var start = 0
        for cut in cuts + [input.count] {
            let piece = input[start..<cut]
            start = cut
            guard outcome == .pending else {
                rest += piece
                continue
            }
            // Octets in front of the reader index must not be seen.
            var octets = ByteBuffer(bytes: [0x05, 0x48] + piece)
            octets.moveReaderIndex(forwardBy: 2)
            let step = machine.receive(octets)
            sent += step.send.map { Array($0.readableBytesView) } ?? []
            outcome = step.outcome
            guard case .established(let early) = outcome else { continue }
            rest = early.map { Array($0.readableBytesView) } ?? []
            outcome = .established(rest: nil)
        }
        if case .failed = outcome { rest = [] }
    }
}
