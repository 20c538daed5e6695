/// The items of an answer of Responses while they come: which event speaks of which.
///
/// An item is found by its output index, because ids change from event to event at some servers. An index that begins
/// again after its item's end, as at servers that count nothing, names an item of its own.
struct ResponsesItems {
    private struct Item {
        var outputIndex: Int
        var id: [UInt8] = []
        var type = ""
        var isDone = false
        /// Whether what has no pieces has been added.
        var isAdded = false
        /// Whether the list of all items has told of it.
        var isListed = false
    }

    /// An item's place here makes the keys of its parts.
    private var items: [Item] = []
    /// How many of the newest items are looked through.
    private static let searched = 1024

    // MARK: Keys

    /// The key of the part that an event speaks of, its index in the item under the name `index`.
    mutating func key(_ document: JSONDocument, _ index: StaticString, isThought: Bool = false) -> Int {
        let root = document.root
        return Self.key(
            place(document, document[root, "output_index"]), document.count(document[root, index]) ?? 0, isThought)
    }

    /// Texts thought are keyed apart from their summaries. Indexes beyond those that answers have fall together.
    private static func key(_ place: Int, _ index: Int, _ isThought: Bool = false) -> Int {
        place &<< 24 | (index & 0x7F_FFFF) &<< 1 | (isThought ? 1 : 0)
    }

    private mutating func place(_ document: JSONDocument, _ outputIndex: JSONDocument.Node?) -> Int {
        let index = document.count(outputIndex) ?? items.last?.outputIndex ?? 0
        if let last = items.last, last.outputIndex == index { return items.count - 1 }
        if let place = items.suffix(Self.searched).lastIndex(where: { $0.outputIndex == index }) { return place }
        items.append(Item(outputIndex: index))
        return items.count - 1
    }

    // MARK: Events

    /// Takes an item that begins: all of it but what it is called comes later.
    mutating func begin(_ document: JSONDocument, _ item: JSONDocument.Node?, into draft: inout AnswerDraft) {
        guard let item, document.kind(item) == .object else { return }
        let place = place(document, item, isBeginning: true)
        switch items[place].type {
        case "function_call", "custom_tool_call": name(document, item, place, into: &draft)
        default: break
        }
    }

    /// Takes an item that is whole.
    mutating func end(_ document: JSONDocument, _ item: JSONDocument.Node?, into draft: inout AnswerDraft) {
        guard let item, document.kind(item) == .object else { return }
        let place = place(document, item, isBeginning: false)
        take(document, item, place, into: &draft)
        items[place].isDone = true
    }

    /// Takes the list of all items, where those that came before stand again.
    mutating func takeOutput(_ document: JSONDocument, _ output: JSONDocument.Node?, into draft: inout AnswerDraft) {
        let streamed = items.count
        for place in items.indices.suffix(Self.searched) { items[place].isListed = false }
        for (position, item) in document.elements(output).enumerated() {
            let place = listed(document, item, position, of: streamed)
            items[place].isListed = true
            take(document, item, place, into: &draft)
        }
    }

    private mutating func place(_ document: JSONDocument, _ item: JSONDocument.Node, isBeginning: Bool) -> Int {
        let index = document[document.root, "output_index"]
        let before = items.count
        // Without an index, one that begins comes behind the last.
        if isBeginning, document.count(index) == nil {
            items.append(Item(outputIndex: before))
        } else {
            let place = place(document, index)
            if items.count == before, !isSame(document, item, place, isBeginning) {
                items.append(Item(outputIndex: items[place].outputIndex))
            } else {
                describe(document, item, place)
                return place
            }
        }
        describe(document, item, items.count - 1)
        return items.count - 1
    }

    private func isSame(
        _ document: JSONDocument, _ item: JSONDocument.Node, _ place: Int, _ isBeginning: Bool
    ) -> Bool {
        let known = items[place]
        if !known.type.isEmpty, let type = document.string(document[item, "type"]), type != known.type { return false }
        guard known.isDone else { return true }
        let id = identity(document, item)
        return !id.isEmpty && id == known.id
    }

