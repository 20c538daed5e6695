import LLMWire

/// Tells which messages of a request were in the turn before it in the same conversation.
///
/// A turn is known by the digest of its messages, each chained to those in front of it. A request whose messages begin
/// with those of a known turn goes on from it; if that turn had an answer, the assistant's messages right behind it are
/// that answer. Instructions at the front are no part of the chain: many agents put the time into them, and the
/// conversation is the same. Digests leave out what clients move about or drop between turns.
struct Conversations: Sendable {
    /// What of a request is new.
    struct News: Equatable {
        /// Whether the instructions at the front are new, where there are any.
        var hasNewFront = true
        /// How many instructions stand at the front.
        var front = 0
        /// How many messages behind them the turn before had, its answer among them.
        var inherited = 0
    }

    private struct Turn: Sendable {
        var front: UInt64
        var age: UInt64
        var isAnswered = false
    }

    /// The turns that are known, by the digest of all their messages.
    private var turns: [UInt64: Turn] = [:]
    private var latest: UInt64?
    private var age: UInt64 = 0
    private let limit: Int

    /// - Parameter limit: how many turns are kept in mind; the oldest half goes when there are more.
    init(limit: Int = 8192) {
        self.limit = limit
    }

    /// Tells what of `messages` is new, and keeps the turn in mind.
    mutating func read(_ messages: [MessageSource], _ document: JSONDocument) -> News {
        var news = News()
        var front = JSONDigest()
        while news.front < messages.count, messages[news.front].role.isInstruction {
            front.add(messages[news.front], document)
            news.front += 1
        }
        var chain = JSONDigest()
        var known: Turn?
        for index in news.front..<messages.count {
            chain.add(messages[index], document)
            // A turn that comes once more is no turn behind itself.
            guard index < messages.count - 1, let turn = turns[chain.value] else { continue }
            known = turn
            news.inherited = index + 1 - news.front
        }
        guard news.front < messages.count else { return news }
        age += 1
        turns[chain.value] = Turn(front: front.value, age: age)
        latest = chain.value
        if turns.count > limit { forget() }
        guard let known else { return news }
        news.hasNewFront = known.front != front.value
        if known.isAnswered {
            while news.front + news.inherited < messages.count,
                messages[news.front + news.inherited].role == .assistant
            {
                news.inherited += 1
            }
        }
        return news
    }

    /// Says that the turn that was read last had an answer.
    mutating func answered() {
        if let latest { turns[latest]?.isAnswered = true }
    }

    private mutating func forget() {
        let border = age - UInt64(limit / 2)
        turns = turns.filter { $0.value.age > border }
    }
}

extension Role {
    fileprivate var isInstruction: Bool { self == .system || self == .developer }
}
