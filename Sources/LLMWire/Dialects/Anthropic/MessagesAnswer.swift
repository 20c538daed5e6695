/// Reads answers of Anthropic's Messages, with what compatible servers make of them.
///
/// An event is what its data's `type` says, or its name where that is missing. Blocks follow one another by their
/// index; an index that is begun again after its end names a block of its own.
struct MessagesAnswer: AnswerDialect {
    private struct Block {
        var index: Int
        var isBegun = false
        var isTool = false
        var isStopped = false
        /// Whether arguments came in pieces, which stand above those in the block's start.
        var hasPieces = false
    }

    private var usage = MessagesUsage()
    private var isFast = false
    private var serviceTier: String?
    /// The blocks so far; a block's place here is its key.
    private var blocks: [Block] = []
    /// How many of the newest blocks an index is looked for in.
    private static let searched = 1024

    mutating func takeEvent(name: [UInt8], _ document: JSONDocument, into draft: inout AnswerDraft) {
        let root = document.root
        switch EventType(document, document[root, "type"], name: name) {
        case "content_block_delta":
            takeDelta(document, document[root, "delta"], index: document[root, "index"], into: &draft)
        case "content_block_start":
            takeStart(document, document[root, "content_block"], index: document[root, "index"], into: &draft)
        case "content_block_stop": stop(place(document, document[root, "index"]), into: &draft)
        case "message_start":
            takeHead(document, document[root, "message"], into: &draft)
            takeUsage(document, document[document[root, "message"], "usage"], into: &draft)
        case "message_delta":
            takeEnd(document, document[root, "delta"], into: &draft)
            takeUsage(document, document[root, "usage"], into: &draft)
        case "message_stop": draft.answer.isComplete = true
        case "message": takeWhole(document, into: &draft)
        case "ping": break
        case "error": takeError(ProviderError(event: document), document, into: &draft)
        default:
            if !document.isPresent(document[root, "type"]) {
                takeError(ProviderError(document, root), document, into: &draft)
            }
        }
    }

    mutating func takeWhole(_ document: JSONDocument, into draft: inout AnswerDraft) {
        let root = document.root
        let isError = document.equals(document[root, "type"], "error")
        takeError(
            isError ? ProviderError(event: document) : ProviderError(document, root), document, into: &draft)
        takeHead(document, root, into: &draft)
        draft.append(.text, document, document[root, "content"])
        for block in document.elements(document[root, "content"]) {
            blocks.append(Block(index: blocks.count))
            take(document, block, blocks.count - 1, into: &draft)
            stop(blocks.count - 1, into: &draft)
        }
        takeEnd(document, root, into: &draft)
        takeUsage(document, document[root, "usage"], into: &draft)
        draft.takeBareError(document)
        draft.answer.isComplete = true
    }

    mutating func finish(into draft: inout AnswerDraft) {
        // A call that was cut off says nothing about whether it takes arguments.
        guard draft.answer.isComplete else { return }
        for place in blocks.indices { stop(place, into: &draft) }
    }

    // MARK: Blocks

    private mutating func takeStart(
        _ document: JSONDocument, _ block: JSONDocument.Node?, index: JSONDocument.Node?, into draft: inout AnswerDraft
    ) {
        guard let block, document.kind(block) == .object else { return }
        var place = place(document, index)
        if blocks[place].isStopped {
            blocks.append(Block(index: blocks[place].index))
            place = blocks.count - 1
        }
        // A start that is sent twice would add its block twice.
        guard !blocks[place].isBegun else { return }
        blocks[place].isBegun = true
        take(document, block, place, into: &draft)
    }

    /// Takes a block as far as it is there.
    private mutating func take(
        _ document: JSONDocument, _ block: JSONDocument.Node, _ place: Int, into draft: inout AnswerDraft
    ) {
        let type = document[block, "type"]
        if document.equals(type, "text") {
            draft.append(.text, document, document[block, "text"], key: place)
        } else if document.equals(type, "thinking") {
            draft.append(.reasoning, document, document[block, "thinking"], key: place)
        } else if document.string(type)?.hasSuffix("tool_use") ?? false {
            blocks[place].isTool = true
            draft.toolCall(document, id: document[block, "id"], name: document[block, "name"], key: place)
            let input = document[block, "input"]
            if document.kind(input) == .string {
                draft.replace(.toolCall, document, input, key: place)
            } else if document.members(input).contains(where: { _ in true }), !blocks[place].hasPieces {
                draft.setArguments(document, input, key: place)
            }
        } else {
            for part in MessagesBlocks(document).block(block) { draft.add(part) }
        }
    }

