import NIOCore

/// JSON strings, written by hand: the mock's answers are fixed text around a few values.
enum JSONText {
    /// Writes one byte of a string as it stands between quotes (RFC 8259 section 7).
    @inline(__always)
    static func writeEscaped(_ byte: UInt8, into buffer: inout ByteBuffer) {
        switch byte {
        case UInt8(ascii: "\""):
            buffer.writeStaticString("\\\"")
        case UInt8(ascii: "\\"):
            buffer.writeStaticString("\\\\")
        case UInt8(ascii: "\n"):
            buffer.writeStaticString("\\n")
        case 0..<0x20:
            buffer.writeStaticString(byte < 0x10 ? "\\u000" : "\\u001")
            let digit = byte & 0x0f
            buffer.writeInteger(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        default:
            buffer.writeInteger(byte)
        }
    }

    /// The text as a JSON string, with its quotes.
    static func quoted(_ text: String) -> String {
        var buffer = ByteBuffer()
        buffer.writeStaticString("\"")
        for byte in text.utf8 { self.writeEscaped(byte, into: &buffer) }
        buffer.writeStaticString("\"")
        return String(buffer: buffer)
    }

    /// The text as a JSON string, or `null`.
    static func quotedOrNull(_ text: String?) -> String {
        text.map(self.quoted) ?? "null"
    }
}
