import LLMWire

/// LiteLLM's price map: US dollars for one token, at names that say which token.
enum LiteLLMPrices {
    /// What a name says: `cache_read_input_token_cost_above_200k_tokens_flex`.
    private struct Place: Hashable {
        var service = ""
        var above = 0
        var meter: Meter
    }

    /// The longest first: some begin like others.
    private static let meters: [(name: String, meter: Meter)] = [
        ("cache_creation_input_token_cost_above_12hr", .longCacheWrite),
        ("cache_creation_input_token_cost_above_1hr", .longCacheWrite),
        ("cache_creation_input_token_cost", .cacheWrite),
        ("cache_read_input_token_cost", .cachedInput),
        ("output_cost_per_reasoning_token", .reasoning),
        ("output_cost_per_audio_token", .audioOutput),
        ("input_cost_per_audio_token", .audioInput),
        ("output_cost_per_token", .output),
        ("input_cost_per_token", .input),
    ]
    /// What answers name a class of service, by the map's word for it.
    private static let services = [
        "batches": "batch", "flex": "flex", "priority": "priority", "ultrafast": "ultrafast", "balanced": "balanced",
    ]
    private static let modes: Set<String> = [
        "chat", "completion", "responses", "embedding", "audio_transcription", "moderation", "rerank",
    ]

    static func read(_ document: JSONDocument) throws(PriceFile.Fault) -> [String: Price] {
        var prices: [String: Price] = [:]
        var ambiguous: Set<String> = []
        // A name is spelled the same in thousands of entries.
        var places: [String: Place?] = [:]
        for member in document.memberPlaces(document.root) {
            let (name, entry) = (document.name(member), member.value)
            guard let provider = document.string(document[entry, "litellm_provider"]), name != "sample_spec",
                modes.contains(document.string(document[entry, "mode"]) ?? "chat"),
                !document.isPresent(document[entry, "output_cost_per_image_token"]),
                let price = try price(document, entry, name, &places)
            else { continue }
            let key = key(name, provider)
            // Two prices for what is asked for by one name: neither can be trusted.
            if let other = prices.updateValue(price, forKey: key), other != price { ambiguous.insert(key) }
        }
        for key in ambiguous { prices[key] = nil }
        return prices
    }

    /// The name that the table has for a model of the map.
    private static func key(_ name: String, _ provider: String) -> String {
        let seller = Provider(liteLLM: provider)
        guard name.hasPrefix(provider + "/") else { return "\(seller.name)/\(ModelName(name).id(at: seller))" }
        return "\(seller.name)/\(name.dropFirst(provider.count + 1).lowercased())"
    }

    private static func price(
        _ document: JSONDocument, _ entry: JSONDocument.Node, _ model: String, _ places: inout [String: Place?]
    ) throws(PriceFile.Fault) -> Price? {
        var price = Price()
        for member in document.memberPlaces(entry) {
            let (name, node) = (document.name(member), member.value)
            if name == "off_peak_pricing" { price.isApproximate = true }
            if name == "tiered_pricing" { try addTiers(document, node, model, to: &price) }
            if name == "input_cost_per_request" { price.request = try rate(document, node, model, name) }
            let known = places[name] ?? place(name)
            places.updateValue(known, forKey: name)
            guard let place = known, let rate = try rate(document, node, model, name) else { continue }
            // The map's word for a provider that does not count such tokens.
            if rate == .free, place.meter == .cacheWrite || place.meter == .longCacheWrite { continue }
            if place.service.isEmpty {
                price.standard.set(place.meter, above: place.above, rate)
            } else {
                price.services[place.service, default: RateCard()].set(place.meter, above: place.above, rate)
            }
        }
        let rates = price.standard.rates
        return rates[.input] == nil && rates[.output] == nil && price.request == nil ? nil : price
    }

    private static func place(_ name: String) -> Place? {
        guard let (base, meter) = meters.first(where: { name.hasPrefix($0.name) }) else { return nil }
        var place = Place(meter: meter)
        var rest = name.dropFirst(base.count)
        if rest.hasPrefix("_above_") {
            let digits = rest.dropFirst("_above_".count).prefix { ("0"..."9").contains($0) }
            rest = rest.dropFirst("_above_".count + digits.count)
            guard let thousands = Int(digits), thousands < 1_000_000, rest.hasPrefix("k_tokens") else { return nil }
            place.above = thousands * 1000
            rest = rest.dropFirst("k_tokens".count)
        }
        guard !rest.isEmpty else { return place }
        guard rest.first == "_", let service = services[String(rest.dropFirst())] else { return nil }
        place.service = service
        return place
    }

    private static func rate(
        _ document: JSONDocument, _ node: JSONDocument.Node, _ model: String, _ name: String
    ) throws(PriceFile.Fault) -> Rate? {
        guard document.isPresent(node) else { return nil }
        guard let text = document.number(node), let rate = Rate(perUnit: text) else {
            throw PriceFile.Fault(message: "\(model): \(name) is no price; give US dollars for one token, 0 or more.")
        }
        return rate
    }

    /// `[{"range": [0, 32000], "input_cost_per_token": …}, …]`.
    private static func addTiers(
        _ document: JSONDocument, _ node: JSONDocument.Node, _ model: String, to price: inout Price
    ) throws(PriceFile.Fault) {
        for tier in document.elements(node) {
            var range = document.elements(document[tier, "range"])
            guard let above = document.integer(range.next()), above >= 0 else { continue }
            for member in document.memberPlaces(tier) {
                let (name, node) = (document.name(member), member.value)
                guard let place = place(name), place.service.isEmpty, place.above == 0,
                    let rate = try rate(document, node, model, name)
                else { continue }
                price.standard.set(place.meter, above: above, rate)
            }
        }
    }
}
