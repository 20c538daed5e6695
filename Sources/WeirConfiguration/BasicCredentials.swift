extension OutboundProxy {
    /// What `Proxy-Authorization` says to the proxy: the Basic scheme over UTF-8 (RFC 7617 §2.1); nil without a user.
    package var basicCredentials: Secret? {
        guard let user else { return nil }
        return Secret("Basic " + Self.base64(Array("\(user):\(password?.text ?? "")".utf8)))
    }

    /// RFC 4648 §4.
    private static func base64(_ octets: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: octets.count, by: 3) {
            let group = octets[start..<min(start + 3, octets.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for place in 0..<4 {
                let digit = Int(bits >> UInt32(18 - 6 * place) & 0x3F)
                text.append(place <= group.count ? alphabet[digit] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
