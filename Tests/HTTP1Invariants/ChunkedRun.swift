package import HTTP1
import NIOCore

/// What came of a chunked body that was read in one or more runs.
package struct ChunkedRun: Sendable {
    /// How the reading stopped.
    package enum End: Sendable, Equatable {
        case ended
        case incomplete
        case fault(ChunkedFault)
    }

    /// How the reading stopped.
    package var end = End.incomplete
    /// The body data.
    package var payload: [UInt8] = []
    /// What went out.
    package var output: [UInt8] = []
    /// Octets of the input that belong to the body; meaningless after a fault.
    package var consumed = 0
    /// The trailer lines that are passed on.
    package var trailers: [UInt8] = []
    /// Whether every octet went out verbatim.
    package var isVerbatim = true

    /// Reads `input`, cut at `cuts` (rising offsets), and after each run hands `inspect` what has gone out by then.
    package init(_ input: [UInt8], cuts: [Int] = [], inspect: (ChunkedRun) -> Void = { _ in }) {
        var decoder = ChunkedDecoder()
        var start = 0
        for cut in cuts + [input.count] {
            var run = ByteBuffer()
            // Octets in front of the reader index must not be seen.
            run.writeBytes([0x37, 0x0D])
            run.writeBytes(input[start..<cut])
            run.moveReaderIndex(forwardBy: 2)
            start = cut
            do throws(ChunkedFault) {
                let octets = Array(run.readableBytesView)
                let piece = try decoder.decode(run) { payload += octets[$0] }
                consumed += piece.consumed
                if let rebuilt = piece.rebuilt {
                    isVerbatim = false
                    output += Array(rebuilt.readableBytesView)
                } else {
                    output += octets[..<piece.verbatim]
                }
                if piece.isEnd {
                    end = .ended
                    trailers = decoder.trailerLines
                }
            } catch {
                end = .fault(error)
            }
            inspect(self)
            guard end == .incomplete else { return }
        }
    }
}
