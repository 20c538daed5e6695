import Pricing
import WeirConfiguration

/// The keys of `prices`.
enum PriceKeys {
    static var prices: Table<PriceSettings> {
        Table(
            [
                Key(
                    "file", .priceFile, get: \.file, set: { $0.file = $1 },
                    "LiteLLM's price map or models.dev's api.json, which wins over the built-in prices."),
                Key(
                    "models", .prices, \.models,
                    "Prices by model, in US dollars per million tokens, which win over all others; * in a name stands "
                        + "for any text."),
            ], defaults: nil)
    }

    fileprivate static var price: Table<Price> {
        Table(
            rates(\Price.standard.rates) + [
                Key(
                    "request", Kind<Rate>.rate("US dollars", { Rate(perUnit: $0) }, most: 1000, show: \.perUnit),
                    get: \.request, set: { $0.request = $1 }, "What each request costs besides, in US dollars."),
                above(\.standard.tiers),
                Key(
                    "service_tiers", .rateCards, get: { $0.services.isEmpty ? nil : $0.services },
                    set: { $0.services = $1 },
                    "Rates by the class of service that the answer names, such as flex or priority."),
            ], defaults: nil)
    }

    fileprivate static var card: Table<RateCard> {
        Table(rates(\RateCard.rates) + [above(\.tiers)], defaults: nil)
    }

    private static var tier: Table<RateCard.Tier> {
        Table(
            [
                Key(
                    "tokens", .integer(1...1_000_000_000, "a number of tokens"), \RateCard.Tier.above,
                    "Tokens of the input past which the rates hold, for all tokens of the request.")
            ] + rates(\.rates), defaults: nil, required: ["tokens"])
    }

    private static func above<Root>(_ path: WritableKeyPath<Root, [RateCard.Tier]>) -> Key<Root> {
        let tiers = tier.kind(RateCard.Tier(above: 0)).list("a list of mappings with tokens and rates")
        return Key(
            "above", tiers, get: { $0[keyPath: path].isEmpty ? nil : $0[keyPath: path] },
            set: { $0[keyPath: path] = $1 }, "Rates of requests with a long input.")
    }

    private static func rates<Root>(_ path: WritableKeyPath<Root, Rates>) -> [Key<Root>] {
        Meter.allCases.map { meter in
            let kind = Kind<Rate>.rate(
                "US dollars per million tokens", { Rate(perMillion: $0) }, most: Rate.mostPerMillion, show: \.perMillion
            )
            return Key(
                meter.rawValue, kind, get: { $0[keyPath: path][meter] }, set: { $0[keyPath: path][meter] = $1 },
                summary(meter))
        }
    }

    private static func summary(_ meter: Meter) -> String {
        switch meter {
        case .input: "Tokens read."
        case .output: "Tokens written."
        case .cachedInput: "Tokens read from a cache; left out: as input, as an estimate."
        case .cacheWrite: "Tokens written to a cache; left out: as input, as an estimate."
        case .longCacheWrite: "Tokens written to a cache for an hour or more; left out: as cache_write, as an estimate."
        case .reasoning: "Tokens thought; left out: as output."
        case .audioInput: "Tokens of sound read; left out: as input, as an estimate."
        case .audioOutput: "Tokens of sound written; left out: as output, as an estimate."
        }
    }
}

extension Kind where Value == Rate {
    /// A price, as a number.
    fileprivate static func rate(
        _ unit: String, _ parse: @escaping (String) -> Rate?, most: Int, show: @escaping (Rate) -> String
    ) -> Kind<Rate> {
        let expected = "\(unit), from 0 to \(most)"
        return Kind<Rate>(
            schema: .substitutable([
                ("type", .text("number")), ("minimum", .number(0)), ("maximum", .number(most)),
            ]),
            read: { node, walk in
                guard let scalar = walk.scalar(node, expected) else { return nil }
                guard scalar.form == .number else {
                    walk.mismatch(node, expected)
                    return nil
                }
                guard let rate = parse(scalar.text) else {
                    walk.fault("\(Walk.quoted(scalar)) is not accepted; give \(expected).", at: node.place)
                    return nil
                }
                return rate
            },
            show: { .literal(show($0)) })
    }
}

extension Kind where Value == PriceSettings.File {
    /// A file that is read at once.
    fileprivate static var priceFile: Kind<PriceSettings.File> {
        Kind<PriceSettings.File>(
            schema: .string(("minLength", .number(1))),
            read: { node, walk in
                guard let scalar = walk.text(node, "the path of a JSON file") else { return nil }
                guard !scalar.text.isEmpty, !scalar.text.contains("\0") else {
                    walk.fault("The path is empty.", at: node.place)
                    return nil
                }
                guard let (path, text) = walk.contents(ofFile: scalar.text, upTo: 64 << 20, at: node.place) else {
                    return nil
                }
                do throws(PriceFile.Fault) {
                    return PriceSettings.File(path: path, prices: try PriceFile(text))
                } catch {
                    walk.fault("\(path): \(error.message)", at: node.place)
                    return nil
                }
            },
            show: { .text($0.path) })
    }
}

extension Kind where Value == [NamedPrice] {
    fileprivate static var prices: Kind<[NamedPrice]> {
        let table = PriceKeys.price
        return Kind<[NamedPrice]>(
            schema: .map([("type", .text("object")), ("additionalProperties", table.schema)]),
            read: { node, walk in
                guard let entries = walk.members(node, "a mapping from model to price") else { return nil }
                return entries.compactMap { entry in
                    walk.within(Walk.segment(entry.key), entry.value.place) { walk in
                        guard !entry.key.isEmpty else {
                            walk.fault("The model's name is empty.", at: entry.keyPlace)
                            return nil
                        }
                        guard let price = table.kind(Price()).read(entry.value, &walk) else { return nil }
                        guard !price.standard.rates.isEmpty || price.request != nil else {
                            walk.fault("Give at least input or output; 0 is free.", at: entry.value.place)
                            return nil
                        }
                        return NamedPrice(entry.key, price)
                    }
                }
            },
            show: { .map($0.map { ($0.pattern, table.show($0.price)) }) })
    }
}

extension Kind where Value == [String: RateCard] {
    fileprivate static var rateCards: Kind<[String: RateCard]> {
        let table = PriceKeys.card
        return Kind<[String: RateCard]>(
            schema: .map([("type", .text("object")), ("additionalProperties", table.schema)]),
            read: { node, walk in
                guard let entries = walk.members(node, "a mapping from class of service to rates") else { return nil }
                var cards: [String: RateCard] = [:]
                for entry in entries {
                    let card = walk.within(Walk.segment(entry.key), entry.value.place) { walk in
                        table.kind(RateCard()).read(entry.value, &walk)
                    }
                    if let card { cards[entry.key.lowercased()] = card }
                }
                return cards
            },
            show: { cards in .map(cards.sorted { $0.key < $1.key }.map { ($0.key, table.show($0.value)) }) })
    }
}
