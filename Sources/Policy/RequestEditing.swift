package import HTTP1
import LLMWire
import NIOCore
import WeirConfiguration

extension Forwarding {
    /// Fills in what the upstream's head differs in from the client's; `edit` must be empty before.
    ///
    /// The header policy of the outside contract, in its order: fields of the connection go, then those to be dropped; a
    /// client's key becomes its upstream's where it stands; `Host` becomes the target's; custom headers are set; where
    /// there is still no credential, the default one is added. Every line that none of these names stays as it came.
    ///
    /// - Parameter bodyLength: octets of the body that goes out, where it is not the client's; nil: it is. `Expect` and
    ///   `Trailer`, which belong to the client's body, go then.
    package func edit(
        _ edit: inout HeadEdit, _ head: RawSpan, _ request: RequestHead, fields: [Field], bodyLength: Int?
    ) {
        let destinationHost = destination.map { Array($0.authority.utf8) }
        let host = destinationHost ?? route.host
        edit.forwardRequestLine(
            head, request, target: { writeTarget(into: &$0, head, client: request.requestLine.target) }, host: host)
        var state = EditState()
        for index in fields.indices {
            let field = fields[index]
            if request.connectionFields.contains(index) {
                edit.drop(index)
                continue
            }
            switch field.name {
            case .other: editNamed(&edit, &state, head, field, at: index)
            case .host: edit.replaceHost(head, field, at: index, host: host)
            case .contentLength, .transferEncoding:
                guard let bodyLength else {
                    edit.canonicaliseFraming(head, field, at: index)
                    continue
                }
                if state.hasFraming { edit.drop(index) } else { edit.replace(index) { $0.writeLength(bodyLength) } }
                state.hasFraming = true
            case .upgrade: break
            case .expect, .trailer:
                if bodyLength != nil { edit.drop(index) } else { editNamed(&edit, &state, head, field, at: index) }
            case .authorization, .xAPIKey, .apiKey, .xGoogAPIKey:
                editCredential(&edit, &state, head, field, at: index)
            case .referer where key != nil && holdsKnownKey(head, field.valueRange):
                // Clients that follow a redirect name the URL that they come from, `?key=` and all.
                edit.drop(index)
            default: editNamed(&edit, &state, head, field, at: index)
            }
        }
        if request.asksForWebSocket { edit.append { $0.writeStaticString("Connection: Upgrade\r\n") } }
        if let bodyLength, !state.hasFraming { edit.append { $0.writeLength(bodyLength) } }
        for index in route.headers.customs.indices where !state.carried.contains(index) {
            let custom = route.headers.customs[index]
            edit.append(custom.line)
            if custom.isCredential { state.hasCredential = true }
        }
        if !route.defaultCredentials.isEmpty, !state.hasCredential {
            addDefaultCredential(&edit, state, head, request, fields: fields)
        }
        if !route.proxyAuthorization.isEmpty, sendsAbsoluteForm { edit.append(route.proxyAuthorization) }
    }

    private func editNamed(
        _ edit: inout HeadEdit, _ state: inout EditState, _ head: RawSpan, _ field: Field, at index: Int
    ) {
        switch route.headers.verdict(head, field.nameRange) {
        case .unnamed: break
        case .drop: edit.drop(index)
        case .custom(let custom):
            if route.headers.isForced {
                force(&edit, &state, custom, at: index)
            } else {
                state.carried.insert(custom)
            }
        }
    }

    /// Puts a custom header in the place of the first field of its name; later ones go.
    private func force(_ edit: inout HeadEdit, _ state: inout EditState, _ custom: Int, at index: Int) {
        guard !state.placed.contains(custom) else { return edit.drop(index) }
        state.placed.insert(custom)
        state.carried.insert(custom)
        if route.headers.customs[custom].isCredential { state.hasCredential = true }
        edit.replace(index, with: route.headers.customs[custom].line)
    }

    private func editCredential(
        _ edit: inout HeadEdit, _ state: inout EditState, _ head: RawSpan, _ field: Field, at index: Int
    ) {
        let verdict = route.headers.verdict(head, field.nameRange)
        if case .drop = verdict { return edit.drop(index) }
        if case .custom(let custom) = verdict, route.headers.isForced {
            return force(&edit, &state, custom, at: index)
        }
        let credential = head.credential(of: field)
        if key != nil, let known = route.keys?.find(head, credential) {
            guard let upstreamKey = route.upstreamKey(for: known) else { return edit.drop(index) }
            let line = field.lineRange
            edit.replace(index) { text in
                text.writeBytes(head, line.lowerBound..<credential.lowerBound)
                text.writeBytes(upstreamKey)
                text.writeBytes(head, credential.upperBound..<line.upperBound)
            }
            state.hasCredential = true
        } else if credential.isEmpty {
            state.noteEmpty(field.name, at: index)
        } else {
            state.hasCredential = true
        }
        if case .custom(let custom) = verdict { state.carried.insert(custom) }
    }

