import Foundation

/// Certificates of a test's own authority, made with the openssl command line.
package struct TestCertificates: Sendable {
    /// What a server's certificate is like.
    package enum Kind: String, Sendable, CaseIterable {
        /// Good for `upstream.test`, `localhost` and 127.0.0.1.
        case valid
        /// The same, but over since yesterday.
        case expired
        /// Good for another name.
        case wrongName = "wrong-name"
        /// From an authority that nobody was told of.
        case unknownAuthority = "unknown-authority"
    }

    /// The name that ``Kind/valid`` is good for.
    package static let name = "upstream.test"

    private let directory: TemporaryDirectory

    /// Makes an authority.
    package init() throws {
        directory = try TemporaryDirectory()
        for authority in ["ca", "other"] {
            try openssl(
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                path(authority + ".key"), "-out", path(authority + ".pem"), "-subj", "/CN=Weir test authority",
                "-days", "2")
        }
    }

    /// The authority's certificate, for a route's `ca_file`.
    package var authorityFile: String { path("ca.pem") }

    /// Makes a certificate.
    ///
    /// - Returns: the files with the chain and with the key.
    package func make(_ kind: Kind) throws -> (certificate: String, key: String) {
        let stem = kind.rawValue
        let authority = kind == .unknownAuthority ? "other" : "ca"
        let names = kind == .wrongName ? "DNS:elsewhere.test" : "DNS:\(Self.name),DNS:localhost,IP:127.0.0.1"
        // Dates of its own choice are what `openssl ca` can and `openssl x509` of 3.0 cannot write.
        try """
        [ca]
        default_ca = own
        [own]
        database = \(path(stem + ".index"))
        serial = \(path(stem + ".serial"))
        new_certs_dir = \(directory.path)
        certificate = \(path(authority + ".pem"))
        private_key = \(path(authority + ".key"))
        default_md = sha256
        policy = any
        x509_extensions = leaf
        unique_subject = no
        [any]
        commonName = supplied
        [leaf]
        subjectAltName = \(names)
        """.write(toFile: path(stem + ".cnf"), atomically: true, encoding: .utf8)
        try "".write(toFile: path(stem + ".index"), atomically: true, encoding: .utf8)
        try "0\(Kind.allCases.firstIndex(of: kind).map { $0 + 1 } ?? 0)"
            .write(toFile: path(stem + ".serial"), atomically: true, encoding: .utf8)
        try openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
            path(stem + ".key"), "-out", path(stem + ".csr"), "-subj", "/CN=\(stem)")
        let days = kind == .expired ? (-3, -1) : (-1, 2)
        try openssl(
            "ca", "-batch", "-notext", "-config", path(stem + ".cnf"), "-in", path(stem + ".csr"), "-out",
            path(stem + ".pem"), "-startdate", Self.date(days.0), "-enddate", Self.date(days.1))
        return (path(stem + ".pem"), path(stem + ".key"))
    }

    /// Removes all of it.
    package func remove() { directory.remove() }

    private func path(_ name: String) -> String { directory.path + "/" + name }

    private static func date(_ days: Int) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "yyyyMMddHHmmss'Z'"
        return formatter.string(from: Date().addingTimeInterval(Double(days) * 86_400))
    }

    private func openssl(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        let output = Pipe()
        process.standardError = output
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw WireSocket.Failure(description: "openssl \(arguments[0]): \(String(decoding: said, as: UTF8.self))")
        }
    }
}
