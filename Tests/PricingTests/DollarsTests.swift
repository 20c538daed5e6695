import Testing

@testable import Pricing

@Suite struct DollarsTests {
    @Test(arguments: [
        ("0", "0"), ("-0", "0"), ("1", "1"), ("12.50", "12.5"), ("0.00012345", "0.00012345"),
        ("1.2345e-4", "0.00012345"),
        ("1E3", "1000"), ("1e+3", "1000"), ("0e9999", "0"), ("-0.25", "-0.25"), ("1e-15", "0.000000000000001"),
        ("1e-16", "0"), ("5e-16", "0.000000000000001"), ("4.9999e-16", "0"), ("1e-9999", "0"),
        ("0.00014850000000000002", "0.0001485"), ("999999999.999999999999999", "999999999.999999999999999"),
        ("0.1234567890123456789012345678901234567890", "0.123456789012346"), ("1000000000", "1000000000"),
    ])
    func aNumberOfDollars(text: String, shown: String) throws {
        #expect(try #require(Dollars(text)).description == shown)
    }

    @Test(arguments: [
        "", "-", ".5", "5.", "1e", "1e-", "1e99999", "0x1", "1 ", " 1", "1,5", "NaN", "1e10", "1000000001", "--1",
        "1.2.3",
        "1e30", "9999999999999999999999999999999999999999",
    ])
    func noNumberOfDollars(text: String) {
        #expect(Dollars(text) == nil)
    }

    @Test func ratesAreExact() throws {
        #expect(Rate(perMillion: "2.5") == Rate(perUnit: "2.5e-06"))
        #expect(Rate(perMillion: "0.0028")?.perUnit == "0.0000000028")
        #expect(Rate(perUnit: "2.0000000000000002e-07")?.perMillion == "0.2")
        #expect(Rate(perMillion: "-1") == nil)
        #expect(Rate(perUnit: "1001") == nil)
        #expect(Rate(perMillion: "1e9")?.perUnit == "1000")
        // Three tenths, which no binary fraction is.
        var sum = Dollars.zero
        for _ in 0..<3 { sum += try #require(Rate(perUnit: "0.1")) * 1 }
        #expect(sum.description == "0.3")
    }

    @Test func whatIsShownIsReadAsTheSame() throws {
        var state: UInt64 = 7
        for _ in 0..<2000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let number = Int128(Int64(bitPattern: state)) * Int128(1 + state >> 48) >> (state >> 32 & 63)
            let amount = Dollars(femtodollars: number)
            #expect(Dollars(amount.description) == amount)
            // Shifting the point to and fro changes nothing.
            let shift = Int(state >> 40 & 15) - 8
            let text = amount.description
            let point = text.contains(".") ? "" : ".0"
            #expect(Dollars(text + point + "e0") == amount)
            #expect(DecimalText.scaled(text + "e\(shift)", by: 15 - shift) == amount.femtodollars)
        }
    }
}
