import HTTP1
import Testing

@Suite struct OctetTests {
    @Test func tokenCharactersAreThoseOfRFC9110() {
        let expected = Set(Array("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8))
        for octet in UInt8.min...UInt8.max {
            #expect(Octet.isTokenCharacter(octet) == expected.contains(octet), "\(octet)")
        }
    }

    @Test func fieldValueCharactersAreTabAndEverythingPrintable() {
        for octet in UInt8.min...UInt8.max {
            #expect(Octet.isFieldValueCharacter(octet) == (octet == 9 || (octet >= 32 && octet != 127)), "\(octet)")
        }
    }

    @Test func targetCharactersAreThoseThatNeedNoEscape() {
        for octet in UInt8.min...UInt8.max {
            let expected = octet > 32 && octet != 127 && octet != UInt8(ascii: "#")
            #expect(Octet.isTargetCharacter(octet) == expected, "\(octet)")
        }
    }

    @Test func lowercasingTouchesCapitalLettersOnly() {
        for octet in UInt8.min...UInt8.max {
            let expected = (65...90).contains(octet) ? octet + 32 : octet
            #expect(Octet.lowercased(octet) == expected, "\(octet)")
        }
    }

    @Test(
        arguments: [
            ("0", 0), ("7", 7), ("007", 7), ("9223372036854775807", UInt64(Int64.max)), ("9223372036854775808", nil),
            ("18446744073709551616", nil), ("99999999999999999999999", nil), ("", nil), ("+1", nil), ("-1", nil),
            ("1 ", nil), ("1,1", nil), ("0x1", nil), ("1_0", nil), ("1.0", nil), ("٣", nil),
        ] as [(String, UInt64?)])
    func decimalReadsDigitsAlone(text: String, expected: UInt64?) {
        let octets = Array(text.utf8)
        let value = octets.span.bytes.decimal(0..<octets.count)
        #expect(value == expected)
    }
}
