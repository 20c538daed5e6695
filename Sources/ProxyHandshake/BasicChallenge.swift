package import HTTP1
package import NIOCore

/// Whether a proxy asks for Basic credentials.
package enum BasicChallenge {
    /// Whether `Basic` is among the schemes that the `Proxy-Authenticate` fields of `head` name (RFC 9110 §11.7.1), or
    /// none is named.
    package static func isOffered(in head: ByteBuffer, _ fields: [Field]) -> Bool {
        let challenges = fields.filter { $0.name == .proxyAuthenticate }
        return challenges.isEmpty || challenges.contains { isNamed(in: head.readableBytesView, $0.valueRange) }
    }

    private static func isNamed(in octets: ByteBufferView, _ range: Range<Int>) -> Bool {
        let start = octets.startIndex
        let value = octets[(start + range.lowerBound)..<(start + range.upperBound)]
        return value.split(separator: UInt8(ascii: ",")).contains { challenge in
            challenge.drop { $0 == Octet.space || $0 == Octet.horizontalTab }
                .prefix { Octet.isTokenCharacter($0) }
                .map(Octet.lowercased).elementsEqual("basic".utf8)
        }
    }
}
