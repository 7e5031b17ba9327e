// What headquarters may wish of master data, decided on what it knows.

package import Kernel
package import Module
package import Replication
import SQLite
import Wire

extension DecideContext {
    /// Master data is written at headquarters, by who holds the right.
    func requireMaster(_ right: Right) throws {
        try requireHeadquarters()
        try require(right, branch: 0)
    }
}

/// How long the texts of master data may be, in bytes of UTF-8.
enum TextLimits {
    static let codeMax = 48
    static let nameMax = 240

    static func require(code: String) throws(CatalogRefusal) {
        if Text.isBlank(code) { throw .emptyCode }
        if code.utf8.count > codeMax { throw .textTooLong(code) }
    }

    static func require(name: String) throws(CatalogRefusal) {
        if Text.isBlank(name) { throw .emptyName }
        if name.utf8.count > nameMax { throw .textTooLong(name) }
    }
}

/// Founds the company: its first set of books, units, tenders and rates.
package struct FoundCompany: Command {
    /// What came of it.
    package struct Outcome: Hashable, Sendable {
        package let entity: Int64
    }

    package let name: String
    package let entityName: String
    /// 1 小企业会计准则, 2 企业会计准则.
    package let standard: Int64
    package let taxpayer: TaxpayerKind
    /// The first day of the books.
    package let from: CivilDate

    package init(
        name: String,
        entityName: String? = nil,
        standard: Int64 = 1,
        taxpayer: TaxpayerKind = .general,
        from: CivilDate
    ) {
        self.name = name
        self.entityName = entityName ?? name
        self.standard = standard
        self.taxpayer = taxpayer
        self.from = from
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Outcome {
        try context.requireHeadquarters()
        try TextLimits.require(name: name)
        try TextLimits.require(name: entityName)
        if try context.views.integer("SELECT 1 FROM catalog_companies") != nil {
            throw CatalogRefusal.alreadyFounded
        }
        let registers = RegisterTable(views: context.views)
        act.begin([.everyone])
        try registers.draft(CatalogKind.company, entity: nil, [(1, .text(name))], into: &act)
        let entity = try registers.draft(
            CatalogKind.entity,
            entity: nil,
            [(1, .text("01")), (2, .text(entityName)), (3, .integer(standard))],
            into: &act
        )
        let day = Int64(from.dayNumber)
        act.add(
            CatalogKind.taxpayerDeclared,
            TaxpayerDeclared(entity: entity, kind: taxpayer, from: day, number: nil).body
        )
        for rate in FoundingData.rates { act.add(CatalogKind.taxRateSet, rate.body) }
        for (code, name, decimals) in FoundingData.units {
            try registers.draft(
                CatalogKind.unit,
                entity: nil,
                [(1, .text(code)), (2, .text(name)), (3, .integer(decimals))],
                into: &act
            )
        }
        for (index, tender) in FoundingData.tenders.enumerated() {
            try AddTender(
                code: tender.code,
                name: tender.name,
                role: tender.role,
                isCash: tender.role == .cashOnHand,
                isElectronic: tender.isElectronic,
                sort: Int64(index + 1)
            ).draft(registers, &act)
        }
        return Outcome(entity: entity)
    }
}

/// What a company begins with; dated rows that it may change.
enum FoundingData {
    static let units: [(String, String, Int64)] = [
        ("pc", "件", 0), ("bottle", "瓶", 0), ("bag", "袋", 0), ("box", "盒", 0), ("kg", "千克", 3),
    ]

    static let tenders: [(code: String, name: String, role: LedgerRole, isElectronic: Bool)] = [
        ("cash", "现金", .cashOnHand, false),
        ("wechat", "微信支付", .tenderWechat, true),
        ("alipay", "支付宝", .tenderAlipay, true),
        ("card", "银行卡", .tenderCardClearing, true),
    ]

    /// General 13 %; small-scale 1 % until the end of 2027, then 3 %.
    ///
    /// Source: 增值税法 (2026-01-01) and 财政部 税务总局公告2026年第10号.
    static let rates: [TaxRateSet] = {
        let start = day(1990, 1, 1)
        return [
            rate(.general, 130_000, start, nil),
            rate(.smallScale, 10_000, start, day(2027, 12, 31)),
            rate(.smallScale, 30_000, day(2028, 1, 1), nil),
        ]
    }()

    private static func day(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
        Int64(CivilDate(year: year, month: month, day: day)?.dayNumber ?? 0)
    }

    private static func rate(
        _ taxpayer: TaxpayerKind,
        _ perMillion: Int64,
        _ from: Int64,
        _ to: Int64?
    ) -> TaxRateSet {
        TaxRateSet(
            taxpayer: taxpayer,
            category: 0,
            product: 0,
            rate: Rate(perMillion),
            from: from,
            to: to
        )
    }
}

/// Adds a set of books.
package struct AddEntity: Command {
    package let code: String
    package let name: String
    package let standard: Int64
    package let taxpayer: TaxpayerKind
    package let from: CivilDate

    package init(
        code: String,
        name: String,
        standard: Int64,
        taxpayer: TaxpayerKind,
        from: CivilDate
    ) {
        self.code = code
        self.name = name
        self.standard = standard
        self.taxpayer = taxpayer
        self.from = from
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int64 {
        try context.requireMaster(.manageCatalog)
        try TextLimits.require(code: code)
        try TextLimits.require(name: name)
        let known = try context.questions.catalog.entities(context.views)
        if known.contains(where: { $0.code == code }) { throw CatalogRefusal.codeTaken(code) }
        act.begin([.everyone])
        let entity = try RegisterTable(views: context.views).draft(
            CatalogKind.entity,
            entity: nil,
            [(1, .text(code)), (2, .text(name)), (3, .integer(standard))],
            into: &act
        )
        let declared = TaxpayerDeclared(
            entity: entity,
            kind: taxpayer,
            from: Int64(from.dayNumber),
            number: nil
        )
        act.add(CatalogKind.taxpayerDeclared, declared.body)
        return entity
    }
}

/// Declares what kind of taxpayer an entity is from a date on.
package struct SetTaxpayerKind: Command {
    package let entity: Int64
    package let kind: TaxpayerKind
    package let from: CivilDate
    package let number: String?

    package init(entity: Int64, kind: TaxpayerKind, from: CivilDate, number: String? = nil) {
        self.entity = entity
        self.kind = kind
        self.from = from
        self.number = number
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> ChangeID {
        try context.requireMaster(.manageCatalog)
        if try context.questions.catalog.entity(entity, context.views) == nil {
            throw CatalogRefusal.unknownEntity
        }
        act.begin([.everyone])
        let declared = TaxpayerDeclared(
            entity: entity,
            kind: kind,
            from: Int64(from.dayNumber),
            number: number
        )
        return act.add(CatalogKind.taxpayerDeclared, declared.body)
    }
}

/// Adds a payment method.
package struct AddTender: Command {
    package let code: String
    package let name: String
    package let role: LedgerRole
    package let isCash: Bool
    package let isElectronic: Bool
    package let sort: Int64

    package init(
        code: String,
        name: String,
        role: LedgerRole,
        isCash: Bool,
        isElectronic: Bool,
        sort: Int64
    ) {
        self.code = code
        self.name = name
        self.role = role
        self.isCash = isCash
        self.isElectronic = isElectronic
        self.sort = sort
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int64 {
        try context.requireMaster(.manageCatalog)
        try TextLimits.require(code: code)
        try TextLimits.require(name: name)
        if try context.questions.catalog.tender(code: code, context.views) != nil {
            throw CatalogRefusal.codeTaken(code)
        }
        act.begin([.everyone])
        return try draft(RegisterTable(views: context.views), &act)
    }

    @discardableResult
    func draft(_ registers: RegisterTable, _ act: inout Act) throws -> Int64 {
        try registers.draft(
            CatalogKind.tender,
            entity: nil,
            [
                (1, .text(code)), (2, .text(name)), (3, .integer(role.rawValue)),
                (4, .bool(isCash)), (5, .bool(isElectronic)), (6, .integer(sort)),
            ],
            into: &act
        )
    }
}
