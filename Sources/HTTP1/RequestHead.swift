/// What a gateway must know of a request's head before it passes it on, checked and summed up once.
///
/// Offsets count from the head's first octet.
package struct RequestHead: Sendable, Equatable {
    /// The request line.
    package let requestLine: RequestLine
    /// How the body is framed.
    package let framing: BodyFraming
    /// Where `Host` stands among the fields; nil only in HTTP/1.0.
    package let hostIndex: Int?
    /// Where the framing field stands, if there is one.
    package let framingIndex: Int?
    /// Where `Content-Type` stands, if there is one.
    package let contentTypeIndex: Int?
    /// Whether the client's connection may carry another request afterwards (RFC 9112 §9.3).
    package let isPersistent: Bool
    /// Whether the client waits for `100 Continue` before it sends its body (RFC 9110 §10.1.1).
    package let expectsContinue: Bool
    /// Whether the request asks for a WebSocket, the one upgrade that is passed on (RFC 6455 §4.1).
    package let asksForWebSocket: Bool
    /// Whether the request asks for any upgrade: what follows it may be another protocol's.
    package let asksForUpgrade: Bool
    /// The fields that stay here: hop-by-hop ones, those that `Connection` names, and what an upgrade left behind.
    package let connectionFields: FieldSet

    /// Checks a parsed head.
    ///
    /// - Throws: ``HeadFault`` with the status to answer.
    package init(_ head: RawSpan, parser: borrowing HeadParser) throws(HeadFault) {
        requestLine = parser.requestLine
        let version = requestLine.version
        var framingFields = FramingFields()
        var options = ConnectionOptions()
        var connectionFields = FieldSet()
        var host: Int?
        var contentType: Int?
        var expects = false
        var webSocket = false
        var upgradeFields = FieldSet()
        for index in parser.fields.indices {
            let field = parser.fields[index]
            if field.name == .other { continue }
            if field.name.isHopByHop { connectionFields.insert(index) }
            switch field.name {
            case .host:
                if host != nil { throw .hostRepeated }
                guard head.isHost(field.valueRange) else { throw .badHost }
                host = index
            case .contentLength: try framingFields.addContentLength(head, field, at: index)
            case .transferEncoding: try framingFields.addTransferEncoding(head, field, at: index)
            case .connection: options.add(head, field.valueRange)
            case .contentType: contentType = index
            case .upgrade:
                // A second protocol beside it could be the one that the upstream chooses.
                webSocket = upgradeFields.isEmpty && head.matches(field.valueRange, "websocket")
                upgradeFields.insert(index)
            case .expect:
                guard head.matches(field.valueRange, "100-continue") else { throw .expectationFailed }
                // An HTTP/1.0 client cannot mean it (RFC 9110 §10.1.1).
                if version == .http10 { connectionFields.insert(index) } else { expects = true }
            case .framingLookalike: throw .ambiguousFieldName
            default: break
            }
        }
        try framingFields.check(version: version)
        if host == nil, version == .http11 { throw .hostMissing }
        try Self.checkTarget(head, requestLine)

        asksForUpgrade = !upgradeFields.isEmpty && options.upgrade
        asksForWebSocket = asksForUpgrade && webSocket && version == .http11
        if options.namesFields { head.markNominated(parser.fields, into: &connectionFields) }
        if !asksForWebSocket, !upgradeFields.isEmpty {
            for index in parser.fields.indices where upgradeFields.contains(index) { connectionFields.insert(index) }
        }
        self.connectionFields = connectionFields
        hostIndex = host
        contentTypeIndex = contentType
        framingIndex = framingFields.contentLengthIndex ?? framingFields.transferEncodingIndex
        expectsContinue = expects
        isPersistent = version == .http11 ? !options.close : options.keepAlive && !options.close
        if framingFields.isChunked {
            framing = .chunked
        } else if let length = framingFields.contentLength, length > 0 {
            framing = .length(length)
        } else {
            framing = .none
        }
    }

    /// Lets through origin-form, and asterisk-form for OPTIONS (RFC 9112 §3.2).
    private static func checkTarget(_ head: RawSpan, _ line: RequestLine) throws(HeadFault) {
        if head.equals(line.method, "CONNECT") { throw .connectRefused }
        if head.octet(at: line.target.lowerBound) == 0x2F { return }
        if head.equals(line.target, "*"), head.equals(line.method, "OPTIONS") { return }
        throw head.startsWithScheme(line.target) ? .absoluteFormRefused : .badTarget
    }
}

extension RawSpan {
    /// Whether `range` is a host, a registered name or an address literal, with an optional port (RFC 9110 §7.2).
    func isHost(_ range: Range<Int>) -> Bool {
        guard !range.isEmpty else { return false }
        var index = range.lowerBound
        if octet(at: index) == 0x5B {
            index &+= 1
            while index < range.upperBound, Octet.isHostCharacter(octet(at: index)) || octet(at: index) == 0x3A {
                index &+= 1
            }
            guard index > range.lowerBound &+ 1, index < range.upperBound, octet(at: index) == 0x5D else {
                return false
            }
            index &+= 1
        } else {
            while index < range.upperBound, Octet.isHostCharacter(octet(at: index)) { index &+= 1 }
            guard index > range.lowerBound else { return false }
        }
        if index == range.upperBound { return true }
        guard octet(at: index) == 0x3A else { return false }
        let port = (index &+ 1)..<range.upperBound
        if port.isEmpty { return true }
        guard port.count <= 5, let number = decimal(port) else { return false }
        return number <= 65_535
    }

    /// Whether `range` begins like an absolute URI: a scheme and `://` (RFC 3986 §3.1).
    func startsWithScheme(_ range: Range<Int>) -> Bool {
        for index in range {
            switch octet(at: index) {
            case 0x3A:
                return index &+ 2 < range.upperBound && octet(at: index &+ 1) == 0x2F && octet(at: index &+ 2) == 0x2F
            case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x2B, 0x2D, 0x2E: continue
            default: return false
            }
        }
        return false
    }
}

extension Octet {
    /// `unreserved`, `sub-delims` and `%` of RFC 3986 §3.2.2: what a registered name is made of.
    static func isHostCharacter(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x61...0x7A, 0x41...0x5A, 0x30...0x39: return true
        // ! $ % & ' ( ) * + , - . ; = _ ~
        case 0x21, 0x24...0x2C, 0x2D, 0x2E, 0x3B, 0x3D, 0x5F, 0x7E: return true
        default: return false
        }
    }
}
