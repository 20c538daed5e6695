import Crypto

/// What an exchange carries for the record while it lasts: its number, its counters, and a hash where one is needed.
package struct ExchangeRecord {
    /// How much of one body flowed and was kept.
    struct Body {
        var total: UInt64 = 0
        var kept: UInt64 = 0
        var isCut = false
        var isLost = false
    }

    let sequence: UInt64
    /// False where the exchange was shed as a whole, and once it has ended.
    var isOpen: Bool
    var request = Body()
    var response = Body()
    /// Only for bodies that may outgrow what is kept.
    var hashes: BodyHashes?
    /// Only where names of JSON keys are configured.
    var masks: BodyMasks?

    /// A record that takes nothing: nothing is recorded, or the exchange is over.
    package static var closed: ExchangeRecord { ExchangeRecord(sequence: 0, isOpen: false) }

    init(sequence: UInt64, isOpen: Bool) {
        self.sequence = sequence
        self.isOpen = isOpen
    }
}

/// The running SHA-256 of bodies that may be cut.
final class BodyHashes {
    var request: SHA256?
    var response: SHA256?
}

extension BodyHashes {
    func startRequest() { request = SHA256() }
    func startResponse() { response = SHA256() }

    func updateRequest(_ octets: RawSpan, _ range: Range<Int>) {
        octets.withUnsafeBytes { request?.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    func updateResponse(_ octets: RawSpan, _ range: Range<Int>) {
        octets.withUnsafeBytes { response?.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    /// Appends the request's digest; false where there is none.
    func writeRequest(into out: inout BatchBuffer) -> Bool { Self.write(request, into: &out) }
    /// Appends the response's digest; false where there is none.
    func writeResponse(into out: inout BatchBuffer) -> Bool { Self.write(response, into: &out) }

    private static func write(_ hash: SHA256?, into out: inout BatchBuffer) -> Bool {
        guard let hash else { return false }
        for octet in hash.finalize() { out.append(octet) }
        return true
    }
}
