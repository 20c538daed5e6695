#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Whole lines gathered to writes that a pipe takes in one piece, so that other writers' lines stay whole too.
struct LineOutput {
    private let descriptor: Int32
    private var gathered: [UInt8] = []
    private var entries = 0

    /// Entries that were not written, or not whole, because the descriptor is broken or no time was left.
    private(set) var lost = 0

    /// What a pipe takes at once or not at all (POSIX `PIPE_BUF`, on Linux).
    private static let writeSize = 4096
    private static let pollMilliseconds: Int32 = 100

    init(descriptor: Int32) {
        self.descriptor = descriptor
        gathered.reserveCapacity(Self.writeSize)
    }

    /// Adds the lines of one entry.
    mutating func write(_ lines: [UInt8], _ isGivenUp: () -> Bool) {
        if gathered.count + lines.count > Self.writeSize { flush(isGivenUp) }
        gathered += lines
        entries += 1
    }

    /// Writes what is gathered; waits while the descriptor takes nothing, until `isGivenUp` says so.
    mutating func flush(_ isGivenUp: () -> Bool) {
        if !put(gathered[...], isGivenUp) { lost += entries }
        gathered.removeAll(keepingCapacity: true)
        entries = 0
    }

    private func put(_ octets: ArraySlice<UInt8>, _ isGivenUp: () -> Bool) -> Bool {
        guard descriptor >= 0 else { return false }
        var rest = octets
        while !rest.isEmpty {
            // A descriptor that blocks is asked first, so that the thread can end in time.
            var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            let isLast = isGivenUp()
            let ready = poll(&wait, 1, isLast ? 0 : Self.pollMilliseconds)
            if ready < 0, errno != EINTR { return false }
            guard ready > 0 else {
                if isLast { return false }
                continue
            }
            if wait.revents & Int16(POLLOUT) == 0 { return false }
            let piece = rest.prefix(Self.writeSize)
            let count = piece.withUnsafeBytes { octets in
                #if canImport(Glibc)
                    Glibc.write(descriptor, octets.baseAddress, octets.count)
                #else
                    Musl.write(descriptor, octets.baseAddress, octets.count)
                #endif
            }
            if count > 0 {
                rest.removeFirst(count)
            } else if errno != EAGAIN, errno != EINTR {
                return false
            }
        }
        return true
    }
}
