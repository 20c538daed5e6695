import HTTP1
import WeirConfiguration

/// What a route does to header fields by their names, made ready.
///
/// Nearly all fields of a request are none of these: one test of a bit for the length of the name tells.
struct HeaderRules: Sendable {
    /// What becomes of a field.
    enum Verdict {
        /// The rules do not know it.
        case unnamed
        /// The upstream does not get it.
        case drop
        /// A custom header has its name: the one at this index of ``customs``.
        case custom(Int)
    }

    /// A header that the upstream gets.
    struct Custom: Sendable {
        /// The line with its CRLF.
        let line: [UInt8]
        /// Whether it is a credential.
        let isCredential: Bool
    }

    private struct Entry {
        /// Where the name, in lowercase, stands in `names`.
        let start: Int
        let count: Int
        /// The custom header of that name, or -1: drop.
        let custom: Int
    }

    /// The route's custom headers, in their order.
    let customs: [Custom]
    /// Whether they take the place of what clients send.
    let isForced: Bool

    private let lengths: UInt64
    private let names: [UInt8]
    private let entries: [Entry]

    init(_ settings: RouteSettings, _ configuration: Configuration) {
        isForced = settings.forceHeaderOverwrite ?? configuration.forceHeaderOverwrite
        var names: [UInt8] = []
        var entries: [Entry] = []
        var known: Set<String> = []
        var lengths: UInt64 = 0
        func add(_ name: String, custom: Int) {
            guard known.insert(name).inserted else { return }
            entries.append(Entry(start: names.count, count: name.utf8.count, custom: custom))
            names += Array(name.utf8)
            lengths |= Self.bit(name.utf8.count)
        }
        for name in configuration.headersToDrop + settings.headersToDrop {
            guard !Self.isFixed(name) else { continue }
            add(name.lowercased(), custom: -1)
        }
        var customs: [Custom] = []
        for (index, header) in settings.customHeaders.enumerated() {
            let name = header.name.lowercased()
            let isRepeated = settings.customHeaders[(index + 1)...].contains { $0.name.lowercased() == name }
            guard !isRepeated, Self.isSettable(header), customs.count < 256 else { continue }
            let place = CredentialPlace(Self.classify(name))
            customs.append(
                Custom(
                    line: Array("\(header.name): \(header.value.text)\r\n".utf8),
                    isCredential: place != nil && !header.value.text.isEmpty))
            add(name, custom: customs.count - 1)
        }
        self.customs = customs
        self.names = names
        self.entries = entries
        self.lengths = lengths
    }

    @inline(__always)
    private static func bit(_ length: Int) -> UInt64 { 1 << UInt64(min(length, 63)) }

    /// What becomes of the field with the name in `name`.
    @inline(__always)
    func verdict(_ head: RawSpan, _ name: Range<Int>) -> Verdict {
        lengths & Self.bit(name.count) == 0 ? .unnamed : lookUp(head, name)
    }

    @inline(never)
    private func lookUp(_ head: RawSpan, _ name: Range<Int>) -> Verdict {
        entries: for entry in entries where entry.count == name.count {
            for offset in 0..<entry.count
            where Octet.lowercased(head.octet(at: name.lowerBound &+ offset)) != names[entry.start &+ offset] {
                continue entries
            }
            return entry.custom < 0 ? .drop : .custom(entry.custom)
        }
        return .unnamed
    }

    private static func classify(_ name: String) -> FieldName {
        let octets = Array(name.utf8)
        return FieldName.classify(octets.span.bytes, 0..<octets.count)
    }

    /// Whether a field of this name is decided about by framing, routing or the connection, and by no list of names.
    private static func isFixed(_ name: String) -> Bool {
        let known = classify(name)
        switch known {
        case .host, .contentLength, .transferEncoding, .upgrade, .framingLookalike: return true
        default: return known.isHopByHop
        }
    }

    /// Whether a custom header can be sent as it is written; the configuration refuses the others.
    private static func isSettable(_ header: CustomHeader) -> Bool {
        let known = classify(header.name)
        return !isFixed(header.name) && known != .expect && known != .trailer && !header.name.isEmpty
            && header.name.utf8.allSatisfy(Octet.isTokenCharacter)
            && header.value.text.utf8.allSatisfy(Octet.isFieldValueCharacter)
    }
}
