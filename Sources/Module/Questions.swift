// What a command of one module may ask another: the closed set of questions and their answers.
// Asked in *decide* and *answer*, never in *apply*. Answers are plain values.

package import Kernel
package import SQLite

/// The kinds of branch, numbered for ever.
package enum BranchKind: Int64, Sendable, CaseIterable {
    case store = 1
    case distributionCentre = 2
    case office = 3
    case van = 4
}

/// Who owns a branch, numbered for ever.
package enum Ownership: Int64, Sendable, CaseIterable {
    case direct = 1
    case franchise = 2
}

/// The kinds of taxpayer, numbered for ever.
package enum TaxpayerKind: Int64, Sendable, CaseIterable {
    case general = 1
    case smallScale = 2
}

/// A branch as it stands.
package struct BranchAnswer: Hashable, Sendable {
    package let id: Int64
    package let code: String
    package let name: String
    package let kind: BranchKind
    package let ownership: Ownership
    /// The entity to which it belongs on the date asked for.
    package let entity: Int64

    package init(
        id: Int64,
        code: String,
        name: String,
        kind: BranchKind,
        ownership: Ownership,
        entity: Int64
    ) {
        self.id = id
        self.code = code
        self.name = name
        self.kind = kind
        self.ownership = ownership
        self.entity = entity
    }
}

/// A till of a branch.
package struct TillAnswer: Hashable, Sendable {
    package let id: Int64
    package let branch: Int64
    package let code: String
    package let isActive: Bool

    package init(id: Int64, branch: Int64, code: String, isActive: Bool) {
        self.id = id
        self.branch = branch
        self.code = code
        self.isActive = isActive
    }
}

/// A payment method.
package struct TenderAnswer: Hashable, Sendable {
    package let id: Int64
    package let code: String
    package let name: String
    package let role: LedgerRole
    package let isCash: Bool
    package let isElectronic: Bool

    package init(
        id: Int64,
        code: String,
        name: String,
        role: LedgerRole,
        isCash: Bool,
        isElectronic: Bool
    ) {
        self.id = id
        self.code = code
        self.name = name
        self.role = role
        self.isCash = isCash
        self.isElectronic = isElectronic
    }
}

/// A product as it is sold.
package struct ProductAnswer: Hashable, Sendable {
    package let id: Int64
    package let code: String
    package let name: String
    package let unit: String
    package let category: Int64
    /// The cost that headquarters last published; provisional.
    package let standardCost: UnitCost?
    package let isActive: Bool
    /// Sold by weight: the quantity may have a fraction.
    package let isWeighed: Bool

    package init(
        id: Int64,
        code: String,
        name: String,
        unit: String,
        category: Int64,
        standardCost: UnitCost?,
        isActive: Bool,
        isWeighed: Bool
    ) {
        self.id = id
        self.code = code
        self.name = name
        self.unit = unit
        self.category = category
        self.standardCost = standardCost
        self.isActive = isActive
        self.isWeighed = isWeighed
    }
}

/// A price version in force.
package struct PriceAnswer: Hashable, Sendable {
    /// The change that set it: what a sale records.
    package let version: Int64
    package let price: UnitPrice
    /// Below this it is not to be sold, whatever right the cashier holds; nil is no bound.
    package let minimum: UnitPrice?

    package init(version: Int64, price: UnitPrice, minimum: UnitPrice? = nil) {
        self.version = version
        self.price = price
        self.minimum = minimum
    }
}

/// A set of books.
package struct EntityAnswer: Hashable, Sendable {
    package let id: Int64
    package let code: String
    package let name: String
    /// 1 小企业会计准则, 2 企业会计准则.
    package let standard: Int64

    package init(id: Int64, code: String, name: String, standard: Int64) {
        self.id = id
        self.code = code
        self.name = name
        self.standard = standard
    }
}

/// A tax registration on a date.
package struct TaxpayerAnswer: Hashable, Sendable {
    package let id: Int64
    package let kind: TaxpayerKind

    package init(id: Int64, kind: TaxpayerKind) {
        self.id = id
        self.kind = kind
    }
}

/// What Catalog answers.
package protocol CatalogQuestions: Sendable {
    func branch(_ id: Int64, on date: CivilDate, _ views: Database) throws -> BranchAnswer?
    func branch(code: String, on date: CivilDate, _ views: Database) throws -> BranchAnswer?
    func branches(on date: CivilDate, _ views: Database) throws -> [BranchAnswer]
    func neighbours(of branch: Int64, on date: CivilDate, _ views: Database) throws -> [Int64]
    func till(_ id: Int64, _ views: Database) throws -> TillAnswer?
    func till(branch: Int64, code: String, _ views: Database) throws -> TillAnswer?
    func tills(of branch: Int64, _ views: Database) throws -> [TillAnswer]
    func tender(_ id: Int64, _ views: Database) throws -> TenderAnswer?
    func tender(code: String, _ views: Database) throws -> TenderAnswer?
    func tenders(_ views: Database) throws -> [TenderAnswer]
    func product(_ id: Int64, _ views: Database) throws -> ProductAnswer?
    func product(code: String, _ views: Database) throws -> ProductAnswer?
    func product(barcode: String, _ views: Database) throws -> ProductAnswer?
    /// The products that a wish names, the best first: by code, barcode, name or initials.
    func search(_ wish: String, limit: Int, _ views: Database) throws -> [ProductAnswer]
    func categoryName(_ id: Int64, _ views: Database) throws -> String?
    /// A category by its code or name, the oldest where several bear it.
    func category(_ codeOrName: String, _ views: Database) throws -> Int64?
    /// The name of a unit of quantity: 瓶 for `bottle`; nil where the code has none.
    func unitName(_ code: String, _ views: Database) throws -> String?
    func price(
        of product: Int64,
        branch: Int64,
        at time: WallTime,
        _ views: Database
    ) throws -> PriceAnswer?
    /// The rate on a date for the taxpayer to which a branch belongs then.
    func taxRate(
        of product: Int64,
        taxpayer: TaxpayerKind,
        on date: CivilDate,
        _ views: Database
    ) throws -> Rate
    func entity(_ id: Int64, _ views: Database) throws -> EntityAnswer?
    func entities(_ views: Database) throws -> [EntityAnswer]
    func taxpayer(
        ofEntity entity: Int64,
        on date: CivilDate,
        _ views: Database
    ) throws -> TaxpayerAnswer?
}

