import WeirConfiguration

/// The keys of `recording`.
enum RecordingKeys {
    static var recording: Table<RecordingSettings> {
        Table(
            [
                Key("enabled", .flag, \.isEnabled, "Whether anything is recorded."),
                Key(
                    "mode", .choice(), \.mode,
                    "What gives way when the record cannot keep up: the record, its losses counted (shed), or the traffic, "
                        + "with 503 (strict)."),
                Key(
                    "database", .databasePath, \.database,
                    "The archive's file, relative to the data directory."),
                Key(
                    "log_dir", Kind<String>.path.optional, \.logDirectory,
                    "Where session files go, relative to this file (by default: logs in the working directory); null: none "
                        + "are written."),
                Key("request_bodies", .flag, \.requestBodies, "Whether request bodies are kept."),
                Key("response_bodies", .flag, \.responseBodies, "Whether response bodies are kept."),
                Key(
                    "max_body", Kind<UInt64>.size(0...(1 << 31)).map(), \.maxBody,
                    "Octets of a body that the record keeps; the traffic is never cut."),
                Key("session_files", sessionFiles, \.self, "How large session files grow, and how many are kept."),
                Key("retention", retention, \.retention, "How much the archive keeps; null: without a limit."),
                Key("redact", redaction, \.redaction, "What is masked besides the built-in list; names in any case."),
            ], defaults: RecordingSettings())
    }

    private static var sessionFiles: Table<RecordingSettings> {
        Table(
            [
                Key(
                    "max_size", .size((64 << 10)...(1 << 40)), \.sessionFileSize,
                    "Octets of a session file before the next is begun."),
                Key("keep", .integer(1...100_000), \.sessionFilesKept, "Session files kept; the oldest are removed."),
            ], defaults: RecordingSettings())
    }

    private static var retention: Table<RetentionSettings> {
        let age = Kind<Duration>.duration(.seconds(1) ... .seconds(36_500 * 86_400)).optional
        return Table(
            [
                Key("max_requests", Kind<Int>.integer(1...1_000_000_000_000).optional, \.maxRequests, "Exchanges."),
                Key("max_age", age, \.maxAge, "Age of an exchange."),
                Key("max_size", Kind<UInt64>.size((1 << 20)...(1 << 50)).optional, \.maxSize, "Octets on disk."),
                Key("facts", age, \.facts, "Age of an exchange's facts, which may outlive its bodies."),
            ], defaults: RetentionSettings())
    }

    private static var redaction: Table<RedactionSettings> {
        let name = Kind<String>.text("a name")
        return Table(
            [
                Key("headers", Kind<String>.fieldName.list("a list of names"), \.headers, "Names of header fields."),
                Key("query", name.list("a list of names"), \.query, "Names of query fields."),
                Key("json_keys", name.list("a list of names"), \.jsonKeys, "Names of keys in JSON bodies."),
            ], defaults: RedactionSettings())
    }
}
