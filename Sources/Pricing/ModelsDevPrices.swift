import LLMWire

/// models.dev's list: US dollars for a million tokens, under the providers' names.
enum ModelsDevPrices {
    private static let meters: [(name: String, meter: Meter)] = [
        ("input", .input), ("output", .output), ("reasoning", .reasoning), ("cache_read", .cachedInput),
        ("cache_write", .cacheWrite), ("input_audio", .audioInput), ("output_audio", .audioOutput),
    ]

    static func read(_ document: JSONDocument) throws(PriceFile.Fault) -> [String: Price] {
        var prices: [String: Price] = [:]
        for member in document.memberPlaces(document.root) {
            let (provider, entry) = (document.name(member), member.value)
            let seller = Provider(modelsDev: provider)
            for member in document.memberPlaces(document[entry, "models"]) {
                let (model, entry) = (document.name(member), member.value)
                let outputs = document.elements(document[document[entry, "modalities"], "output"])
                let cost = document[entry, "cost"]
                guard let cost,
                    !outputs.contains(where: { document.equals($0, "image") || document.equals($0, "video") })
                else { continue }
                var price = Price()
                try set(document, cost, "\(provider): \(model)", above: 0, in: &price)
                if let long = document[cost, "context_over_200k"] {
                    try set(document, long, "\(provider): \(model)", above: 200_000, in: &price)
                }
                guard !price.standard.rates.isEmpty else { continue }
                prices["\(seller.name)/\(ModelName(model).id(at: seller))"] = price
            }
        }
        return prices
    }

    private static func set(
        _ document: JSONDocument, _ cost: JSONDocument.Node, _ model: String, above: Int, in price: inout Price
    ) throws(PriceFile.Fault) {
        for member in document.memberPlaces(cost) {
            let (name, node) = (document.name(member), member.value)
            guard let meter = meters.first(where: { $0.name == name })?.meter, document.isPresent(node) else {
                continue
            }
            guard let text = document.number(node), let rate = Rate(perMillion: text) else {
                let message = "\(model): \(name) is no price; give US dollars per million tokens, 0 or more."
                throw PriceFile.Fault(message: message)
            }
            price.standard.set(meter, above: above, rate)
        }
    }
}
