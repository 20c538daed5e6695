import Glibc
import LLMWire

/// Prints how fast each dialect is read, a line a measurement, fields apart by tabs: operation, framing, kind, octets,
/// pieces, and of `rounds` rounds (an argument, 9 if absent) the median in millions of octets a second and in
/// nanoseconds a piece.
@main
struct ParsingSpeed {
    /// How much is read in a round, and in which pieces a stream comes: as a socket's reads are.
    private static let perRound = 8_000_000
    private static let read = 4096

    static func main() {
        let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 9
        for sample in Samples.everything.flatMap(\.all) {
            guard let speed = measure(sample, rounds: max(1, rounds)) else {
                print("\(sample.operation.rawValue)\t\(sample.framing)\t\(sample.kind.rawValue)\tis not read")
                continue
            }
            let seconds = Double(sample.octets.count) / (speed * 1e6)
            let fields = [
                sample.operation.rawValue, "\(sample.framing)", sample.kind.rawValue, "\(sample.octets.count)",
                "\(sample.pieces)", "\(Int(speed.rounded()))",
                "\(Int((seconds * 1e9 / Double(sample.pieces)).rounded()))",
            ]
            print(fields.joined(separator: "\t"))
        }
    }

    /// The median in millions of octets a second; nil where the sample is not what it is meant to be.
    private static func measure(_ sample: Sample, rounds: Int) -> Double? {
        let pieces = stride(from: 0, to: sample.octets.count, by: read).map {
            Array(sample.octets[$0..<min($0 + read, sample.octets.count)])
        }
        let once: () -> Bool = sample.kind == .request ? { readRequest(sample) } : { readAnswer(sample, pieces) }
        guard once() else { return nil }
        let times = max(1, perRound / sample.octets.count)
        let speeds = (0..<rounds).map { _ in
            let start = processorTime
            for _ in 0..<times { _ = once() }
            return Double(times * sample.octets.count) / (processorTime - start) / 1e6
        }
        return speeds.sorted()[rounds / 2]
    }

    /// Seconds that this process has had a processor: what else the machine does counts less that way.
    private static var processorTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func readAnswer(_ sample: Sample, _ pieces: [[UInt8]]) -> Bool {
        var reader = AnswerReader(sample.operation, sample.framing)
        for (time, piece) in pieces.enumerated() { reader.read(piece.span.bytes, at: Int64(time)) }
        let (answer, timing) = reader.finish()
        let part = answer.choices.first?.parts.first
        let isAsked =
            switch part {
            case .text: sample.kind != .tools
            case .toolCall(let call): sample.kind == .tools && !call.arguments.isEmpty
            default: false
            }
        return isAsked && answer.isComplete && answer.malformed.count == 0 && timing.firstToken != nil
    }

    private static func readRequest(_ sample: Sample) -> Bool {
        var document = JSONDocument()
        do throws(JSONFault) {
            try document.read(sample.octets.span.bytes)
        } catch {
            return false
        }
        return sample.operation.request(document)?.messages.count == sample.pieces
    }
}
