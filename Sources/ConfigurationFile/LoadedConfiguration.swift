package import WeirConfiguration

/// A configuration without a fault, and where it came from.
package struct LoadedConfiguration: Sendable {
    /// The configuration.
    package let configuration: Configuration
    /// The file's path as it was given; nil: there was none.
    package let file: String?
    /// All files that were read, by absolute path: the configuration file, secrets, certificates, roots.
    package let filesRead: [String]
    /// Key paths of what is configured and not part of this version.
    package let notInEffect: [String]

    init(_ configuration: Configuration, file: String?, filesRead: [String], consoleIsGiven: Bool) {
        self.configuration = configuration
        self.file = file
        var known: Set<String> = []
        self.filesRead = filesRead.filter { known.insert($0).inserted }
        let recording = configuration.recording
        let given = [
            ("console", consoleIsGiven && configuration.console.isEnabled),
            ("intercept", configuration.intercept.isEnabled || !configuration.intercept.rules.isEmpty),
            ("telemetry", configuration.telemetry != nil),
            ("recording.retention", recording.retention != RetentionSettings()),
            ("recording.database", recording.database != RecordingSettings().database),
        ]
        notInEffect = given.filter(\.1).map(\.0)
    }
}
