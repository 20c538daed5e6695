import CTCPInfo
import NIOCore

/// What the peer's kernel has acknowledged on a connection.
enum Acknowledgement {
    /// Octets acknowledged since the connection began, the SYN counted as one; nil where the system does not tell.
    static func octets(on channel: any Channel) -> UInt64? {
        var acknowledged: UInt64 = 0
        let status = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
            weir_tcp_bytes_acknowledged($0, &acknowledged)
        }
        return status == 0 ? acknowledged : nil
    }
}
