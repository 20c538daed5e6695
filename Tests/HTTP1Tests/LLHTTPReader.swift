import HTTP1
import NIOCore
import NIOEmbedded
import NIOHTTP1

/// Reads messages with swift-nio's decoder, which stands on llhttp.
enum LLHTTPReader {
    /// The methods that llhttp knows for HTTP.
    static let methods: Set<String> = [
        "ACL", "BIND", "CHECKOUT", "CONNECT", "COPY", "DELETE", "GET", "HEAD", "LINK", "LOCK", "M-SEARCH", "MERGE",
        "MKACTIVITY", "MKCALENDAR", "MKCOL", "MOVE", "NOTIFY", "OPTIONS", "PATCH", "POST", "PROPFIND", "PROPPATCH",
        "PURGE",
        "PUT", "REBIND", "REPORT", "SEARCH", "SOURCE", "SUBSCRIBE", "TRACE", "UNBIND", "UNLINK", "UNLOCK",
        "UNSUBSCRIBE",
    ]

    /// Reads requests.
    static func readRequests(_ input: [UInt8]) -> Reading {
        let channel = EmbeddedChannel(
            handler: ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
        var reading = Reading()
        feed(channel, input, &reading) { reading in
            while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
                switch part {
                case .head(let head):
                    reading.begun = ReadMessage(
                        start: head.method == .MSEARCH ? "M-SEARCH" : head.method.rawValue, target: head.uri,
                        isHTTP10: head.version == .http1_0,
                        fields: lines(head.headers))
                case .body(let buffer): reading.begun.body += Array(buffer.readableBytesView)
                case .end(let trailers): end(&reading, trailers)
                }
            }
        }
        return reading
    }

    /// Reads responses to requests of the given methods.
    static func readResponses(_ input: [UInt8], answering methods: [String]) -> Reading {
        let decoder = HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .forward)
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(decoder))
        for method in methods {
            let head = HTTPRequestHead(version: .http1_1, method: HTTPMethod(rawValue: method), uri: "/")
            _ = try? channel.writeOutbound(HTTPClientRequestPart.head(head))
        }
        var reading = Reading()
        feed(channel, input, &reading) { reading in
            while let part = try channel.readInbound(as: HTTPClientResponsePart.self) {
                switch part {
                case .head(let head):
                    reading.begun = ReadMessage(
                        start: String(head.status.code), isHTTP10: head.version == .http1_0, fields: lines(head.headers)
                    )
                    // An interim response has no end of its own here.
                    if (100..<200).contains(head.status.code), head.status.code != 101 {
                        reading.messages.append(reading.begun)
                    }
                case .body(let buffer): reading.begun.body += Array(buffer.readableBytesView)
                case .end(let trailers): end(&reading, trailers)
                }
            }
        }
        return reading
    }

    private static func feed(
        _ channel: EmbeddedChannel, _ input: [UInt8], _ reading: inout Reading, drain: (inout Reading) throws -> Void
    ) {
        do {
            try channel.writeInbound(ByteBuffer(bytes: input))
            try drain(&reading)
            _ = try channel.finish()
            try drain(&reading)
        } catch {
            reading.refusal = "\(error)"
            try? drain(&reading)
            _ = try? channel.finish()
        }
    }

    private static func end(_ reading: inout Reading, _ trailers: HTTPHeaders?) {
        reading.begun.trailers = trailers.map(lines) ?? []
        reading.messages.append(reading.begun)
    }

    private static func lines(_ fields: HTTPHeaders) -> [String] {
        fields.map { $0.name + ": " + OurReader.trimmed($0.value) }
    }
}
