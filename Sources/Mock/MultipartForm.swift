import Glibc
import NIOCore
import NIOHTTP1

/// A form as `multipart/form-data` carries it (RFC 7578), with as little of it kept as the mock needs.
struct MultipartForm {
    /// One field, or one file.
    struct Part {
        var name: String
        var fileName: String?
        var content: ByteBuffer

        var text: String { String(buffer: self.content) }
    }

    /// The most parts that a form may have.
    static let mostParts = 64

    private(set) var parts: [Part] = []

    /// The first part of a name.
    subscript(name: String) -> Part? { self.parts.first { $0.name == name } }

    /// Reads an inquiry's body; 400 when it is no form.
    init(_ inquiry: Inquiry) throws(MockRefusal) {
        let type = inquiry.request.fields.first(name: "content-type") ?? ""
        guard type.lowercased().hasPrefix("multipart/form-data"), let boundary = Self.parameter("boundary", of: type),
            (1...70).contains(boundary.utf8.count)
        else {
            throw .body("The body must be multipart/form-data, with a boundary in Content-Type.", param: nil)
        }
        var body = inquiry.request.body
        let delimiter = "--\(boundary)"
        guard let start = Self.find(delimiter, in: body) else {
            throw .body("The body does not have the boundary that Content-Type names.", param: nil)
        }
        body.moveReaderIndex(forwardBy: start + delimiter.utf8.count)
        while true {
            if body.readableBytesView.starts(with: "--".utf8) { return }
            guard let length = Self.find("\r\n\(delimiter)", in: body), let part = body.readSlice(length: length) else {
                throw .body("The form ends in the middle of a part.", param: nil)
            }
            guard let part = Self.part(part) else {
                throw .body("A part of the form has no name, or its head does not end.", param: nil)
            }
            guard self.parts.count < Self.mostParts else {
                throw .body("The form has more than the \(Self.mostParts) parts that the mock takes.", param: nil)
            }
            self.parts.append(part)
            body.moveReaderIndex(forwardBy: delimiter.utf8.count + 2)
        }
    }

    private static func part(_ bytes: ByteBuffer) -> Part? {
        var bytes = bytes
        guard let headLength = self.find("\r\n\r\n", in: bytes), headLength <= 8_192,
            let head = bytes.readString(length: headLength)
        else { return nil }
        bytes.moveReaderIndex(forwardBy: 4)
        let lines = head.split(separator: "\r\n")
        guard let line = lines.first(where: { $0.lowercased().hasPrefix("content-disposition:") }),
            let name = self.parameter("name", of: String(line))
        else { return nil }
        return Part(name: name, fileName: self.parameter("filename", of: String(line)), content: bytes)
    }

    /// A parameter of a field's value, without its quotes.
    private static func parameter(_ name: String, of value: String) -> String? {
        var rest = value[...]
        while let semicolon = rest.firstIndex(of: ";") {
            rest = rest[semicolon...].dropFirst().drop { $0 == " " }
            guard rest.prefix(name.count + 1).lowercased() == "\(name)=" else { continue }
            rest = rest.dropFirst(name.count + 1)
            if rest.first == "\"" { return String(rest.dropFirst().prefix { $0 != "\"" }) }
            return String(rest.prefix { $0 != ";" && $0 != " " })
        }
        return nil
    }

    /// How far from its start a text stands in the readable bytes.
    private static func find(_ text: String, in buffer: ByteBuffer) -> Int? {
        let wanted = Array(text.utf8)
        return buffer.withUnsafeReadableBytes { bytes in
            guard let base = bytes.baseAddress, let first = wanted.first else { return nil }
            var offset = 0
            while bytes.count - offset >= wanted.count {
                let last = bytes.count - wanted.count
                guard let found = memchr(base + offset, CInt(first), last - offset + 1) else { return nil }
                let start = UnsafeRawPointer(found) - base
                if memcmp(base + start, wanted, wanted.count) == 0 { return start }
                offset = start + 1
            }
            return nil
        }
    }
}
