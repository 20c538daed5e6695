package import ProxyHandshake
package import WeirConfiguration

/// What must hold of the talk with a proxy, whatever the proxy says; shared by fuzzing and tests.
package enum ProxyInvariants {
    private static let host = "upstream.test"
    private static let user = "canary-user"
    private static let password = "canary-password"

    /// Reads an input of the fuzzer: one octet of choices (bit 0: with credentials), two that seed the cuts, then what an
    /// HTTP proxy says; nil where all holds.
    package static func violation(inCONNECTInput input: [UInt8]) -> String? {
        violation(in: input, scheme: .http)
    }

    /// The same for a SOCKS proxy.
    package static func violation(inSOCKSInput input: [UInt8]) -> String? {
        violation(in: input, scheme: .socks5)
    }

    private static func violation(in input: [UInt8], scheme: OutboundProxy.Scheme) -> String? {
        guard input.count >= 3 else { return nil }
        var proxy = OutboundProxy(scheme: scheme, host: "proxy.test", port: 1)
        if input[0] & 1 == 1 {
            proxy.user = user
            proxy.password = Secret(password)
        }
        guard let machine = try? proxy.machine(host: host, port: 443) else { return "no machine" }
        let said = Array(input.dropFirst(3))
        let seed = Int(input[1]) << 8 | Int(input[2])
        let cuts = [seed % (said.count + 1), seed / 7 % (said.count + 1)].sorted()
        if let violation = violation(in: said, to: machine, of: proxy, cuts: cuts) { return violation }
        return said.count > 512 ? nil : violation(in: said, to: machine, of: proxy, cuts: Array(0..<said.count))
    }

    /// What does not hold of `said` whole and cut at `cuts`; nil where all holds.
    package static func violation(
        in said: [UInt8], to machine: any ProxyMachine, of proxy: OutboundProxy, cuts: [Int]
    ) -> String? {
        let whole = ProxyRun(machine, said)
        let split = ProxyRun(machine, said, cuts: cuts)
        if whole != split { return "cut at \(cuts): \(split), whole: \(whole)" }
        switch whole.outcome {
        case .pending:
            if said.count > 16_384 { return "it waits for more than an answer may have" }
        case .established:
            if !said.suffix(whole.rest.count).elementsEqual(whole.rest) { return "the rest is not the end" }
            if whole.rest.count == said.count { return "established without an answer" }
        case .failed(let fault):
            if fault.message.isEmpty || fault.message.utf8.contains(where: { !(0x20...0x7E).contains($0) }) {
                return "not fit to be shown: \(fault.message)"
            }
            if fault.message.utf8.count > 300 { return "too long: \(fault.message)" }
            if proxy.isGivenAway(by: fault.message) { return "a secret in: \(fault.message)" }
        }
        let sent = String(decoding: whole.sent, as: UTF8.self)
        if proxy.scheme == .socks5, proxy.user == nil, sent.contains(user) { return "credentials out of nowhere" }
        if proxy.scheme == .http, !sent.isEmpty { return "sent more than the opening" }
        return nil
    }
}
