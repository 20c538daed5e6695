import Glibc

/// Both ends of a benchmark: an event-stream upstream (`serve`), and two clients that check what they get (`watch`,
/// `load`). Each runs on one event loop, so that it takes at most one core, and needs no lock.
@main
enum StreamPeer {
    static let usage = """
        usage: stream-peer serve --port P [--host H] [--interval-us U] [--tick-us U]
               stream-peer watch --port P --streams N --events N --seconds S [--host H] [--path P] [--opening N]
                                 [--deadline S]
               stream-peer load  --port P --requests N --connections N --body FILE --answer FILE [--host H] [--path P]
                                 [--deadline S] [--until-cut]
               stream-peer load  --port P --agent --conversations N [--turns N] [--first-bytes N] [--last-bytes N]
                                 [--events N] [--host H] [--path P] [--deadline S]
        """

    static func main() {
        do {
            try run(Array(CommandLine.arguments.dropFirst()))
        } catch let error as PeerError {
            report(error.message)
            exit(error.isUsage ? 2 : 1)
        } catch {
            report("\(error)")
            exit(1)
        }
    }

    private static func run(_ arguments: [String]) throws {
        guard let subcommand = arguments.first else { throw PeerError(usage: usage) }
        var options = try Options(arguments.dropFirst())
        switch subcommand {
        case "serve": try serve(&options)
        case "watch": try watch(&options)
        case "load": try load(&options)
        default: throw PeerError(usage: "no subcommand '\(subcommand)'\n\(usage)")
        }
    }

    /// Writes one line to standard output at once: whoever reads the pipe samples the proxy when the line comes.
    static func emit(_ line: String) {
        writeLine(line, to: STDOUT_FILENO)
    }

    static func report(_ message: String) {
        writeLine("stream-peer: \(message)", to: STDERR_FILENO)
    }

    private static func writeLine(_ line: String, to descriptor: Int32) {
        var bytes = ArraySlice((line + "\n").utf8)
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return }
            bytes = bytes.dropFirst(written)
        }
    }
}

/// What went wrong, for the person who runs the benchmark.
struct PeerError: Error, Equatable {
    var message: String
    var isUsage = false

    init(_ message: String) {
        self.message = message
    }

    init(usage message: String) {
        self.message = message
        self.isUsage = true
    }
}
