/// The name of a session file: `proxy-YYYYmmdd-HHMMSS-NNNNNNNNN.jsonl`, in local time.
///
/// The nine digits at the end are the nanoseconds at which the session began, and one more for each rotation: so that
/// the files of one session are known by their names, whatever else lies in the directory.
package struct SessionFileName: Sendable, Hashable {
    /// The name without a directory.
    package let text: String
    /// The nine digits.
    let serial: Int

    private static let serials = 1_000_000_000

    /// The name of a file that is begun at `time`.
    init(_ time: LocalTime, serial: Int) {
        var octets = Array("proxy-".utf8)
        let append: (Int, Int) -> Void = { value, width in
            FixedDigits.forEach(value, width: width) { octets.append($0) }
        }
        append(time.year, 4)
        append(time.month, 2)
        append(time.day, 2)
        octets.append(0x2D)
        append(time.hour, 2)
        append(time.minute, 2)
        append(time.second, 2)
        octets.append(0x2D)
        append(serial, 9)
        octets.append(contentsOf: ".jsonl".utf8)
        text = String(decoding: octets, as: UTF8.self)
        self.serial = serial
    }

    /// Reads a name; nil if it is not one of a session file.
    package init?(_ text: String) {
        let octets = Array(text.utf8)
        let pattern = Array("proxy-dddddddd-dddddd-ddddddddd.jsonl".utf8)
        guard octets.count == pattern.count else { return nil }
        var serial = 0
        for (index, (octet, wanted)) in zip(octets, pattern).enumerated() {
            // The `d` is a digit's place; the pattern has no other.
            if wanted == 0x64 {
                guard octet &- 0x30 < 10 else { return nil }
                if index >= 22 { serial = serial * 10 + Int(octet &- 0x30) }
            } else if octet != wanted {
                return nil
            }
        }
        self.text = text
        self.serial = serial
    }

    /// The name of the transcript beside it.
    package var transcript: String { text.dropLast("jsonl".count) + "md" }

    /// The serial of the file that follows this one in its session.
    var nextSerial: Int { (serial + 1) % Self.serials }
}
