/// What the record may cost.
package struct RecordingLimits: Sendable {
    /// Octets of a body that are kept; the rest is counted and, from the first octet on, hashed.
    package var maxBody: Int
    /// Octets of memory that may wait for the disk, a loop. Past half of it bodies are shed, past all of it exchanges.
    package var queueBytes: Int
    /// Whether request bodies are kept at all.
    package var recordRequestBodies: Bool
    /// Whether response bodies are kept at all.
    package var recordResponseBodies: Bool

    /// Limits in octets.
    package init(
        maxBody: Int = 16 << 20, queueBytes: Int = 64 << 20, recordRequestBodies: Bool = true,
        recordResponseBodies: Bool = true
    ) {
        self.maxBody = maxBody
        self.queueBytes = queueBytes
        self.recordRequestBodies = recordRequestBodies
        self.recordResponseBodies = recordResponseBodies
    }
}
