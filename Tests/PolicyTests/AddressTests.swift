import Testing
import WeirConfiguration

/// Addresses and blocks of them, as they are written.
@Suite struct AddressTests {
    @Test(arguments: [
        ("0.0.0.0", "0.0.0.0"), ("127.0.0.1", "127.0.0.1"), ("255.255.255.255", "255.255.255.255"),
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("2001:DB8::A", "2001:db8::a"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1:0:0:4:0:0:0:8", "1:0:0:4::8"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"),
        ("0001:002:03::", "1:2:3::"), ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
        ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"), ("::1.2.3.4", "::102:304"),
        ("::ffff:10.0.0.1", "10.0.0.1"), ("::FFFF:a00:1", "10.0.0.1"), ("0:0:0:0:0:ffff:7f00:1", "127.0.0.1"),
        ("fe80::1", "fe80::1"), ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ])
    func anAddressIsReadAndWritten(_ text: String, _ written: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == written)
        #expect(IPAddress(written) == address)
    }

    @Test(arguments: [
        "", " ", "1", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "1..2.3", "256.0.0.1", "1.2.3.999", "01.2.3.4",
        "1.2.3.04", "00.0.0.0", "0x7f.0.0.1", "2130706433", "127.1", "1.2.3.4 ", "1.2.3.a", "+1.2.3.4", "-1.2.3.4",
        ":", ":::", "1", "1:", ":1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "1:2:3:4::5:6:7:8", "12345::",
        "g::", "fe80::1%eth0", "[::1]", "::1:", "1.2.3.4::", "::1.2.3", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4",
        "::256.0.0.1", "::1/64", "localhost", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8",
    ])
    func whatIsNoAddressIsNone(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(arguments: [
        // A block, what lies in it, what lies outside.
        ("10.0.0.0/8", "10.0.0.0 10.255.255.255", "9.255.255.255 11.0.0.0 ::a00:1"),
        ("192.0.2.1", "192.0.2.1", "192.0.2.0 192.0.2.2"), ("192.0.2.1/32", "192.0.2.1", "192.0.2.2"),
        ("0.0.0.0/0", "0.0.0.0 255.255.255.255 ::ffff:1.2.3.4", "::1"), ("::/0", "::1 ffff::", "1.2.3.4"),
        ("2001:db8::/32", "2001:db8:: 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9:: 2001:db7::"),
        ("2001:db8::/64", "2001:db8::ffff:ffff:ffff:ffff", "2001:db8:0:1::"),
        ("2001:db8::80/121", "2001:db8::80 2001:db8::ff", "2001:db8::7f 2001:db8::100"),
        ("::1", "::1", "::2 127.0.0.1"), ("::ffff:10.0.0.0/104", "10.1.2.3", "11.0.0.0"),
        ("172.16.0.0/12", "172.16.0.1 172.31.255.255", "172.32.0.0 172.15.255.255"),
    ])
    func aBlockHoldsItsAddresses(_ text: String, _ inside: String, _ outside: String) throws {
        let range = try #require(AddressRange(text))
        for address in inside.split(separator: " ") { #expect(range.contains(try #require(IPAddress(address)))) }
        for address in outside.split(separator: " ") { #expect(!range.contains(try #require(IPAddress(address)))) }
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.0.0.0/8"), ("10.0.0.1/32", "10.0.0.1"), ("::1/128", "::1"),
        ("2001:DB8::/32", "2001:db8::/32"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
    ])
    func aBlockIsWrittenAsItWouldBeConfigured(_ text: String, _ written: String) {
        #expect(AddressRange(text)?.description == written)
    }

    @Test(arguments: [
        "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0.1/8",
        "10/8", "::/129", "2001:db8::1/32", "::ffff:10.0.0.0/8", "10.0.0.0/a", "*", "localhost", "10.0.0.0-10.0.0.9",
    ])
    func whatIsNoBlockIsNone(_ text: String) {
        #expect(AddressRange(text) == nil)
    }
}
