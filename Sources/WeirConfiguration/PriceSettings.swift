package import Pricing

/// Prices that take the place of those in the binary.
package struct PriceSettings: Sendable, Equatable {
    /// A file of prices as it was read with the configuration.
    package struct File: Sendable, Equatable {
        /// Its path.
        package var path: String
        /// What it says.
        package var prices: PriceFile

        /// A file that was read.
        package init(path: String, prices: PriceFile) {
            self.path = path
            self.prices = prices
        }
    }

    /// LiteLLM's or models.dev's list, which takes the place of the built-in one where both know a model.
    package var file: File?
    /// Prices by model, which win over all others.
    package var models: [NamedPrice] = []

    /// The built-in prices alone.
    package init() {}
}

extension PriceTable {
    /// The table by which a configuration prices what it records; nil: the built-in one.
    ///
    /// It copies some thousand entries where there is a file, so make it where nothing waits for it.
    package init(_ settings: PriceSettings?) {
        self.init(models: settings?.models ?? [], file: settings?.file?.prices)
    }
}
