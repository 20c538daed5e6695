import LLMWire
import WeirConfiguration

/// The keys of a route.
enum RouteKeys {
    static var route: Table<RouteSettings> {
        Table(
            [
                Key("enabled", .flag, \.isEnabled, "Whether it takes requests; a disabled route answers 404."),
                Key(
                    "target_url", Kind<UpstreamURL>.upstream.optional, \.target,
                    "Where requests go: the provider's base URL, with or without /v1; mock:// is a provider inside Weir."
                ),
                Key(
                    "universal_proxy", .flag, \.isUniversal,
                    "Whether requests name their own target: /{route}/{scheme}://{host}/{path}."),
                Key(
                    "proxy", .proxyChoice, \.proxy,
                    "The proxy to go through; null: global_proxy, \"\": none, or the URL of one."),
                Key(
                    "proxy_ca_file", Kind<String>.file.optional, \.proxyCAFile,
                    "A PEM file of roots for an https:// proxy; null: as proxy_ca_file of the whole."),
                Key(
                    "force_header_overwrite", Kind<Bool>.flag.optional, \.forceHeaderOverwrite,
                    "Whether custom_headers take the place of what the client sends; null: as force_header_overwrite of the "
                        + "whole."),
                Key(
                    "custom_headers", .customHeaders, \.customHeaders,
                    "Header fields that the upstream gets; empty values are left out."),
                Key(
                    "headers_to_drop", Kind<String>.fieldName.list("a list of names"), \.headersToDrop,
                    "Header fields that the upstream does not get, besides headers_to_drop of the whole."),
                Key(
                    "dialect", .dialect, \.dialect,
                    "The API that is spoken; auto: told from each request."),
                Key(
                    "versioned_path", .choice(), \.versionedPath,
                    "Whether /v1 appears exactly once, whatever the base URLs: auto (on the default route), always, never."
                ),
                Key(
                    "path", .pathRule, \.path,
                    "The upstream's path in place of target_url's and the request's, or a map from request path to upstream "
                        + "path; the query stays."),
                Key(
                    "field_aliases", .aliases("a mapping from key to key"), \.fieldAliases,
                    "Keys renamed everywhere in a JSON request body."),
                Key(
                    "model_aliases", .aliases("a mapping from model to model"), \.modelAliases,
                    "Values of the top-level model that are replaced."),
                Key(
                    "set_body", .bodyFields, \.setBody,
                    "Top-level fields that are set or replaced in a JSON request body."),
                Key("timeouts", timeouts, \.timeouts, "How long the upstream may take."),
                Key("retries", retries, \.retries, "How often and when a request is tried again."),
                Key("tls", tls, \.tls, "How TLS to the upstream is checked."),
                Key(
                    "on_client_disconnect", .choice(), \.onClientDisconnect,
                    "What a client that goes away means: the upstream's connection is closed (cancel), or the answer is read "
                        + "to its end for the record (drain)."),
                Key(
                    "sse_keepalive", Kind<Duration>.duration(.seconds(1) ... .seconds(3600)).optional, \.sseKeepalive,
                    "How long a stream may be silent before a sign of life is put in; null: none ever is."),
                Key(
                    "default_key", .secretOrNone, \.defaultKey,
                    "The credential of a request that brings none; null: default_key of the whole, on the default route."
                ),
                Key(
                    "allowed_hosts", Kind<AllowedHost>.allowedHost.list("a list of hosts"), \.allowedHosts,
                    "Where a universal route may go: names, *.suffix, addresses, CIDR, each with an optional :port, or \"*\"; "
                        + "empty: any public address."),
            ], defaults: RouteSettings(name: "", target: nil))
    }

    private static var timeouts: Table<TimeoutSettings> {
        Table(
            [
                Key("connect", .deadline, \.connect, "Name, connection, outbound proxy and TLS handshake together."),
                Key("first_byte", .deadline, \.firstByte, "From the request's last octet to the answer's first."),
                Key("idle", .deadline, \.idle, "Between two pieces of an answer."),
                Key("total", Kind<Duration>.deadline.optional, \.total, "The whole exchange; null: unlimited."),
            ], defaults: TimeoutSettings())
    }

    private static var retries: Table<RetrySettings> {
        Table(
            [
                Key("attempts", .integer(0...10), \.attempts, "Tries after the first; 0: none."),
                Key(
                    "retry_on", .retryReasons,
                    get: { settings in
                        (settings.onConnect ? [.connect] : []) + settings.statuses.map { RetryReason.status($0) }
                    },
                    set: { settings, reasons in
                        settings.onConnect = reasons.contains(.connect)
                        settings.statuses = reasons.compactMap(\.status)
                    },
                    "Reasons: connect (a failure before any octet of the request was written), and status codes from 400."
                ),
            ], defaults: RetrySettings())
    }

    private static var tls: Table<TLSSettings> {
        Table(
            [
                Key("verify", .flag, \.isVerified, "Whether the upstream's certificate and its name are checked."),
                Key("ca_file", Kind<String>.file.optional, \.caFile, "A PEM file of roots in place of the system's."),
            ], defaults: TLSSettings())
    }
}

extension Kind where Value == Dialect? {
    static var dialect: Kind<Dialect?> {
        .choice([("auto", Dialect?.none)] + Dialect.allCases.map { ($0.rawValue, $0) })
    }
}

/// Why a request may be tried again.
enum RetryReason: Equatable {
    case connect
    case status(Int)

    var status: Int? {
        if case .status(let status) = self { status } else { nil }
    }
}

extension Kind where Value == [RetryReason] {
    static var retryReasons: Kind<[RetryReason]> {
        let expected = "connect or a status from 400 to 599"
        return Kind<RetryReason>(
            schema: .map([
                (
                    "anyOf",
                    .list([
                        .map([("const", .text("connect"))]),
                        .map([("type", .text("integer")), ("minimum", .number(400)), ("maximum", .number(599))]),
                    ])
                )
            ]),
            read: { node, walk in
                guard let scalar = walk.scalar(node, expected) else { return nil }
                if scalar.text == "connect" { return .connect }
                guard scalar.form == .number, let status = Int(scalar.text), (400...599).contains(status) else {
                    walk.fault("\(Walk.quoted(scalar)) is not accepted; give \(expected).", at: node.place)
                    return nil
                }
                return .status(status)
            },
            show: { reason in
                switch reason {
                case .connect: return .text("connect")
                case .status(let status): return .number(status)
                }
            }
        ).list("a list")
    }
}
