/// Tells the tool calls of Chat Completions' answers apart.
///
/// OpenAI numbers them, names each once and sends its arguments in pieces. Other servers send calls whole and without
/// numbers, number all of them 0, say id and name with every piece, give every piece an id of its own, or say all
/// arguments once more at the end.
struct ChatToolCalls: Sendable {
    private struct Call: Sendable {
        var choice: Int
        var index: Int?
        var id: [UInt8] = []
        var name: [UInt8] = []
    }

    /// By their keys in the draft.
    private var calls: [Call] = []
    private var id: [UInt8] = []
    private var name: [UInt8] = []

    /// Takes a call or a piece of one; `index` is its number, nil where it has none.
    mutating func take(
        _ document: JSONDocument, _ node: JSONDocument.Node, index: Int?, choice: Int, into draft: inout AnswerDraft
    ) {
        var function: JSONDocument.Node? = document[node, "function"]
        if document.kind(function) != .object { function = document[node, "custom"] }
        if document.kind(function) != .object { function = node }
        id.removeAll(keepingCapacity: true)
        name.removeAll(keepingCapacity: true)
        document.append(document[node, "id"], to: &id)
        document.append(document[function, "name"], to: &name)
        var arguments = document[function, "arguments"]
        if !document.isPresent(arguments) { arguments = document[function, "input"] }
        let hasArguments: Bool
        switch document.kind(arguments) {
        case .string: hasArguments = document.hasText(arguments)
        case .object, .array: hasArguments = true
        default: hasArguments = false
        }
        guard !id.isEmpty || !name.isEmpty || hasArguments else { return }

        guard let key = key(document, arguments, index: index, choice: choice, draft) else {
            draft.answer.dropped += 1
            return
        }
        takeNames(key, index, choice, into: &draft)
        guard hasArguments, let arguments else { return }
        if document.kind(arguments) != .string {
            draft.setArguments(document, arguments, choice: choice, key: key)
        } else if !draft.repeatsArguments(document, arguments, choice: choice, key: key) {
            draft.append(.toolCall, document, arguments, choice: choice, key: key)
        }
    }

    /// The key of the call that the piece belongs to: one that is there, or a new one; nil where there are too many.
    private mutating func key(
        _ document: JSONDocument, _ arguments: JSONDocument.Node?, index: Int?, choice: Int, _ draft: AnswerDraft
    ) -> Int? {
        var current = calls.lastIndex { $0.choice == choice && $0.index == index }
        if index == nil, !id.isEmpty {
            current = calls.lastIndex { $0.choice == choice && $0.index == nil && $0.id == id } ?? current
        }
        if let current, !isAnother(than: current, document, arguments, draft) { return current }
        guard calls.count < AnswerDraft.mostParts else { return nil }
        calls.append(Call(choice: choice, index: index))
        return calls.count - 1
    }

    /// Whether a piece that could belong to the call `key` begins another.
    private func isAnother(
        than key: Int, _ document: JSONDocument, _ arguments: JSONDocument.Node?, _ draft: AnswerDraft
    ) -> Bool {
        let call = calls[key]
        // What has no name goes on.
        guard !name.isEmpty else { return false }
        if !id.isEmpty, !call.id.isEmpty { return id != call.id }
        guard draft.hasArguments(choice: call.choice, key: key) else { return call.index == nil }
        if name != call.name { return true }
        guard let arguments, draft.areArgumentsWhole(choice: call.choice, key: key) else { return false }
        return !draft.repeatsArguments(document, arguments, choice: call.choice, key: key)
    }

    private mutating func takeNames(_ key: Int, _ index: Int?, _ choice: Int, into draft: inout AnswerDraft) {
        var isNew = false
        if calls[key].id.isEmpty, !id.isEmpty {
            calls[key].id = id
            isNew = true
        }
        if !name.isEmpty, calls[key].name != name, !draft.hasArguments(choice: choice, key: key) {
            // A name may come in pieces, or longer each time.
            calls[key].name = name.starts(with: calls[key].name) ? name : calls[key].name + name
            isNew = true
        }
        if isNew { draft.toolCall(id: calls[key].id, name: calls[key].name, choice: choice, key: key) }
    }
}