    private mutating func describe(_ document: JSONDocument, _ item: JSONDocument.Node, _ place: Int) {
        items[place].type = document.string(document[item, "type"]) ?? items[place].type
        let id = identity(document, item)
        if !id.isEmpty { items[place].id = id }
    }

    private func identity(_ document: JSONDocument, _ item: JSONDocument.Node) -> [UInt8] {
        var id: [UInt8] = []
        document.append(document[item, "id"], to: &id)
        return id
    }

    /// The place of an item of the list: of the one that was streamed by its id, else at its position and of its type,
    /// else of its type; else one of its own.
    private mutating func listed(
        _ document: JSONDocument, _ item: JSONDocument.Node, _ position: Int, of streamed: Int
    ) -> Int {
        let id = identity(document, item)
        let type = document.string(document[item, "type"]) ?? ""
        let open = items.indices.prefix(streamed).suffix(Self.searched).filter { !items[$0].isListed }
        let place =
            open.first { !id.isEmpty && items[$0].id == id }
            ?? open.first { items[$0].outputIndex == position && (items[$0].type == type || items[$0].type.isEmpty) }
            ?? open.first { items[$0].type == type }
        if let place {
            describe(document, item, place)
            return place
        }
        items.append(Item(outputIndex: position))
        describe(document, item, items.count - 1)
        return items.count - 1
    }

    // MARK: What items say

    private mutating func take(
        _ document: JSONDocument, _ item: JSONDocument.Node, _ place: Int, into draft: inout AnswerDraft
    ) {
        switch items[place].type {
        case "message":
            // A compacted conversation has the user's messages as well.
            let role = document[item, "role"]
            guard !document.isPresent(role) || document.equals(role, "assistant") else { return }
            draft.replace(.text, document, document[item, "content"], key: Self.key(place, 0))
            for (index, part) in document.elements(document[item, "content"]).enumerated() {
                take(document, part, place, index, into: &draft)
            }
            items[place].isAdded = true
        case "reasoning":
            for (index, part) in document.elements(document[item, "summary"]).enumerated() {
                draft.replace(.reasoning, document, document[part, "text"], key: Self.key(place, index))
            }
            for (index, part) in document.elements(document[item, "content"]).enumerated() {
                draft.replace(.reasoning, document, document[part, "text"], key: Self.key(place, index, true))
            }
        case "function_call":
            name(document, item, place, into: &draft)
            let arguments = document[item, "arguments"]
            draft.replace(.toolCall, document, arguments, key: Self.key(place, 0))
            if document.kind(arguments) == .object {
                draft.setArguments(document, arguments, key: Self.key(place, 0))
            }
            if !document.equals(document[item, "status"], "incomplete") {
                draft.completeArguments(key: Self.key(place, 0))
            }
        case "custom_tool_call":
            name(document, item, place, into: &draft)
            draft.replace(.toolCall, document, document[item, "input"], key: Self.key(place, 0))
        default:
            guard !items[place].isAdded else { return }
            let parts = ResponsesParts(document).item(item)
            items[place].isAdded = !parts.isEmpty
            for part in parts { draft.add(part) }
        }
    }

    private mutating func take(
        _ document: JSONDocument, _ part: JSONDocument.Node, _ place: Int, _ index: Int, into draft: inout AnswerDraft
    ) {
        let type = document[part, "type"]
        if document.equals(type, "refusal") {
            draft.replace(.refusal, document, document[part, "refusal"], key: Self.key(place, index))
        } else if document.equals(type, "output_text") || document.equals(type, "text") {
            draft.replace(.text, document, document[part, "text"], key: Self.key(place, index))
        } else if !items[place].isAdded {
            for part in ResponsesParts(document).part(part) { draft.add(part) }
        }
    }

    private func name(
        _ document: JSONDocument, _ item: JSONDocument.Node, _ place: Int, into draft: inout AnswerDraft
    ) {
        draft.toolCall(
            document, id: document.first(item, "call_id", "id"), name: document[item, "name"], key: Self.key(place, 0))
    }
}