    private mutating func takeDelta(
        _ document: JSONDocument, _ delta: JSONDocument.Node?, index: JSONDocument.Node?, into draft: inout AnswerDraft
    ) {
        let place = place(document, index)
        let type = document[delta, "type"]
        if document.equals(type, "text_delta") {
            draft.append(.text, document, document[delta, "text"], key: place)
        } else if document.equals(type, "input_json_delta") {
            let piece = document[delta, "partial_json"]
            guard document.kind(piece) == .string, !document.isEmptyString(piece) else { return }
            if blocks[place].hasPieces {
                draft.append(.toolCall, document, piece, key: place)
            } else {
                blocks[place].hasPieces = true
                draft.replace(.toolCall, document, piece, key: place)
            }
        } else if document.equals(type, "thinking_delta") {
            draft.append(.reasoning, document, document[delta, "thinking"], key: place)
        }
    }

    private mutating func stop(_ place: Int, into draft: inout AnswerDraft) {
        guard !blocks[place].isStopped else { return }
        blocks[place].isStopped = true
        if blocks[place].isTool { draft.completeArguments(key: place) }
    }

    /// The place of the block with an index; without one, of the last.
    private mutating func place(_ document: JSONDocument, _ index: JSONDocument.Node?) -> Int {
        let index = document.count(index) ?? blocks.last?.index ?? 0
        if let last = blocks.last, last.index == index { return blocks.count - 1 }
        if let place = blocks.suffix(Self.searched).lastIndex(where: { $0.index == index }) { return place }
        blocks.append(Block(index: index))
        return blocks.count - 1
    }

    // MARK: The message

    private func takeHead(_ document: JSONDocument, _ message: JSONDocument.Node?, into draft: inout AnswerDraft) {
        draft.answer.id = document.string(document[message, "id"]) ?? draft.answer.id
        draft.answer.model = document.string(document[message, "model"]) ?? draft.answer.model
        if document.kind(message) == .object, document.isPresent(document[message, "role"]) { draft.name(choice: 0) }
    }

    private func takeEnd(_ document: JSONDocument, _ node: JSONDocument.Node?, into draft: inout AnswerDraft) {
        let explanation = document[document[node, "stop_details"], "explanation"]
        draft.replace(.refusal, document, explanation)
        guard let native = document.string(document[node, "stop_reason"]) else { return }
        draft.finish(FinishReason(anthropic: native), native: native)
    }

    private mutating func takeUsage(
        _ document: JSONDocument, _ node: JSONDocument.Node?, into draft: inout AnswerDraft
    ) {
        guard usage.take(document, node) else { return }
        draft.answer.usage = usage.usage
        draft.answer.takeCost(document, node)
        isFast = document.string(document[node, "speed"]).map { $0 == "fast" } ?? isFast
        serviceTier = document.string(document[node, "service_tier"]) ?? serviceTier
        // What is fast has a price of its own, whatever class it is in.
        draft.answer.serviceTier = isFast ? "fast" : serviceTier
    }

    private func takeError(_ error: ProviderError?, _ document: JSONDocument, into draft: inout AnswerDraft) {
        guard var error else { return }
        let details = document[document[document.root, "error"], "details"]
        error.code = error.code ?? document.string(document[details, "error_code"])
        draft.answer.error = error
    }
}

extension FinishReason {
    /// The meaning of a stop reason of Anthropic's.
    init(anthropic native: String) {
        switch native {
        case "end_turn", "stop_sequence": self = .stop
        case "max_tokens", "model_context_window_exceeded": self = .length
        case "tool_use": self = .toolCalls
        case "refusal": self = .contentFilter
        case "pause_turn": self = .pause
        default: self = .other
        }
    }
}
