import LLMWire

/// Tells which messages of a request were in the turn before it in the same conversation.
///
/// A turn is known by the digest of its messages, each chained to those in front of it. A request whose messages begin
/// with those of a known turn goes on from it; the assistant's messages right behind those are that turn's answer, which
/// came from there. Digests leave out what clients move about between turns: marks for caches.
struct Conversations: Sendable {
    /// The turns that are known, by the digest of all their messages, with their age.
    private var turns: [UInt64: UInt64] = [:]
    private var age: UInt64 = 0
    private let limit: Int

    /// - Parameter limit: how many turns are kept in mind; the oldest half goes when there are more.
    init(limit: Int = 8192) {
        self.limit = limit
    }

    /// How many messages at the front of `messages` the turn before had, its answer among them; the turn is kept in mind.
    mutating func inherited(_ messages: [MessageSource], _ document: JSONDocument) -> Int {
        guard !messages.isEmpty else { return 0 }
        var digest = JSONDigest()
        var known = 0
        for (index, message) in messages.enumerated() {
            digest.add(message, document)
            // A turn that comes once more is no turn behind itself.
            if index < messages.count - 1, turns[digest.value] != nil { known = index + 1 }
        }
        age += 1
        turns[digest.value] = age
        if turns.count > limit { forget() }
        guard known > 0 else { return 0 }
        while known < messages.count, messages[known].role == .assistant { known += 1 }
        return known
    }

    private mutating func forget() {
        let border = age - UInt64(limit / 2)
        turns = turns.filter { $0.value > border }
    }
}
