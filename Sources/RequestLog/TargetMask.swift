/// Masks what must not be told in the clear (contract 8.4) in request targets and other URLs.
///
/// A log is read by people, so this errs towards hiding: percent-encoding is taken off however often it was put on, and
/// a secret inside a URL that is itself a parameter is found as well.
package struct TargetMask: Sendable {
    private let names: [[UInt8]]
    /// The secrets by their first octet: most places of a URL need no more than that.
    private let secrets: [[Form]]

    /// A configured secret as it may be written.
    private struct Form: Hashable {
        var octets: [UInt8]
        /// Whether the secret itself, and not this way to write it, is long enough to show its end.
        var isLong: Bool
    }

    private static let builtInNames = [
        "key", "api_key", "access_token", "token", "sig", "x-amz-signature", "x-amz-security-token", "x-amz-credential",
    ]
    /// Shorter secrets would hit too much else.
    private static let shortestSecret = 4
    /// Octets of a secret that shows its last four.
    private static let longSecret = 12

    /// A mask with the built-in names and these besides.
    ///
    /// - Parameters:
    ///   - names: of query fields, in any case.
    ///   - secrets: values that are masked wherever they stand; those below four octets are left out.
    package init(names: [String] = [], secrets: [String] = []) {
        self.names = (Self.builtInNames + names.map { $0.lowercased() }).map { Array($0.utf8) }
        var forms: Set<Form> = []
        for secret in secrets {
            let octets = Array(secret.utf8)
            guard octets.count >= Self.shortestSecret else { continue }
            let isLong = octets.count >= Self.longSecret
            forms.insert(Form(octets: octets, isLong: isLong))
            for digits in ["0123456789ABCDEF", "0123456789abcdef"] {
                forms.insert(Form(octets: Self.percentEncoded(octets, digits), isLong: isLong))
            }
        }
        // The longest first: a secret may begin another.
        var byFirst = [[Form]](repeating: [], count: forms.isEmpty ? 0 : 256)
        for form in forms.sorted(by: { $0.octets.count > $1.octets.count }) {
            byFirst[Int(form.octets[0])].append(form)
        }
        self.secrets = byFirst
    }

    /// A copy of `url`, masked.
    ///
    /// - Parameter isCut: whether its end is missing, so that what stands there is not the end of a secret.
    func masked(_ url: ArraySlice<UInt8>, isCut: Bool = false) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(url.count + 16)
        var index = url.startIndex
        while index < url.endIndex {
            if let secret = secret(url, at: index) {
                let end = index + secret.octets.count
                if secret.isLong { Self.appendMask(of: url[index..<end], to: &out) } else { out += Self.ellipsis }
                index = end
                continue
            }
            let unit = Unit(url, at: index)
            if unit.isEncoded { out += url[index..<unit.next] } else { out.append(unit.octet) }
            index = unit.next
            switch unit.octet {
            case 0x3F, 0x26, 0x3B, 0x23:
                guard let value = value(url, nameAt: index, isEncoded: unit.isEncoded) else { continue }
                out += url[index..<value.lowerBound]
                if isCut, value.upperBound == url.endIndex {
                    out += Self.ellipsis
                } else {
                    Self.appendMask(of: url[value], to: &out)
                }
                index = value.upperBound
            case 0x2F:
                guard let secret = userInformation(url, from: index, isEncoded: unit.isEncoded) else { continue }
                out += url[index..<secret.lowerBound]
                out += Self.ellipsis
                index = secret.upperBound
            default: break
            }
        }
        return out
    }

    /// The configured secret that stands at `index`.
    private func secret(_ url: ArraySlice<UInt8>, at index: Int) -> Form? {
        guard !secrets.isEmpty else { return nil }
        forms: for form in secrets[Int(url[index])] where form.octets.count <= url.endIndex - index {
            for place in 1..<form.octets.count where url[index + place] != form.octets[place] { continue forms }
            return form
        }
        return nil
    }

    /// The value of the parameter whose name starts at `start`, if the name is a secret one's.
    private func value(_ url: ArraySlice<UInt8>, nameAt start: Int, isEncoded: Bool) -> Range<Int>? {
        var name: [UInt8] = []
        var index = start
        while index < url.endIndex {
            let unit = Unit(url, at: index)
            index = unit.next
            switch unit.octet {
            case 0x3D:
                guard names.contains(name) else { return nil }
                return index..<end(of: url, from: index, isEncoded: isEncoded || unit.isEncoded)
            case 0x3F, 0x26, 0x3B, 0x23: return nil
            default: name.append((0x41...0x5A).contains(unit.octet) ? unit.octet | 0x20 : unit.octet)
            }
        }
        return nil
    }

    /// Where a parameter's value ends: a plain delimiter always ends it, an encoded one where the parameter was inside
    /// another.
    private func end(of url: ArraySlice<UInt8>, from start: Int, isEncoded: Bool) -> Int {
        var index = start
        while index < url.endIndex {
            let unit = Unit(url, at: index)
            if unit.octet == 0x26 || unit.octet == 0x23, isEncoded || !unit.isEncoded { return index }
            index = unit.next
        }
        return url.endIndex
    }

    /// The user information of an authority, if a second slash at `start` begins one: what stands before its last `@`.
    private func userInformation(_ url: ArraySlice<UInt8>, from start: Int, isEncoded: Bool) -> Range<Int>? {
        guard start < url.endIndex else { return nil }
        let slash = Unit(url, at: start)
        guard slash.octet == 0x2F else { return nil }
        let isEncoded = isEncoded || slash.isEncoded
        var index = slash.next
        var at = index
        scan: while index < url.endIndex {
            let unit = Unit(url, at: index)
            switch unit.octet {
            case 0x40: at = index
            case 0x2F, 0x3F, 0x23: if isEncoded || !unit.isEncoded { break scan }
            case 0x26: if isEncoded { break scan }
            default: break
            }
            index = unit.next
        }
        return at > slash.next ? slash.next..<at : nil
    }

    private static let ellipsis = Array("…".utf8)

    /// A long secret shows its last four characters, another nothing.
    private static func appendMask(of secret: ArraySlice<UInt8>, to out: inout [UInt8]) {
        guard !secret.isEmpty else { return }
        out += ellipsis
        let tail = secret.suffix(4)
        guard secret.count >= longSecret, tail.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return }
        out += tail
    }

    private static func percentEncoded(_ octets: [UInt8], _ digits: String) -> [UInt8] {
        let digits = Array(digits.utf8)
        return octets.flatMap { octet -> [UInt8] in
            switch octet {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: return [octet]
            default: return [0x25, digits[Int(octet >> 4)], digits[Int(octet & 15)]]
            }
        }
    }
}

/// One octet of a URL, percent-encoding taken off (RFC 3986 §2.1) as often as it was put on.
private struct Unit {
    var octet: UInt8
    var next: Int
    var isEncoded = false

    init(_ url: ArraySlice<UInt8>, at index: Int) {
        octet = url[index]
        next = index + 1
        guard octet == 0x25 else { return }
        var digits = index + 1
        while digits + 1 < url.endIndex, let value = Self.value(url, digits) {
            octet = value
            next = digits + 2
            isEncoded = true
            // An encoded percent sign may begin another octet, encoded once more.
            guard value == 0x25 else { return }
            digits += 2
        }
    }

    private static func value(_ url: ArraySlice<UInt8>, _ index: Int) -> UInt8? {
        guard let high = digit(url[index]), let low = digit(url[index + 1]) else { return nil }
        return high << 4 | low
    }

    private static func digit(_ octet: UInt8) -> UInt8? {
        switch octet {
        case 0x30...0x39: return octet - 0x30
        case 0x41...0x46: return octet - 0x37
        case 0x61...0x66: return octet - 0x57
        default: return nil
        }
    }
}
