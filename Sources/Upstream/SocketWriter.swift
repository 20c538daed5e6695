package import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a connection's handler writes: the latest piece waits for the flush, so that one piece is one call of the system.
///
/// Octets for a plain socket go past the channel while it holds none: its way is a quarter of a forwarded event's time
/// in user space. What the socket does not take is the channel's, as is every error: it knows how to wait and to end.
package struct SocketWriter {
    private enum Path {
        /// Not looked up yet.
        case unknown
        case past(NIOBSDSocket.Handle)
        case channel
    }

    /// Whether the socket has refused octets because the connection was broken, as by a reset, without the peer having
    /// closed its side; the kernel tells that only once.
    package private(set) var hasMetBreak = false

    private static let flags = CInt(MSG_NOSIGNAL | MSG_DONTWAIT)

    private var waiting: ByteBuffer?
    private var path: Path
    /// Whether the channel may hold octets, so that none may overtake them.
    private var isChannelInUse = false

    /// - Parameter isPlain: whether the socket carries what the handler writes as it is, and nobody else writes to it.
    package init(isPlain: Bool) {
        path = isPlain ? .unknown : .channel
    }

    /// Lets a piece wait for the flush.
    ///
    /// - Returns: the piece that waited before, which is to be written to the channel.
    @inline(__always)
    package mutating func write(_ piece: ByteBuffer) -> ByteBuffer? {
        guard piece.readableBytes > 0 else { return nil }
        let earlier = waiting
        waiting = piece
        if earlier != nil { isChannelInUse = true }
        return earlier
    }

    /// Copies a piece behind the one that waits, if one does.
    package mutating func join(_ piece: ByteBuffer) {
        waiting?.writeImmutableBuffer(piece)
    }

    /// Forgets what waits.
    package mutating func drop() {
        waiting = nil
    }

    /// Sends what waits.
    ///
    /// - Returns: what is to be written to the channel, and flushed.
    @inline(__always)
    package mutating func flush(_ context: ChannelHandlerContext) -> ByteBuffer? {
        guard let piece = waiting else { return nil }
        waiting = nil
        let socket: NIOBSDSocket.Handle
        if case .past(let known) = path, !isChannelInUse {
            socket = known
        } else {
            guard let found = lookUp(context.channel) else {
                isChannelInUse = true
                return piece
            }
            socket = found
        }
        let sent = piece.withUnsafeReadableBytes { send(socket, $0.baseAddress, $0.count, Self.flags) }
        return sent == piece.readableBytes ? nil : remainder(of: piece, sent)
    }

    /// Ends the way past the channel; to be called as soon as that is inactive, for its descriptor may become another's.
    package mutating func end() {
        path = .channel
        waiting = nil
    }

    /// The socket, where octets have gone past the channel.
    package var socket: NIOBSDSocket.Handle? {
        if case .past(let socket) = path { return socket }
        return nil
    }

    /// Whether neither the writer nor the channel holds octets.
    package mutating func holdsNothing(_ context: ChannelHandlerContext) -> Bool {
        guard waiting == nil else { return false }
        if isChannelInUse { checkChannel(context.channel) }
        return !isChannelInUse
    }

    private mutating func checkChannel(_ channel: any Channel) {
        if let held = try? channel.syncOptions?.getOption(.bufferedWritableBytes), held == 0 { isChannelInUse = false }
    }

    /// The socket, if octets may go past the channel now.
    @inline(never)
    private mutating func lookUp(_ channel: any Channel) -> NIOBSDSocket.Handle? {
        if case .channel = path { return nil }
        guard channel.isActive else { return nil }
        if isChannelInUse { checkChannel(channel) }
        guard !isChannelInUse else { return nil }
        if case .past(let socket) = path { return socket }
        let socket = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { $0 }
        path = socket.map(Path.past) ?? .channel
        return socket
    }

    /// What the socket has not taken of a piece; `sent` is what `send` returned.
    @inline(never)
    private mutating func remainder(of piece: ByteBuffer, _ sent: Int) -> ByteBuffer? {
        if sent < 0, ![EAGAIN, EINTR, EPIPE].contains(errno) { hasMetBreak = true }
        isChannelInUse = true
        return sent > 0 ? piece.getSlice(at: piece.readerIndex + sent, length: piece.readableBytes - sent) : piece
    }
}
