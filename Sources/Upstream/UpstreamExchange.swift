package import HTTP1
package import NIOCore

/// What an upstream connection tells the exchange that has leased it; all calls come on their event loop.
package protocol UpstreamExchange: AnyObject {
    /// Octets have come and are about to be read.
    func upstreamWillRead(_ connection: UpstreamConnection)
    /// An interim head other than 101 has come; it stands in `connection.received` up to `end`.
    func upstream(_ connection: UpstreamConnection, interim head: ResponseHead, end: Int)
    /// The final head has come; it stands in `connection.received` up to `end`.
    func upstream(_ connection: UpstreamConnection, head: ResponseHead, end: Int)
    /// Octets of the body, or of a tunnel, have come: the `range` of `run`, counted from its reader index.
    func upstream(_ connection: UpstreamConnection, payload run: ByteBuffer, range: Range<Int>)
    /// `piece` goes on to the client in the framing that it came in.
    func upstream(_ connection: UpstreamConnection, forward piece: ByteBuffer)
    /// The answer has ended well; the lease is over once this returns.
    func upstreamFinished(_ connection: UpstreamConnection)
    /// One burst of reading is over.
    func upstreamReadComplete(_ connection: UpstreamConnection)
    /// More, or no more, can be written to the upstream now.
    func upstream(_ connection: UpstreamConnection, isWritable: Bool)
    /// The connection is of no more use; the lease is over.
    func upstream(_ connection: UpstreamConnection, failed fault: UpstreamFault)
}
