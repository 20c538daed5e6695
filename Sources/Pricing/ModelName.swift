/// A model's name in the spellings that providers and gateways have for it.
///
/// Nothing here guesses: each form is one that a provider documents, and what has none of them stays as it is.
struct ModelName {
    /// The name in lower case, without what stands around it in a path.
    let text: String

    init(_ name: String) {
        let lower = name.lowercased()
        text = lower.utf8.contains(UInt8(ascii: "%")) ? lower.replacing("%3a", with: ":") : lower
    }

    /// The names that a provider's own prices may stand under, each with whether the price is the list price of the
    /// model's maker, who is someone else.
    func entries(at provider: Provider?) -> [(key: String, isMaker: Bool)] {
        guard let provider else { return makerEntries(Self.afterRouter(text)) }
        let own = (key: "\(provider.name)/\(id(at: provider))", isMaker: false)
        switch provider {
        case .openAIRegional: return [(key: "openai/\(id(at: .openAI))", isMaker: true)]
        case .azure: return [own] + makerEntries(id(at: provider))
        case .openRouter: return [own] + makerEntries(id(at: provider))
        case .vertex:
            let id = id(at: provider)
            return [own] + makerEntries(id)
        default: return [own]
        }
    }

    /// Whether OpenRouter's mark of what is free of charge stands behind a name of its form.
    var isFreeOfCharge: Bool { text.hasSuffix(":free") && text.contains("/") }

    /// The name as one provider's prices have it.
    func id(at provider: Provider) -> String {
        var id = text[...]
        for prefix in Self.prefixes(provider) where id.hasPrefix(prefix) { id = id.dropFirst(prefix.count) }
        switch provider {
        case .openAI:
            // ft:BASE:ORGANISATION:NAME:ID
            let parts = id.split(separator: ":", omittingEmptySubsequences: false)
            return parts.count > 2 && parts[0] == "ft" ? "ft:\(parts[1])" : String(id)
        case .vertex:
            // publishers/anthropic/models/NAME@VERSION, after a project and a region.
            let last = id.split(separator: "/").last ?? id
            guard last.utf8.contains(UInt8(ascii: "@")) else { return String(last) }
            return String(last).replacing("@default", with: "").replacing("@", with: "-")
        case .bedrock:
            // arn:aws:bedrock:REGION:ACCOUNT:inference-profile/ID
            let isResource = id.hasPrefix("arn:") && !id.contains("application-inference-profile/")
            return String(isResource ? id.split(separator: "/").last ?? id : id)
        default: return String(id)
        }
    }

    /// What may stand in front of a name at a provider, in the order in which it is taken off.
    private static func prefixes(_ provider: Provider) -> [String] {
        switch provider {
        case .google: ["google/", "gemini/", "models/"]
        case .fireworks: ["fireworks_ai/"]
        default: [provider.name + "/"]
        }
    }

    /// A name without a gateway's own in front.
    private static func afterRouter(_ name: String) -> String {
        for prefix in ["openrouter/", "models/"] where name.hasPrefix(prefix) {
            return String(name.dropFirst(prefix.count))
        }
        return name
    }

    /// The list price of a model's maker, for names that only the maker's models have.
    private func makerEntries(_ name: String) -> [(key: String, isMaker: Bool)] {
        let parts = name.split(separator: "/", maxSplits: 1)
        guard parts.count == 2 else { return maker(name).map { [Self.entry($0, name)] } ?? [] }
        let id = String(parts[1])
        let vendors: [Substring: Provider] = [
            "openai": .openAI, "anthropic": .anthropic, "google": .google, "gemini": .google, "x-ai": .xAI, "xai": .xAI,
        ]
        guard let vendor = vendors[parts[0]], maker(id) == vendor else { return [] }
        return [Self.entry(vendor, id)]
    }

    private static func entry(_ maker: Provider, _ id: String) -> (key: String, isMaker: Bool) {
        // OpenRouter writes claude-sonnet-4.5 for claude-sonnet-4-5.
        let own = maker == .anthropic ? id.replacing(".", with: "-") : ModelName(id).id(at: maker)
        return (key: "\(maker.name)/\(own)", isMaker: true)
    }

    /// The one who makes models of such a name and sells their weights to nobody.
    private func maker(_ id: String) -> Provider? {
        if id.hasPrefix("claude-") { return .anthropic }
        if id.hasPrefix("gemini-") { return .google }
        if id.hasPrefix("grok-") { return .xAI }
        let prefixes = ["gpt-", "chatgpt-", "o1", "o3", "o4-", "text-embedding-3-", "text-embedding-ada-", "ft:gpt-"]
        guard !id.hasPrefix("gpt-oss"), prefixes.contains(where: { id.hasPrefix($0) }) else { return nil }
        return .openAI
    }
}

extension Provider {
    fileprivate static let fireworks = Provider("fireworks_ai")
}

/// The forms that a name's version may have behind it.
enum Snapshot {
    /// The name without the date or word at its end, where that has the form of one.
    ///
    /// - Returns: nil: it has none; `isPreview`: it is the preview of a model, which may have had another price.
    static func base(of name: String) -> (name: String, isPreview: Bool)? {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        func base(without count: Int, isPreview: Bool = false) -> (name: String, isPreview: Bool)? {
            guard parts.count > count else { return nil }
            return (parts.dropLast(count).joined(separator: "-"), isPreview)
        }
        let last = parts.suffix(3)
        if last.last == "latest" { return base(without: 1) }
        if let date = last.last, date.utf8.count == 8,
            isDate(date.prefix(4), date.dropFirst(4).prefix(2), date.suffix(2))
        {
            return base(without: 1)
        }
        guard last.count == 3, let first = last.first, let end = last.last else { return nil }
        let middle = last[last.startIndex + 1]
        if isDate(first, middle, end) { return base(without: 3) }
        guard first == "preview" else { return nil }
        let isDated = isNumber(middle, 1...12, digits: 2) && (isNumber(end, 1...31, digits: 2) || isYear(end))
        return isDated ? base(without: 3, isPreview: true) : nil
    }

    private static func isDate(_ year: Substring, _ month: Substring, _ day: Substring) -> Bool {
        isYear(year) && isNumber(month, 1...12, digits: 2) && isNumber(day, 1...31, digits: 2)
    }

    private static func isYear(_ text: Substring) -> Bool { isNumber(text, 2020...2099, digits: 4) }

    private static func isNumber(_ text: Substring, _ range: ClosedRange<Int>, digits: Int) -> Bool {
        text.utf8.count == digits && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
            && Int(text).map(range.contains) == true
    }
}
