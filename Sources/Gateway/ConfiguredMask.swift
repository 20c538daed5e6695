package import Recording
package import WeirConfiguration

extension RecordMask {
    /// What a configuration wants masked, and `secrets`: its own, and those of others that were in force before.
    package convenience init(_ configuration: Configuration, secrets: [String]) {
        let redaction = configuration.recording.redaction
        self.init(
            headers: redaction.headers, queryFields: redaction.query, jsonKeys: redaction.jsonKeys, secrets: secrets)
    }
}
