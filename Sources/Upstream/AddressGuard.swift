package import NIOCore

/// Says which addresses may be dialled.
///
/// Every address that a name resolves to is asked about, and what is dialled is an address that was let through. A name
/// that an outbound proxy resolves is not asked about: only literals are, so who must know where such a connection ends
/// has to refuse names, numbers that resolvers take for addresses (`2130706433`, `0x7f.1`) among them.
package struct AddressGuard: Sendable {
    /// Why an address may not be dialled, to end a sentence with, as in "127.0.0.1 is a loopback address"; nil: it may.
    package let objection: @Sendable (SocketAddress) -> String?

    /// A guard; `objection` is called on event loops and must not block.
    package init(_ objection: @escaping @Sendable (SocketAddress) -> String?) {
        self.objection = objection
    }
}
