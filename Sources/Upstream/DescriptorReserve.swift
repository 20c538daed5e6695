#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Descriptors that connections leave to others, who fail worse without one: the record's files, a configuration that is
/// read again, name lookups, and libdispatch, which ends the process when it cannot open its threads' state in `/proc`.
package enum DescriptorReserve {
    /// Whether the next descriptor would be of the reserve: no more clients are to be let in.
    package static var isReached: Bool {
        let limit = limit
        return next >= limit - size(limit)
    }

    /// Whether the next descriptor would be of the reserve's second half. The first is for what the clients that were let
    /// in still need: their connections to upstreams.
    package static var isHalfGone: Bool {
        let limit = limit
        return next >= limit - size(limit) / 2
    }

    /// How many are kept aside where the process may have `limit` open.
    static func size(_ limit: Int) -> Int { min(64, limit / 4) }

    /// How many the process may have open.
    private static var limit: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
        return Int(clamping: limit.rlim_cur)
    }

    /// The number that the next descriptor will have: the lowest that is free. All below it are in use.
    private static var next: Int {
        // Of the family that clients come by, so that no sandbox forbids it.
        let probe = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { return errno == EMFILE || errno == ENFILE ? .max : 0 }
        close(probe)
        return Int(probe)
    }
}