extension CatalogQuestions {
    /// Where nobody searches, a product is found by its code or barcode alone.
    package func search(
        _ wish: String,
        limit: Int,
        _ views: Database
    ) throws -> [ProductAnswer] {
        try [product(code: wish, views) ?? product(barcode: wish, views)].compactMap(\.self)
    }

    /// Where nobody knows units by name, their codes stand for themselves.
    package func unitName(_ code: String, _ views: Database) throws -> String? { nil }
}

/// A person who may act.
package struct PersonAnswer: Hashable, Sendable {
    package let id: Int64
    package let code: String
    /// The home branch; 0 is headquarters.
    package let branch: Int64
    package let isActive: Bool
    /// Where the name lies: the commit and index of a personal value.
    package let nameCommit: Int64
    package let nameIndex: Int64

    package init(
        id: Int64,
        code: String,
        branch: Int64,
        isActive: Bool,
        nameCommit: Int64,
        nameIndex: Int64
    ) {
        self.id = id
        self.code = code
        self.branch = branch
        self.isActive = isActive
        self.nameCommit = nameCommit
        self.nameIndex = nameIndex
    }
}

/// What a person may be allowed to do; the numbers stand in grants and are for ever.
package enum Right: Int64, Sendable, CaseIterable {
    case sell = 1
    case returnGoods = 2
    case returnWithoutReceipt = 3
    case voidSale = 4
    case overridePrice = 5
    case discount = 6
    case closeDay = 7
    case receiveGoods = 8
    case adjustStock = 9
    case punchForOthers = 10
    case manageCatalog = 20
    case managePeople = 21
    case managePrices = 22
    case postVouchers = 30
    case closePeriods = 31
    case viewReports = 40
    case viewAllBranches = 41
    case manageDevices = 50
    case ruleQuarantine = 51
}

/// The business day a till has open.
package struct OpenDayAnswer: Hashable, Sendable {
    /// The change that opened it.
    package let id: Int64
    package let till: Int64
    package let date: CivilDate

    package init(id: Int64, till: Int64, date: CivilDate) {
        self.id = id
        self.till = till
        self.date = date
    }
}

/// How far a branch's business day is known to be whole.
package enum DayState: Int64, Sendable {
    /// No till of the branch has said anything about the day.
    case unknown = 0
    /// At least one till that was open is not sealed.
    case open = 1
    /// Every active till is sealed, or known to have been idle; each seal agrees with what arrived.
    case complete = 2
    /// A seal names more, or other figures, than what arrived.
    case disagreeing = 3
    /// What spoke is sealed, but of a till that sold before nothing is here that reaches past it.
    case pending = 4
}

/// What Sales answers.
package protocol SalesQuestions: Sendable {
    func openDay(till: Int64, _ views: Database) throws -> OpenDayAnswer?
    func dayState(branch: Int64, date: CivilDate, _ views: Database) throws -> DayState
    /// The last business date up to which all dates since `from` are complete.
    func completeThrough(
        branch: Int64,
        from: CivilDate,
        to: CivilDate,
        _ views: Database
    ) throws -> CivilDate?
    func sold(
        branch: Int64,
        from: CivilDate,
        to: CivilDate,
        _ views: Database
    ) throws -> SoldAnswer
}

extension SalesQuestions {
    /// Where nobody sells, nothing is sold.
    package func sold(
        branch: Int64,
        from: CivilDate,
        to: CivilDate,
        _ views: Database
    ) throws -> SoldAnswer { SoldAnswer(first: nil, quantities: [:]) }
}

/// What a branch sold on the business dates of a period.
package struct SoldAnswer: Hashable, Sendable {
    /// The first of the dates on which it sold anything.
    package let first: CivilDate?
    /// By product, less what came back.
    package let quantities: [Int64: Quantity]

    package init(first: CivilDate?, quantities: [Int64: Quantity]) {
        self.first = first
        self.quantities = quantities
    }
}

/// What Stock answers.
package protocol StockQuestions: Sendable {
    func onHand(branch: Int64, product: Int64, _ views: Database) throws -> Quantity
    func lastCost(product: Int64, branch: Int64, _ views: Database) throws -> UnitCost?
}

/// The questions of all modules, as the node wires them.
package struct Questions: Sendable {
    package let catalog: any CatalogQuestions
    package let people: any PeopleQuestions
    package let sales: any SalesQuestions
    package let stock: any StockQuestions

    package init(
        catalog: any CatalogQuestions,
        people: any PeopleQuestions,
        sales: any SalesQuestions,
        stock: any StockQuestions
    ) {
        self.catalog = catalog
        self.people = people
        self.sales = sales
        self.stock = stock
    }
}
