import Foundation
import WeirConfiguration

/// What a configuration may ask of the world around it.
struct Surroundings {
    /// Why a file cannot be read.
    struct FileFault: Error {
        let message: String
    }

    /// The environment's variables.
    let environment: (String) -> String?
    /// The user's home, or the working directory where there is none.
    let home: String

    init(environment: @escaping (String) -> String?) {
        self.environment = environment
        home = environment("HOME").flatMap { $0.isEmpty ? nil : $0 } ?? "."
    }

    /// What is in a file of at most `limit` octets.
    ///
    /// What is no regular file, such as a pipe, is waited for no longer than ``patience``.
    func contents(_ path: String, upTo limit: Int = 4 << 20) -> Result<String, FileFault> {
        do throws(FileFault) {
            return .success(try text(path, limit))
        } catch {
            return .failure(error)
        }
    }

    /// Why `path` cannot be read again and again by whoever needs it; nil: it can.
    func faultOfRegularFile(_ path: String) -> FileFault? {
        var status = stat()
        if stat(path, &status) == 0, !Self.isA(status, S_IFREG), !Self.isA(status, S_IFDIR) {
            return FileFault(message: "This is no regular file; give the path of one.")
        }
        guard case .failure(let fault) = contents(path) else { return nil }
        return fault
    }

    /// Milliseconds that something else than a regular file may take to come to its end.
    private static let patience = 5000

    private func text(_ path: String, _ limit: Int) throws(FileFault) -> String {
        // Without waiting: opening a pipe that nobody writes to would never end.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw FileFault(message: Self.reason(errno)) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileFault(message: Self.reason(errno)) }
        guard !Self.isA(status, S_IFDIR) else { throw FileFault(message: "This is a directory, not a file.") }
        let octets = try Self.read(descriptor, limit, isRegular: Self.isA(status, S_IFREG))
        guard octets.count <= limit else { throw FileFault(message: "The file is larger than \(limit >> 20) MiB.") }
        guard let text = String(validating: octets, as: UTF8.self) else {
            throw FileFault(message: "The file is not UTF-8.")
        }
        return text
    }

    /// At most one octet more than is taken.
    private static func read(_ descriptor: Int32, _ limit: Int, isRegular: Bool) throws(FileFault) -> [UInt8] {
        let start = ContinuousClock.now
        var octets: [UInt8] = []
        while octets.count <= limit {
            if !isRegular {
                let left = Duration.milliseconds(patience) - (ContinuousClock.now - start)
                var wish = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                let found = poll(&wish, 1, left > .zero ? Int32(clamping: left.wholeNanoseconds / 1_000_000) : 0)
                if found < 0, errno == EINTR { continue }
                guard found > 0 else {
                    throw FileFault(message: "This is no regular file, and its end did not come within 5 seconds.")
                }
            }
            let room = min(64 << 10, limit + 1 - octets.count)
            var failure: Int32 = 0
            let piece = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                let got = Foundation.read(descriptor, buffer.baseAddress, room)
                if got < 0 { failure = errno }
                count = max(0, got)
            }
            if failure == EINTR || failure == EAGAIN { continue }
            guard failure == 0 else { throw FileFault(message: reason(failure)) }
            if piece.isEmpty { break }
            octets += piece
        }
        return octets
    }

    private static func isA(_ status: stat, _ type: mode_t) -> Bool { status.st_mode & S_IFMT == type }

    private static func reason(_ number: Int32) -> String {
        switch number {
        case ENOENT, ENOTDIR: return "There is no such file."
        case EACCES, EPERM: return "The file cannot be read; look at its permissions."
        default: return "The file cannot be read: \(String(cString: strerror(number)))."
        }
    }
}
