import Foundation
import Gateway
import TestSupport
import Testing
import WeirConfiguration

@Suite("The listener's certificate", .blocking)
struct ListenerCertificateTests {
    /// What is wrong with the files of a listener.
    enum Wrong: String, CaseIterable, Sendable {
        case missingCertificate
        case missingKey
        case noCertificate
        case noKey
        case keyInPlaceOfCertificate
        case otherKey
        case encryptedKey
        case directory
    }

    private static let expected: [Wrong: (key: String, text: String)] = [
        .missingCertificate: ("certificate", "/none.pem cannot be read: No such file or directory."),
        .missingKey: ("private_key", "/none.pem cannot be read: No such file or directory."),
        .noCertificate: ("certificate", "holds no certificate in PEM form"),
        .noKey: ("private_key", "holds no private key in PEM form"),
        .keyInPlaceOfCertificate: ("certificate", "holds no certificate in PEM form"),
        .otherKey: ("private_key", "does not belong to the first certificate"),
        .encryptedKey: ("private_key", "is encrypted; take the passphrase off"),
        .directory: ("certificate", "cannot be read: Is a directory."),
    ]

    @Test("says what is wrong with its files, and never shows a key", arguments: Wrong.allCases)
    func faults(_ wrong: Wrong) throws {
        let certificates = try TestCertificates()
        defer { certificates.remove() }
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let good = try certificates.make(.valid)
        let other = try certificates.make(.wrongName)
        let scrap = directory.path + "/scrap.pem"
        try "nothing of use\n".write(toFile: scrap, atomically: true, encoding: .utf8)
        let encrypted = directory.path + "/encrypted.pem"
        let begin = "-----BEGIN ENCRYPTED PRIVATE KEY-----"
        try "\(begin)\nMIIBvTBXBgkqhkiG\n-----END ENCRYPTED PRIVATE KEY-----\n"
            .write(toFile: encrypted, atomically: true, encoding: .utf8)
        var settings = ListenerTLS(certificate: good.certificate, privateKey: good.key)
        switch wrong {
        case .missingCertificate: settings.certificate = directory.path + "/none.pem"
        case .missingKey: settings.privateKey = directory.path + "/none.pem"
        case .noCertificate: settings.certificate = scrap
        case .noKey: settings.privateKey = scrap
        case .keyInPlaceOfCertificate: settings.certificate = good.key
        case .otherKey: settings.privateKey = other.key
        case .encryptedKey: settings.privateKey = encrypted
        case .directory: settings.certificate = directory.path
        }
        let fault = try #require(throws: ListenerCertificateFault.self) { try ListenerCertificate(settings) }
        let expected = try #require(Self.expected[wrong])
        #expect(fault.key == expected.key)
        #expect(fault.message.contains(expected.text), "\(fault.message)")
        #expect(fault.message.contains(directory.path) || fault.message.contains(settings.privateKey))
        #expect(!fault.message.contains("MII"))
    }

    @Test("one that is over, not good yet, or soon over is taken with a warning")
    func dates() throws {
        let certificates = try TestCertificates()
        defer { certificates.remove() }
        let good = try certificates.make(.valid)
        let settings = ListenerTLS(certificate: good.certificate, privateKey: good.key)
        let now = Int(Date().timeIntervalSince1970)
        let day = 86_400
        #expect(try ListenerCertificate(settings, now: now).warnings.first?.contains(" is over in 4") == true)
        #expect(try ListenerCertificate(settings, now: now - 10 * day).warnings.first?.contains("not good yet") == true)
        #expect(
            try ListenerCertificate(settings, now: now + 5 * day).warnings.first?
                .contains("has been over for 7") == true)
        let expired = try certificates.make(.expired)
        let old = ListenerTLS(certificate: expired.certificate, privateKey: expired.key)
        #expect(try ListenerCertificate(old).warnings.count == 1)
        #expect(try ListenerCertificate(old, now: now - 12 * 3600 - 10 * day).warnings.count == 1)
    }
}
