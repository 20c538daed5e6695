/// An answer while it is read: what dialects write into.
///
/// Text is gathered as octets and becomes text at the end. A part is named by its kind and a key of the dialect's
/// choice, and stands where it was named first.
package struct AnswerDraft: Sendable {
    /// The kinds of parts that are gathered piece by piece.
    enum PartKind: UInt8, Sendable {
        case text
        case reasoning
        case refusal
        case toolCall
        /// Sound: its base 64 digits are counted, not kept.
        case sound
    }

    private struct PartDraft: Sendable {
        var kind: PartKind
        var key: Int
        var octets: [UInt8] = []
        var id: [UInt8] = []
        var name: [UInt8] = []
        /// Digits of base 64 that came of media.
        var digits = 0
        /// A part that came whole.
        var whole: Part?
    }

    private struct ChoiceDraft: Sendable {
        var choice: Choice
        var parts: [PartDraft] = []
    }

    /// What is set as it is; its choices come from the drafts.
    var answer = Answer()
    private(set) var timing = AnswerTiming()
    /// When the piece came that is being read.
    var now: Int64 = 0
    /// One more than ``mostChoices`` at most: what is too much is written to the last and not shown.
    private var choices: [ChoiceDraft] = []

    /// The most choices that are kept. Each piece is looked up among them.
    static let mostChoices = 1024
    /// The most parts of a choice that are kept.
    static let mostParts = 4096

    init() {}

    /// Whether any choice has been named.
    var hasChoices: Bool { !choices.isEmpty }

    // MARK: Parts

    /// Appends a string's text to a part. An empty one names no part.
    mutating func append(
        _ kind: PartKind, _ document: JSONDocument, _ node: JSONDocument.Node?, choice: Int = 0, key: Int = 0
    ) {
        guard let node, document.kind(node) == .string, !document.isEmptyString(node) else { return }
        note(kind)
        let (choice, part) = place(kind, choice, key)
        document.append(node, to: &choices[choice].parts[part].octets)
    }

    /// Appends text to a part. None names no part.
    mutating func append(_ kind: PartKind, octets: [UInt8], choice: Int = 0, key: Int = 0) {
        guard !octets.isEmpty else { return }
        note(kind)
        let (choice, part) = place(kind, choice, key)
        choices[choice].parts[part].octets += octets
    }

    /// Counts digits of base 64 of a sound that comes in pieces; none name the part all the same.
    mutating func appendSound(digits: Int, choice: Int = 0, key: Int = 0) {
        if digits > 0 { note(.sound) }
        let (choice, part) = place(.sound, choice, key)
        choices[choice].parts[part].digits += digits
    }

    /// Sets a part's text, where what came piece by piece is said once more as a whole.
    mutating func replace(
        _ kind: PartKind, _ document: JSONDocument, _ node: JSONDocument.Node?, choice: Int = 0, key: Int = 0
    ) {
        guard let node, document.kind(node) == .string, !document.isEmptyString(node) else { return }
        let (choice, part) = place(kind, choice, key)
        if choices[choice].parts[part].octets.isEmpty { note(kind) }
        choices[choice].parts[part].octets.removeAll(keepingCapacity: true)
        document.append(node, to: &choices[choice].parts[part].octets)
    }

    /// Names a tool call, what of it is there; nil and empty strings leave what was said before.
    ///
    /// Only the first naming counts as something that came; others say it again.
    mutating func toolCall(
        _ document: JSONDocument, id: JSONDocument.Node?, name: JSONDocument.Node?, choice: Int = 0, key: Int
    ) {
        let index = place(choice)
        let before = choices[index].parts.count
        let (choice, part) = place(.toolCall, choice, key)
        if choices[index].parts.count > before { note(.toolCall) }
        for (node, path) in [(id, \PartDraft.id), (name, \PartDraft.name)]
        where document.kind(node) == .string && !document.isEmptyString(node) {
            choices[choice].parts[part][keyPath: path].removeAll()
            document.append(node, to: &choices[choice].parts[part][keyPath: path])
        }
    }

    /// Names a tool call in octets of UTF-8; nil leaves what was said before.
    mutating func toolCall(id: [UInt8]?, name: [UInt8]?, choice: Int = 0, key: Int) {
        note(.toolCall)
        let (choice, part) = place(.toolCall, choice, key)
        if let id { choices[choice].parts[part].id = id }
        if let name { choices[choice].parts[part].name = name }
    }

    /// Sets a tool call's arguments to the JSON of a value, as providers have it that do not write them as text.
    mutating func setArguments(_ document: JSONDocument, _ node: JSONDocument.Node?, choice: Int = 0, key: Int) {
        guard let node else { return }
        let (choice, part) = place(.toolCall, choice, key)
        choices[choice].parts[part].octets.removeAll(keepingCapacity: true)
        document.appendRaw(node, to: &choices[choice].parts[part].octets)
    }

    /// Sets a tool call's arguments to `{}` where none came, as they do for a tool that takes none.
    mutating func completeArguments(choice: Int = 0, key: Int) {
        let (choice, part) = place(.toolCall, choice, key)
        if choices[choice].parts[part].octets.isEmpty { choices[choice].parts[part].octets = [0x7B, 0x7D] }
    }

    /// Sets a tool call's arguments to JSON that the dialect has put together.
    mutating func setArguments(_ json: [UInt8], choice: Int = 0, key: Int) {
        let (choice, part) = place(.toolCall, choice, key)
        choices[choice].parts[part].octets = json
    }

    /// Whether a tool call's arguments have come, as far as any have.
    func hasArguments(choice: Int = 0, key: Int) -> Bool {
        guard let draft = choices.first(where: { $0.choice.index == choice }) else { return false }
        return draft.parts.contains { $0.kind == .toolCall && $0.key == key && !$0.octets.isEmpty }
    }

    /// Whether a tool call's arguments so far are one whole JSON object; those of more than 8 KiB are not looked at,
    /// because that may be asked with every piece.
    func areArgumentsWhole(choice: Int = 0, key: Int) -> Bool {
        guard let octets = arguments(choice, key), octets.first == 0x7B, octets.last == 0x7D, octets.count <= 8192
        else { return false }
        // Octets have no padding that could be read as data.
        return (try? unsafe JSONText.validate(octets.span.bytes)) != nil
    }

    /// Whether a string says once more all that a tool call's arguments are so far, which is an object by its ends.
    func repeatsArguments(_ document: JSONDocument, _ node: JSONDocument.Node, choice: Int = 0, key: Int) -> Bool {
        guard let octets = arguments(choice, key), octets.first == 0x7B, octets.last == 0x7D else { return false }
        var again: [UInt8] = []
        document.append(node, to: &again)
        return again == octets
    }

    private func arguments(_ choice: Int, _ key: Int) -> [UInt8]? {
        choices.first { $0.choice.index == choice }?.parts.last { $0.kind == .toolCall && $0.key == key }?.octets
    }

    /// Appends a part that came whole.
    mutating func add(_ part: Part, choice: Int = 0) {
        let choice = place(choice)
        if choices[choice].parts.count < Self.mostParts {
            choices[choice].parts.append(PartDraft(kind: .text, key: .min, whole: part))
        } else {
            answer.dropped += 1
        }
        switch part {
        case .toolCall: note(.toolCall)
        case .reasoning: note(.reasoning)
        default: note(.text)
        }
    }

    /// Appends media. Sound adds to the part in front where that is sound of the same type, for it streams in pieces.
    mutating func add(_ media: Media, choice: Int = 0) {
        let place = place(choice)
        if media.kind == .audio, media.location == nil, let part = choices[place].parts.indices.last,
            case .media(var sound) = choices[place].parts[part].whole, sound.kind == .audio, sound.type == media.type
        {
            sound.size += media.size
            choices[place].parts[part].whole = .media(sound)
            note(.text)
        } else {
            add(.media(media), choice: choice)
        }
    }

    /// The key of the last part, where that is of `kind`: for dialects whose parts have no numbers.
    func lastKey(_ kind: PartKind, choice: Int = 0) -> Int? {
        guard let part = choices.first(where: { $0.choice.index == choice })?.parts.last, part.whole == nil,
            part.kind == kind
        else { return nil }
        return part.key
    }

    /// How many parts the choice has.
    func partCount(choice: Int = 0) -> Int { choices.first { $0.choice.index == choice }?.parts.count ?? 0 }

    // MARK: Choices

    /// Whether there are choices, and why each of them ended has been said.
    var isEachChoiceFinished: Bool {
        !choices.isEmpty && choices.prefix(Self.mostChoices).allSatisfy { $0.choice.finishReason != nil }
    }

    /// Says that there is a choice, in which nothing may be said.
    mutating func name(choice: Int) { _ = place(choice) }

    /// Sets why a choice ended.
    mutating func finish(_ reason: FinishReason?, native: String?, choice: Int = 0) {
        let choice = place(choice)
        if let reason { choices[choice].choice.finishReason = reason }
        if let native { choices[choice].choice.nativeFinishReason = native }
    }

    // MARK: The whole

    /// The answer as it stands.
    func assembled() -> Answer {
        var answer = answer
        answer.choices = choices.prefix(Self.mostChoices).map { draft in
            var choice = draft.choice
            choice.parts = draft.parts.prefix(Self.mostParts).map(Self.part)
            // A forced call ends with `stop` at OpenAI, every call at Gemini: only the calls themselves tell.
            if choice.finishReason == .stop, choice.asksForTools { choice.finishReason = .toolCalls }
            return choice
        }
        if answer.choices.count > 1 { answer.choices.sort { $0.index < $1.index } }
        answer.usage?.complete()
        return answer
    }

    private static func part(_ draft: PartDraft) -> Part {
        if let whole = draft.whole { return whole }
        let text = String(decoding: draft.octets, as: UTF8.self)
        switch draft.kind {
        case .text: return .text(text)
        case .reasoning: return .reasoning(text)
        case .refusal: return .refusal(text)
        case .sound: return .media(Media(kind: .audio, size: draft.digits / 4 * 3 + draft.digits % 4 * 3 / 4))
        case .toolCall:
            return .toolCall(
                ToolCall(
                    id: draft.id.isEmpty ? nil : String(decoding: draft.id, as: UTF8.self),
                    name: String(decoding: draft.name, as: UTF8.self), arguments: text))
        }
    }

    private mutating func note(_ kind: PartKind) {
        switch kind {
        case .text, .refusal, .sound: timing.note(.text, at: now)
        case .reasoning: timing.note(.reasoning, at: now)
        case .toolCall: timing.note(.toolCall, at: now)
        }
    }

    private mutating func place(_ index: Int) -> Int {
        if let place = choices.lastIndex(where: { $0.choice.index == index }) { return place }
        if choices.count < Self.mostChoices {
            choices.append(ChoiceDraft(choice: Choice(index: index)))
            return choices.count - 1
        }
        answer.dropped += 1
        // No choice's number is negative.
        choices[Self.mostChoices...] = [ChoiceDraft(choice: Choice(index: .min))]
        return Self.mostChoices
    }

    private mutating func place(_ kind: PartKind, _ index: Int, _ key: Int) -> (choice: Int, part: Int) {
        let choice = place(index)
        // By places, because a copy of the parts would have to be made anew when one is appended.
        var part = choices[choice].parts.count
        while part > 0 {
            part -= 1
            if choices[choice].parts[part].key == key, choices[choice].parts[part].kind == kind,
                choices[choice].parts[part].whole == nil
            {
                return (choice, part)
            }
        }
        if choices[choice].parts.count < Self.mostParts {
            choices[choice].parts.append(PartDraft(kind: kind, key: key))
            return (choice, choices[choice].parts.count - 1)
        }
        answer.dropped += 1
        choices[choice].parts[Self.mostParts...] = [PartDraft(kind: kind, key: key)]
        return (choice, Self.mostParts)
    }
}
