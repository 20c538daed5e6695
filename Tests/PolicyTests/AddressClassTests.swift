import Policy
import Testing
import WeirConfiguration

/// The classes of addresses: the first and last of each reserved block, and their neighbours.
@Suite struct AddressClassTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let addressClass: AddressClass
        let addresses: String
        var testDescription: String { addressClass.rawValue }
    }

    static let rows = [
        Row(
            addressClass: .public,
            addresses: """
                1.0.0.0 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 \
                168.63.129.15 168.63.129.17 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255 \
                192.0.1.0 192.0.3.0 192.88.98.255 192.88.100.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 \
                198.51.99.255 198.51.101.0 203.0.112.255 203.0.114.0 223.255.255.255 \
                2000:: 2001:200:: 2001:4860:4860::8888 2001:db7:ffff:: 2001:db9:: 2003:: 2606:4700::1111 \
                3ffe:ffff:: 3fff:1000:: ::ffff:8.8.8.8
                """),
        Row(addressClass: .unspecified, addresses: "0.0.0.0 0.255.255.255 :: ::ffff:0.0.0.0"),
        Row(addressClass: .loopback, addresses: "127.0.0.0 127.0.0.1 127.255.255.255 ::1 ::ffff:127.0.0.1"),
        Row(
            addressClass: .private,
            addresses: """
                10.0.0.0 10.255.255.255 172.16.0.0 172.31.255.255 192.168.0.0 192.168.255.255 fc00:: fd00:ec2::254 \
                fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff fec0:: feff:: ::ffff:10.0.0.1
                """),
        Row(
            addressClass: .linkLocal,
            addresses: "169.254.0.0 169.254.169.254 169.254.255.255 fe80:: febf:ffff:: ::ffff:169.254.169.254"),
        Row(addressClass: .carrierGrade, addresses: "100.64.0.0 100.100.100.200 100.127.255.255"),
        Row(addressClass: .metadata, addresses: "168.63.129.16"),
        Row(addressClass: .multicast, addresses: "224.0.0.0 239.255.255.255 ff00:: ff02::1 ffff::"),
        Row(
            addressClass: .documentation,
            addresses: """
                192.0.2.0 192.0.2.255 198.51.100.0 198.51.100.255 203.0.113.0 203.0.113.255 2001:db8:: \
                2001:db8:ffff:: 3fff:: 3fff:fff:ffff::
                """),
        Row(addressClass: .benchmarking, addresses: "198.18.0.0 198.19.255.255"),
        Row(
            addressClass: .reserved,
            addresses: """
                192.0.0.0 192.0.0.255 192.88.99.0 192.88.99.255 240.0.0.0 255.255.255.255 ::2 ::1.2.3.4 100:: 1fff:: \
                4000:: 64:ff9b:1:: 64:ff9b:0:0:0:1:: 2001:2:: 2001:10:: 2001:1ff:ffff:: fe00:: f000::
                """),
        Row(addressClass: .embedded, addresses: "64:ff9b::8.8.8.8 2002:808:808::1 2001::f7f7:f7f7"),
        // What they embed, where that is not public.
        Row(addressClass: .loopback, addresses: "64:ff9b::127.0.0.1 2002:7f00:1:: 2001:0:1:2:3:4:80ff:fffe"),
        Row(addressClass: .private, addresses: "64:ff9b::10.0.0.1 2002:c0a8:1:: 2001::f5ff:fffe"),
        Row(addressClass: .linkLocal, addresses: "64:ff9b::169.254.169.254 2002:a9fe:a9fe::"),
    ]

    @Test(arguments: rows)
    func everyAddressHasItsClass(_ row: Row) throws {
        for text in row.addresses.split(separator: " ") {
            #expect(AddressClass(try #require(IPAddress(text))) == row.addressClass, "\(text)")
        }
    }

    @Test func everyClassHasARow() {
        #expect(Set(Self.rows.map(\.addressClass)) == Set(AddressClass.allCases))
    }
}
