import HTTP1
import NIOCore

extension RecordMask {
    /// Copies a head from its start line to its empty line, masked.
    ///
    /// The caller has reserved ``room(_:)`` of the head's length.
    ///
    /// - Parameters:
    ///   - start: the start line's first octet.
    ///   - target: where the request target stands; nil for a response.
    ///   - end: the octet behind the empty line.
    func writeHead(
        _ head: RawSpan, from start: Int, target: Range<Int>?, fields: [Field], end: Int, into out: inout BatchBuffer
    ) {
        var cursor = start
        if let target, needsURLMask(head, target) {
            write(head, cursor..<target.lowerBound, into: &out)
            writeURL(head, target, into: &out)
            cursor = target.upperBound
        }
        for field in fields {
            let rule = rule(field.name, head, field.nameRange)
            if rule == .plain { continue }
            let value = field.valueRange
            write(head, cursor..<value.lowerBound, into: &out)
            writeValue(rule, head, value, into: &out)
            cursor = value.upperBound
        }
        write(head, cursor..<end, into: &out)
    }

    /// Copies a field's value by its rule.
    func writeValue(_ rule: Rule, _ span: RawSpan, _ value: Range<Int>, into out: inout BatchBuffer) {
        switch rule {
        case .plain: write(span, value, into: &out)
        case .credential: writeCredential(span, value, into: &out)
        case .cookie: writeCookies(span, value, isSetCookie: false, into: &out)
        case .setCookie: writeCookies(span, value, isSetCookie: true, into: &out)
        case .subprotocols: writeSubprotocols(span, value, into: &out)
        case .url: writeURL(span, value, startsWithAuthority: true, into: &out)
        }
    }

    /// Copies the new lines of a head's edit, masked: whole lines, each with its CRLF.
    func writeLines(_ span: RawSpan, _ lines: Range<Int>, into out: inout BatchBuffer) {
        var start = lines.lowerBound
        while start < lines.upperBound {
            let end = span.lineEnd(from: start, to: lines.upperBound)
            writeLine(span, start..<end, into: &out)
            start = end
        }
    }

    private func writeLine(_ span: RawSpan, _ line: Range<Int>, into out: inout BatchBuffer) {
        guard let colon = span.first(0x3A, in: line) else { return write(span, line, into: &out) }
        let name = line.lowerBound..<colon
        let rule = rule(FieldName.classify(span, name), span, name)
        var value = (colon + 1)..<line.upperBound
        while let last = value.last, span[last] <= 0x20 { value = value.lowerBound..<last }
        while let first = value.first, span[first] <= 0x20 { value = (first + 1)..<value.upperBound }
        write(span, line.lowerBound..<value.lowerBound, into: &out)
        writeValue(rule, span, value, into: &out)
        write(span, value.upperBound..<line.upperBound, into: &out)
    }

    /// Copies a new start line, masked; a status line has no target and comes out as it is.
    func writeStartLine(_ span: RawSpan, _ line: Range<Int>, into out: inout BatchBuffer) {
        guard let space = span.first(0x20, in: line), let next = span.first(0x20, in: (space + 1)..<line.upperBound),
            needsURLMask(span, (space + 1)..<next)
        else { return write(span, line, into: &out) }
        write(span, line.lowerBound..<(space + 1), into: &out)
        writeURL(span, (space + 1)..<next, into: &out)
        write(span, next..<line.upperBound, into: &out)
    }

    /// Schemes that may stand before a credential (RFC 9110 §11.4); any other first word may itself be the secret.
    private static let schemes = [
        "bearer", "basic", "digest", "token", "apikey", "api-key", "key", "negotiate", "ntlm", "oauth", "dpop", "hawk",
        "googlelogin", "aws4-hmac-sha256", "sharedaccesssignature", "bot",
    ].map { Array($0.utf8) }
    private static let basic = Array("basic".utf8)

