// What a till asks for every line and hardly ever changes, remembered until the tables change.
// Whoever writes a table of Catalog forgets it first: `CatalogView` alone does.

import Kernel
import Module
import SQLite

/// A branch as it was on a date.
struct OnDate: Hashable {
    let id: Int64
    let date: CivilDate
}

/// A product at a branch.
struct ProductAt: Hashable {
    let product: Int64
    let branch: Int64
}

/// The rate of a product for a kind of taxpayer on a date.
struct RateAsked: Hashable {
    let product: Int64
    let taxpayer: TaxpayerKind
    let date: CivilDate
}

/// What is remembered of the tables of Catalog on one connection.
final class CatalogMemory {
    var branches = Remembered<OnDate, BranchAnswer>()
    var tills = Remembered<Int64, TillAnswer>()
    var tenders = Remembered<Int64, TenderAnswer>()
    var tendersByCode = Remembered<String, TenderAnswer>()
    var products = Remembered<Int64, ProductAnswer>()
    var productsByCode = Remembered<String, ProductAnswer>()
    var productsByBarcode = Remembered<String, ProductAnswer>()
    var prices = Remembered<ProductAt, HeldAnswer<PriceAnswer>>()
    var rates = Remembered<RateAsked, Rate>()

    /// What is remembered, or what `find` finds, which is remembered then.
    static func answer<Asked: Hashable, Answer>(
        _ table: ReferenceWritableKeyPath<CatalogMemory, Remembered<Asked, Answer>>,
        _ asked: Asked,
        _ views: Database,
        _ find: () throws -> Answer?
    ) throws -> Answer? {
        guard let memory = views.memory(CatalogMemory.self, CatalogMemory.init) else {
            return try find()
        }
        if let known = memory[keyPath: table][asked] { return known }
        guard let found = try find() else { return nil }
        memory[keyPath: table].keep(found, for: asked)
        return found
    }
}
