package import HTTP1
import NIOCore

/// A head that was read in one or more runs, with what a gateway sums up of it.
package struct HeadRun: Sendable {
    /// What the parser said last.
    package var progress = HeadParser.Progress.incomplete
    /// The parser with its offsets.
    package var parser: HeadParser
    /// The summary of a request, where it has been read and stands.
    package var request: RequestHead?
    /// The summary of a response, where it has been read and stands.
    package var response: ResponseHead?
    /// Why the head is refused, by the parser or by the summary.
    package var fault: HeadFault?

    /// Reads `input` as far as it goes, at each of `cuts` (rising offsets) with what has come by then.
    package init(
        _ input: [UInt8], role: HeadParser.Role, limits: HeadParser.Limits = .init(), answersHEAD: Bool = false,
        cuts: [Int] = []
    ) {
        parser = HeadParser(role: role, limits: limits)
        for cut in cuts + [input.count] {
            let received = Array(input[..<cut])
            let octets = received.span.bytes
            progress = parser.parse(octets)
            switch progress {
            case .incomplete: continue
            case .fault(let fault):
                self.fault = fault
                return
            case .complete:
                do throws(HeadFault) {
                    if role == .request {
                        request = try RequestHead(octets, parser: parser)
                    } else {
                        response = try ResponseHead(octets, parser: parser, answersHEAD: answersHEAD)
                    }
                } catch {
                    fault = error
                }
                return
            }
        }
    }

    /// How many octets the head has; nil where it is not whole.
    package var length: Int? {
        if case .complete(let length) = progress { return length }
        return nil
    }

    /// Where the start line stands.
    package var startLine: Range<Int> {
        parser.requestLine.line.isEmpty ? parser.statusLine.line : parser.requestLine.line
    }

    /// The head of `input` with `edit` applied.
    package func applying(_ edit: HeadEdit, to input: [UInt8]) -> [UInt8] {
        var out = ByteBuffer()
        edit.apply(to: input.span.bytes, startLine: startLine, fields: parser.fields, end: length ?? 0, into: &out)
        return Array(out.readableBytesView)
    }

    /// The request's head as a gateway passes it on.
    package func forwardedRequest(_ input: [UInt8], host: String, target: String? = nil) -> [UInt8] {
        guard let request else { return [] }
        var edit = HeadEdit()
        edit.forwardRequest(
            input.span.bytes, request, fields: parser.fields,
            target: { if let target { $0.writeString(target) } }, host: Array(host.utf8))
        return applying(edit, to: input)
    }

    /// The response's head as a gateway passes it on.
    package func forwardedResponse(
        _ input: [UInt8], closing: Bool = false, keepsAliveHTTP10Client: Bool = false, dechunked: Bool = false,
        appended: String = ""
    ) -> [UInt8] {
        guard let response else { return [] }
        var edit = HeadEdit()
        edit.forwardResponse(
            input.span.bytes, response, fields: parser.fields, closing: closing,
            keepsAliveHTTP10Client: keepsAliveHTTP10Client, dechunked: dechunked,
            appended: { $0.writeString(appended) })
        return applying(edit, to: input)
    }
}
