/// Checks the grammar of chunk extensions, octet by octet (RFC 9112 §7.1.1); their content is dropped.
///
/// `*( ";" token [ "=" ( token / quoted-string ) ] )`, without the white space that the RFC only tolerates.
struct ChunkExtensions: Sendable {
    enum Verdict {
        case more
        case lineEnd
        case fault
    }

    private enum Expectation: Sendable {
        case nameStart
        case name
        case valueStart
        case token
        case quoted
        case escaped
        case afterQuoted
    }

    private var expectation = Expectation.nameStart

    mutating func read(_ octet: UInt8) -> Verdict {
        switch expectation {
        case .nameStart: return step(Octet.isTokenCharacter(octet), to: .name)
        case .name:
            if Octet.isTokenCharacter(octet) { return .more }
            if octet == 0x3D { return step(true, to: .valueStart) }
            return end(octet)
        case .valueStart:
            if octet == 0x22 { return step(true, to: .quoted) }
            return step(Octet.isTokenCharacter(octet), to: .token)
        case .token: return Octet.isTokenCharacter(octet) ? .more : end(octet)
        case .quoted:
            if octet == 0x22 { return step(true, to: .afterQuoted) }
            if octet == 0x5C { return step(true, to: .escaped) }
            return Octet.isFieldValueCharacter(octet) ? .more : .fault
        case .escaped: return step(Octet.isFieldValueCharacter(octet), to: .quoted)
        case .afterQuoted: return end(octet)
        }
    }

    private mutating func step(_ holds: Bool, to next: Expectation) -> Verdict {
        expectation = next
        return holds ? .more : .fault
    }

    private mutating func end(_ octet: UInt8) -> Verdict {
        if octet == Octet.carriageReturn { return .lineEnd }
        return step(octet == 0x3B, to: .nameStart)
    }
}
