import LLMWire

/// Prices of a file that others keep: LiteLLM's `model_prices_and_context_window.json` or models.dev's `api.json`, told
/// apart by their shape.
///
/// Read are prices of text, vectors and sound by the token; a model that answers with images or films, or is charged by
/// something else, has none.
package struct PriceFile: Sendable, Hashable {
    /// Why a text is no such file.
    package struct Fault: Error, Hashable, Sendable {
        /// What is wrong, where, and how to mend it.
        package let message: String
    }

    /// Prices by `provider/model`, in lower case.
    let prices: [String: Price]

    /// How many models have a price in it.
    package var count: Int { prices.count }

    /// Reads `json`, whole.
    ///
    /// - Throws: ``Fault``.
    package init(_ json: String) throws(Fault) {
        let octets = Array(json.utf8)
        var document = JSONDocument()
        do throws(JSONFault) {
            // Octets have no padding that could be read as data.
            try document.read(octets.span.bytes)
        } catch {
            let line = octets.prefix(error.offset).reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
            throw Fault(message: "The file is no JSON: it goes wrong on line \(line).")
        }
        guard document.kind(document.root) == .object else { throw Self.unknownShape }
        switch Self.shape(document) {
        case .liteLLM: prices = try LiteLLMPrices.read(document)
        case .modelsDev: prices = try ModelsDevPrices.read(document)
        case nil: throw Self.unknownShape
        }
        if prices.isEmpty { throw Fault(message: "No model in the file has a price by the token.") }
    }

    private enum Shape {
        case liteLLM
        case modelsDev
    }

    private static let unknownShape = Fault(
        message: """
            The file has neither LiteLLM's shape ({"MODEL": {"litellm_provider": …, "input_cost_per_token": …}}) nor \
            models.dev's ({"PROVIDER": {"models": {"MODEL": {"cost": {"input": …}}}}}).
            """)

    private static func shape(_ document: JSONDocument) -> Shape? {
        for value in document.memberPlaces(document.root).map(\.value) {
            if document.kind(document[value, "models"]) == .object { return .modelsDev }
            if document.kind(document[value, "litellm_provider"]) == .string { return .liteLLM }
        }
        return nil
    }
}

extension JSONDocument {
    /// The number of a member, as it is spelled; numbers in strings count as well.
    func number(_ node: Node) -> String? {
        switch kind(node) {
        case .number: raw(node)
        case .string: string(node)
        default: nil
        }
    }
}

extension RateCard {
    /// Sets a rate, in the tier above a number of tokens, which is made where there is none; 0: in no tier.
    mutating func set(_ meter: Meter, above: Int, _ rate: Rate) {
        guard above > 0 else {
            rates[meter] = rate
            return
        }
        if !tiers.contains(where: { $0.above == above }) { tiers.append(Tier(above: above)) }
        for index in tiers.indices where tiers[index].above == above { tiers[index].rates[meter] = rate }
    }
}
