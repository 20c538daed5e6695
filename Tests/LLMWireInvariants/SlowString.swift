/// What a JSON string means, read slowly.
enum SlowString {
    /// The UTF-16 code units of a well-formed string's inside.
    static func units(_ inside: some Sequence<UInt8>) -> [UInt16] {
        var units: [UInt16] = []
        var rest = Array(String(decoding: Array(inside), as: UTF8.self).utf16)[...]
        while let unit = rest.popFirst() {
            guard unit == 0x5C, let letter = rest.popFirst() else {
                units.append(unit)
                continue
            }
            switch Character(Unicode.Scalar(UInt8(letter))) {
            case "n": units.append(10)
            case "r": units.append(13)
            case "t": units.append(9)
            case "b": units.append(8)
            case "f": units.append(12)
            case "u":
                units.append(UInt16(String(decoding: rest.prefix(4), as: UTF16.self), radix: 16) ?? 0)
                rest = rest.dropFirst(4)
            default: units.append(letter)
            }
        }
        return units
    }
}
