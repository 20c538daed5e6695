import Crypto
package import WeirConfiguration

/// A configured key as requests are told apart by it.
package final class ClientKey: Sendable {
    /// Its settings.
    package let settings: KeySettings
    /// What records call it: its name, or its fingerprint.
    package let label: [UInt8]
    /// ``label`` as text.
    package let labelText: String
    /// What the upstream gets in its place; nil: it is taken out.
    let upstreamKey: [UInt8]?
    /// ``upstreamKey`` as it stands in a query.
    let upstreamQueryKey: [UInt8]
    /// Whether it may use the route at an index; nil: any.
    private let isAllowed: [Bool]?

    /// A key that records call `label`, good for those of `routes` that its settings name.
    package init(_ settings: KeySettings, label: String, routes: [RouteSettings] = []) {
        self.settings = settings
        self.label = Array(label.utf8)
        labelText = label
        upstreamKey = settings.upstreamKey.map { Array($0.text.utf8) }
        upstreamQueryKey = Self.percentEncoded(settings.upstreamKey?.text ?? "")
        isAllowed = settings.routes.map { names in routes.map { names.contains($0.name) } }
    }

    /// Whether it may use `route`.
    func mayUse(_ route: Route) -> Bool {
        guard let isAllowed else { return true }
        return isAllowed.indices.contains(route.index) && isAllowed[route.index]
    }

    /// What stands for a key that has no name: `fp_` and twelve digits of its HMAC-SHA-256 under `secret`.
    package static func fingerprint(_ key: Secret, secret: [UInt8]) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Array(key.text.utf8), using: SymmetricKey(data: secret))
        let digits = code.prefix(6).map { octet in
            String(octet >> 4, radix: 16) + String(octet & 15, radix: 16)
        }
        return "fp_" + digits.joined()
    }

    /// A secret that lives as long as the process, for callers that keep none.
    package static let processSecret = (0..<32).map { _ in UInt8.random(in: 0...255) }

    private static func percentEncoded(_ text: String) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return text.utf8.flatMap { octet -> [UInt8] in
            switch octet {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: return [octet]
            default: return [0x25, digits[Int(octet >> 4)], digits[Int(octet & 15)]]
            }
        }
    }
}