    private func addDefaultCredential(
        _ edit: inout HeadEdit, _ state: EditState, _ head: RawSpan, _ request: RequestHead, fields: [Field]
    ) {
        var scanner = QueryScanner(head, target: request.requestLine.target)
        while let field = scanner.field(head) {
            guard field.isKey, !field.value.isEmpty else { continue }
            guard key != nil, let known = route.keys?.findEncoded(head, field.value) else { return }
            if route.upstreamKey(for: known) != nil { return }
        }
        let place = defaultPlace(head, fields: fields)
        // An empty credential of that place would stand beside it.
        let empty = state.emptyIndex(place)
        if empty >= 0 { edit.dropEarlier(empty) }
        edit.append(route.defaultCredentials[place.rawValue])
    }

    /// Where the upstream looks for a credential.
    private func defaultPlace(_ head: RawSpan, fields: [Field]) -> CredentialPlace {
        switch route.settings.dialect ?? Dialect(head, target: rest, fields: fields) {
        case .anthropicMessages: return .xAPIKey
        case .gemini: return .xGoogAPIKey
        case .openAIChat, .openAIResponses, .ollama, .other:
            return destination.map { Route.isAzure($0.host) } ?? route.isAzure ? .apiKey : .authorization
        }
    }

    /// Appends the target that the upstream sees; nothing where it is the client's.
    private func writeTarget(into text: inout ByteBuffer, _ head: RawSpan, client: Range<Int>) {
        let isAbsolute = sendsAbsoluteForm
        if isAbsolute { text.writeBytes(destination.map { Array($0.origin.utf8) } ?? route.origin) }
        // The asterisk-form of OPTIONS has no path; to a proxy it is the origin alone (RFC 9112 §3.2.4).
        if head.octet(at: client.lowerBound) == 0x2A { return }
        let joined = route.path.join(head, rest)
        let hidesKey = key != nil && holdsKnownKey(head, joined.rest)
        if !isAbsolute, !hidesKey, joined.prefix.isEmpty, joined.rest == client { return }
        text.writeBytes(joined.prefix)
        if hidesKey {
            writeWithoutKeys(into: &text, head, joined)
        } else if joined.continuesQuery {
            text.writeInteger(0x26, as: UInt8.self)
            text.writeBytes(head, joined.rest.dropFirst())
        } else {
            text.writeBytes(head, joined.rest)
        }
    }

    private func holdsKnownKey(_ head: RawSpan, _ target: Range<Int>) -> Bool {
        var scanner = QueryScanner(head, target: target)
        while let field = scanner.field(head) {
            if field.isKey, route.keys?.findEncoded(head, field.value) != nil { return true }
        }
        return false
    }

    /// Appends the rest of `joined` with the clients' keys in its query replaced, or taken out with one `&` each.
    private func writeWithoutKeys(into text: inout ByteBuffer, _ head: RawSpan, _ joined: UpstreamPath.Joined) {
        text.writeBytes(head, head.path(of: joined.rest))
        var scanner = QueryScanner(head, target: joined.rest)
        var isFirst = !joined.continuesQuery
        while let field = scanner.field(head) {
            let known = field.isKey ? route.keys?.findEncoded(head, field.value) : nil
            if let known, route.upstreamKey(for: known) == nil { continue }
            text.writeInteger(isFirst ? 0x3F : 0x26, as: UInt8.self)
            isFirst = false
            guard let known else {
                text.writeBytes(head, field.range)
                continue
            }
            text.writeBytes(head, field.range.lowerBound..<field.value.lowerBound)
            text.writeBytes(known.upstreamQueryKey)
        }
    }
}

/// What an edit has seen so far.
private struct EditState {
    /// The custom headers that need not be appended: the request carries them, or they stand in a line's place.
    var carried = FieldSet()
    /// The custom headers that stand in a line's place.
    var placed = FieldSet()
    /// Whether the request carries a credential by now.
    var hasCredential = false
    /// Whether the framing line has been written.
    var hasFraming = false
    /// The first field of each place that is left and has no credential in it, or -1.
    private var empty: (Int, Int, Int, Int) = (-1, -1, -1, -1)

    mutating func noteEmpty(_ name: FieldName, at index: Int) {
        switch CredentialPlace(name) {
        case .authorization where empty.0 < 0: empty.0 = index
        case .xAPIKey where empty.1 < 0: empty.1 = index
        case .apiKey where empty.2 < 0: empty.2 = index
        case .xGoogAPIKey where empty.3 < 0: empty.3 = index
        default: break
        }
    }

    func emptyIndex(_ place: CredentialPlace) -> Int {
        switch place {
        case .authorization: empty.0
        case .xAPIKey: empty.1
        case .apiKey: empty.2
        case .xGoogAPIKey: empty.3
        case .query: -1
        }
    }
}

extension ByteBuffer {
    fileprivate mutating func writeLength(_ length: Int) {
        writeStaticString("Content-Length: ")
        writeDecimal(UInt64(max(0, length)))
        writeStaticString("\r\n")
    }
}