    /// `Bearer sk-…` as `Bearer …wxyz`. Basic shows no octet: its last four would be the password's end.
    private func writeCredential(_ span: RawSpan, _ value: Range<Int>, into out: inout BatchBuffer) {
        guard let space = span.first(0x20, in: value) else {
            return Self.writeMask(of: span, value, into: &out)
        }
        let scheme = value.lowerBound..<space
        guard Self.schemes.contains(where: { span.spells(scheme, lowercase: $0) }) else {
            return Self.writeMask(of: span, value, into: &out)
        }
        var secret = space..<value.upperBound
        while let first = secret.first, span[first] == 0x20 { secret = (first + 1)..<secret.upperBound }
        out.append(span, value.lowerBound..<secret.lowerBound)
        if span.spells(scheme, lowercase: Self.basic) {
            if !secret.isEmpty { Self.writeEllipsis(into: &out) }
        } else {
            Self.writeMask(of: span, secret, into: &out)
        }
    }

    /// What browsers, which cannot set `Authorization` on a WebSocket, put in front of a key in its list of subprotocols.
    private static let keyPrefixes = ["openai-insecure-api-key.", "base64url.bearer."].map { Array($0.utf8) }

    /// `realtime, openai-insecure-api-key.sk-…` as `realtime, openai-insecure-api-key.…wxyz`, and what follows a scheme's
    /// name, as in `token, …`.
    private func writeSubprotocols(_ span: RawSpan, _ value: Range<Int>, into out: inout BatchBuffer) {
        var start = value.lowerBound
        var isCredential = false
        while start < value.upperBound {
            let end = span.first(0x2C, in: start..<value.upperBound) ?? value.upperBound
            var item = start..<end
            while let first = item.first, span[first] <= 0x20 { item = (first + 1)..<item.upperBound }
            while let last = item.last, span[last] <= 0x20 { item = item.lowerBound..<last }
            let prefix = Self.keyPrefixes.first {
                $0.count < item.count && span.spells(item.lowerBound..<(item.lowerBound + $0.count), lowercase: $0)
            }
            let kept = isCredential ? item.lowerBound : prefix.map { item.lowerBound + $0.count } ?? item.upperBound
            write(span, start..<kept, into: &out)
            if kept < item.upperBound { Self.writeMask(of: span, kept..<item.upperBound, into: &out) }
            write(span, item.upperBound..<min(end + 1, value.upperBound), into: &out)
            isCredential = Self.schemes.contains { span.spells(item, lowercase: $0) }
            start = end + 1
        }
    }

    private static let cookieAttributes = [
        "path", "domain", "expires", "max-age", "secure", "httponly", "samesite", "partitioned", "priority",
    ].map { Array($0.utf8) }

    /// `a=secret; b=secret` as `a=…; b=…`; of a Set-Cookie the known attributes stay (RFC 6265 §4.1.1).
    private func writeCookies(_ span: RawSpan, _ value: Range<Int>, isSetCookie: Bool, into out: inout BatchBuffer) {
        var start = value.lowerBound
        while start < value.upperBound {
            let end = span.first(0x3B, in: start..<value.upperBound) ?? value.upperBound
            var content = start..<end
            while let first = content.first, span[first] <= 0x20 { content = (first + 1)..<content.upperBound }
            let equals = span.first(0x3D, in: content)
            var name = content.lowerBound..<(equals ?? content.upperBound)
            while let last = name.last, span[last] <= 0x20 { name = name.lowerBound..<last }
            let isAttribute =
                isSetCookie && start > value.lowerBound
                && Self.cookieAttributes.contains { span.spells(name, lowercase: $0) }
            if isAttribute {
                write(span, start..<end, into: &out)
            } else {
                let kept = equals.map { $0 + 1 } ?? content.lowerBound
                write(span, start..<kept, into: &out)
                if kept < end { Self.writeEllipsis(into: &out) }
            }
            if end < value.upperBound { out.append(0x3B as UInt8) }
            start = end + 1
        }
    }
}

extension RawSpan {
    /// The offset of the first `octet` in `range`, or nil.
    func first(_ octet: UInt8, in range: Range<Int>) -> Int? {
        var index = range.lowerBound
        while index < range.upperBound {
            if self[index] == octet { return index }
            index &+= 1
        }
        return nil
    }

    /// The offset behind the first LF at or after `start`, or `end`.
    func lineEnd(from start: Int, to end: Int) -> Int {
        first(0x0A, in: start..<end).map { $0 + 1 } ?? end
    }
}
