import HTTP1
import NIOCore
import Testing

@Suite struct SmallTypeTests {
    @Test func aFieldSetHas256Places() {
        for index in 0..<256 {
            var set = FieldSet()
            #expect(set.isEmpty)
            set.insert(index)
            #expect(!set.isEmpty)
            #expect((0..<300).filter(set.contains) == [index])
            #expect(set != FieldSet())
        }
        var set = FieldSet()
        set.insert(256)
        #expect(set.isEmpty)
    }

    @Test func everyFaultHasAStatusAndASentence() {
        let others: [HeadFault: Int] = [
            .targetTooLong: 414, .headTooLarge: 431, .tooManyFields: 431, .versionNotSupported: 505,
            .connectRefused: 405,
            .expectationFailed: 417,
        ]
        for fault in HeadFault.allCases {
            #expect(fault.status == others[fault] ?? 400, "\(fault)")
            #expect(fault.message.hasSuffix(".") || fault.message.hasSuffix("?"), "\(fault)")
        }
        #expect(Set(HeadFault.allCases.map(\.message)).count == HeadFault.allCases.count)
    }

    @Test(arguments: [0, 1, 9, 10, 15, 16, 255, 256, 4_095, 65_536, UInt64(Int64.max), UInt64.max])
    func numbersAreWrittenInOneSpelling(value: UInt64) {
        var decimal = ByteBuffer()
        decimal.writeDecimal(value)
        #expect(String(buffer: decimal) == String(value))
        var hexadecimal = ByteBuffer()
        hexadecimal.writeHexadecimal(value)
        #expect(String(buffer: hexadecimal) == String(value, radix: 16))
    }
}
