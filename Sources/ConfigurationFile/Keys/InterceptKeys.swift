import WeirConfiguration

/// The keys of `intercept`.
enum InterceptKeys {
    static var intercept: Table<InterceptSettings> {
        Table(
            [
                Key("enabled", .flag, \.isEnabled, "Whether the gateway's port is a forward proxy as well."),
                Key(
                    "rules", rule.kind(InterceptSettings.Rule()).list("a list of rules"), \.rules,
                    "Which requests are sent through which route; the first that matches wins."),
                Key(
                    "otherwise", .choice(), \.otherwise,
                    "What becomes of what no rule matches: tunnel (untouched), record (decrypted and recorded), deny."),
                Key(
                    "passthrough", Kind<String>.hostPattern.list("a list of host patterns"), \.passthrough,
                    "Hosts that are never decrypted: names, or *.suffix."),
                Key(
                    "on_rejection", .choice(), \.onRejection,
                    "What becomes of a host whose client rejects the certificate: it fails, or it is tunnelled for a while."
                ),
                Key(
                    "upstream_ca_file", Kind<String>.file.optional, \.upstreamCAFile,
                    "A PEM file of further roots for upstreams reached by interception."),
                Key(
                    "transparent_port", Kind<Int>.port.optional, \.transparentPort,
                    "A TLS listener that takes the host from SNI, for redirected traffic; null: none."),
            ], defaults: InterceptSettings())
    }

    private static var rule: Table<InterceptSettings.Rule> {
        Table(
            [
                Key("match", match, \.self, "What a request must be like; what is not given matches all."),
                Key("route", .routeName, \.route, "The route that it is sent through."),
                Key(
                    "path", Kind<String>.urlPath("a path that begins with a slash").optional, \.path,
                    "The path in place of the request's; null: that."),
            ], defaults: nil, required: ["route"])
    }

    private static var match: Table<InterceptSettings.Rule> {
        let method = Kind<String>.text("a method, as in POST") { FieldText.isName($0) ? $0.uppercased() : nil }
        let mediaType = Kind<String>.text("a media type, as in application/json") { text in
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            return parts.count == 2 && parts.allSatisfy { FieldText.isName(String($0)) } ? text.lowercased() : nil
        }
        let path = Kind<String>.text("a path or glob that begins with a slash, as in /v1/*") { text in
            text.hasPrefix("/") ? text : nil
        }
        return Table(
            [
                Key("host", Kind<String>.hostPattern.optional, \.host, "The host: a name, or *.suffix."),
                Key("port", Kind<Int>.port.optional, \.port, "The port."),
                Key("method", method.optional, \.method, "The method."),
                Key("path", path.optional, \.requestPath, "The path: its beginning, or a glob."),
                Key("content_type", mediaType.optional, \.contentType, "The media type of the request."),
                Key(
                    "header",
                    .aliases("a mapping from header name to value", .text("a text"), key: { FieldText.isName($0) }),
                    \.headers,
                    "Header fields that must be there with these values."),
            ], defaults: InterceptSettings.Rule())
    }
}

extension Kind where Value == String {
    /// A name or `*.suffix`, without a port.
    static var hostPattern: Kind<String> {
        .text("a name or *.suffix without a port, as in api.openai.com or *.example.com") { text in
            guard let host = AllowedHost(text), host.port == nil, host.host != .any else { return nil }
            return "\(host)"
        }
    }
}
