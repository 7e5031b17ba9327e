// Demo, the plan: categories and products, made of the word lists, and how they are liked.

package import Kernel

/// A category of products.
package struct CategoryPlan: Sendable {
    /// Where it stands in `ChainPlan.categories`.
    package let index: Int
    package let code: String
    package let name: String
    /// The rate of a general taxpayer.
    package let rate: Rate
    /// Delivered every day.
    package let isFresh: Bool
    /// Who delivers it.
    package let supplierName: String
}

/// A product.
package struct ProductPlan: Sendable {
    /// Where it stands in `ChainPlan.products`.
    package let index: Int
    package let code: String
    package let name: String
    /// A valid EAN-13; for goods by weight one of the store's own range (prefix 21).
    package let barcode: String
    /// Where its category stands in `ChainPlan.categories`.
    package let category: Int
    package let brand: String?
    /// The code of a unit that every company is founded with.
    package let unit: String
    package let isWeighed: Bool
    package let price: UnitPrice
    /// Without tax.
    package let cost: UnitCost
    /// How often it is bought, of `ChainPlan.popularityTotal`.
    package internal(set) var popularity: Int
}

/// Makes the catalogue.
struct PlanCatalogue {
    let categories: [CategoryPlan]
    let products: [ProductPlan]
    let popularity: WeightTable

    /// So many products, at most what the words make: more than 4,000.
    init(seed: UInt64, count: Int) {
        let groups = ProductGroup.all
        var random = PlanDraw.generator(seed, .catalogue)
        categories = groups.enumerated().map { index, group in
            CategoryPlan(
                index: index,
                code: group.code,
                name: group.category,
                rate: Rate(group.ratePercent * 10_000),
                isFresh: group.isFresh,
                supplierName: PlanWords.suppliers[index % PlanWords.suppliers.count]
            )
        }
        let quotas = PlanCatalogue.quotas(groups, count: count)
        var products: [ProductPlan] = []
        products.reserveCapacity(count)
        for (category, group) in groups.enumerated() {
            let combinations = group.brands.count * group.nouns.count * group.sizes.count
            let chosen = random.shuffled(Array(0..<combinations)).prefix(quotas[category])
            for (number, combination) in chosen.sorted().enumerated() {
                products.append(
                    PlanCatalogue.product(
                        group,
                        category: category,
                        number: number,
                        combination: combination,
                        index: products.count,
                        &random
                    )
                )
            }
        }
        PlanCatalogue.rank(&products, &random)
        self.products = products
        popularity = WeightTable(products.map(\.popularity))
    }

    /// How many products each group has; what a group's words cannot make the others take over.
    private static func quotas(_ groups: [ProductGroup], count: Int) -> [Int] {
        let limits = groups.map { $0.brands.count * $0.nouns.count * $0.sizes.count }
        precondition(
            count > 0 && count <= limits.reduce(0, +),
            "the words make 1 to \(limits.reduce(0, +)) products"
        )
        let shares = PlanDraw.certain("shares of a count") {
            try split(Fen(Int64(count)), by: groups.map(\.share))
        }
        var quotas = zip(shares, limits).map { min(Int($0.rawValue), $1) }
        var left = count - quotas.reduce(0, +)
        while left > 0 {
            for index in quotas.indices where left > 0 && quotas[index] < limits[index] {
                quotas[index] += 1
                left -= 1
            }
        }
        return quotas
    }

    /// Zipf's law with an offset, so that the first few do not outsell all others; what is cheap is
    /// more often among the first.
    private static func rank(_ products: inout [ProductPlan], _ random: inout SeededRandom) {
        let keys = products.map { product in
            Int(product.price.rawValue / 100 + 400) * random.int(in: 1...1_000)
        }
        let order = products.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
        for (rank, index) in order.enumerated() {
            products[index].popularity = 100_000_000 / (rank + 12)
        }
    }

    private static func product(
        _ group: ProductGroup,
        category: Int,
        number: Int,
        combination: Int,
        index: Int,
        _ random: inout SeededRandom
    ) -> ProductPlan {
        let size = group.sizes[combination % group.sizes.count]
        let noun = group.nouns[combination / group.sizes.count % group.nouns.count]
        let brandNumber = combination / group.sizes.count / group.nouns.count
        let brand = group.brands[brandNumber]
        let fen = price(noun.fen * size.percent / 100 * random.int(in: 90...115) / 100)
        let margin = group.marginPercent + random.int(in: -4...4)
        let net = fen * 1_000_000 / (1_000_000 + Int(group.ratePercent) * 10_000)
        let cost = net * (100 - margin) / 100
        return ProductPlan(
            index: index,
            code: group.code + PlanDigits.padded(number + 1, 4),
            name: group.isWeighed
                ? "\(noun.text)（\(size.text)）" : "\(brand)\(noun.text) \(size.text)",
            barcode: barcode(group, brand: brandNumber, category: category, index: index),
            category: category,
            brand: brand.isEmpty ? nil : brand,
            unit: group.unit,
            isWeighed: group.isWeighed,
            price: UnitPrice(Int64(fen) * 100),
            cost: UnitCost(Int64(cost) * 10_000),
            popularity: 0
        )
    }

    /// A price as shops like them: whole jiao, ending in 8 or 9 where it is more than 5 yuan.
    private static func price(_ fen: Int) -> Int {
        let jiao = max(fen / 10, 5)
        guard jiao > 50 else { return jiao * 10 }
        return (jiao / 10 * 10 + (jiao % 10 < 5 ? 8 : 9)) * 10
    }

    private static func barcode(
        _ group: ProductGroup,
        brand: Int,
        category: Int,
        index: Int
    ) -> String {
        let twelve =
            group.isWeighed
            ? "21" + PlanDigits.padded(index + 1, 5) + "00000"
            : "69" + PlanDigits.padded(50_000 + category * 100 + brand, 5)
                + PlanDigits.padded(index + 1, 5)
        guard let check = BarcodeEAN13.checkDigit(of: twelve) else {
            preconditionFailure("a barcode is made of twelve digits")
        }
        return twelve + "\(check)"
    }
}
