// Branches and their tills: where they belong, what they are called, which prices they take.

package import Kernel
package import Module
package import Replication
import SQLite
import Wire

/// Adds a branch, its entity from a date on, and its tills.
package struct AddBranch: Command {
    /// What came of it.
    package struct Outcome: Hashable, Sendable {
        package let branch: Int64
        package let tills: [Int64]
    }

    package let code: String
    package let name: String
    package let kind: BranchKind
    package let ownership: Ownership
    package let entity: Int64
    package let from: CivilDate
    package let tillCodes: [String]

    package init(
        code: String,
        name: String,
        kind: BranchKind = .store,
        ownership: Ownership = .direct,
        entity: Int64,
        from: CivilDate,
        tillCodes: [String] = []
    ) {
        self.code = code
        self.name = name
        self.kind = kind
        self.ownership = ownership
        self.entity = entity
        self.from = from
        self.tillCodes = tillCodes
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Outcome {
        try context.requireMaster(.manageCatalog)
        guard ReceiptLabel.isBranchCode(code) else { throw CatalogRefusal.badBranchCode(code) }
        try TextLimits.require(name: name)
        try refuseTills()
        let catalog = context.questions.catalog
        if try catalog.branch(code: code, on: from, context.views) != nil {
            throw CatalogRefusal.codeTaken(code)
        }
        if try catalog.entity(entity, context.views) == nil { throw CatalogRefusal.unknownEntity }
        let registers = RegisterTable(views: context.views)
        act.begin([.everyone])
        let branch = try registers.draft(
            CatalogKind.branch,
            entity: nil,
            [
                (1, .text(code)), (2, .text(name)), (3, .integer(kind.rawValue)),
                (4, .integer(ownership.rawValue)),
            ],
            into: &act
        )
        let assigned = BranchAssigned(
            branch: branch,
            entity: entity,
            from: Int64(from.dayNumber)
        )
        act.add(CatalogKind.branchAssigned, assigned.body)
        var tills: [Int64] = []
        for till in tillCodes {
            tills.append(try AddTill(branch: branch, code: till).draft(registers, &act))
        }
        if ownership == .direct { try deliverCosts(to: branch, context, &act) }
        return Outcome(branch: branch, tills: tills)
    }

    private func refuseTills() throws(CatalogRefusal) {
        for (index, till) in tillCodes.enumerated() {
            guard ReceiptLabel.isTillCode(till) else { throw .badTillCode(till) }
            if tillCodes[..<index].contains(till) { throw .codeTaken(till) }
        }
    }

    /// What was published before goes to the new branch too: commits name their readers for ever.
    private func deliverCosts(
        to branch: Int64,
        _ context: DecideContext,
        _ act: inout Act
    ) throws {
        let statement = try context.views.statement(
            "SELECT id, cost FROM catalog_costs ORDER BY id"
        )
        var count = 0
        try statement.forEach { row in
            if count % SetCosts.countMax == 0 { act.begin([.headquarters, .branch(branch)]) }
            act.add(
                CatalogKind.productCost,
                Body.map([(0, .integer(row.integer(0))), (1, .integer(row.integer(1)))])
            )
            count += 1
        }
    }
}

/// Moves a branch to another entity from a date on.
package struct AssignBranch: Command {
    package let branch: Int64
    package let entity: Int64
    package let from: CivilDate

    package init(branch: Int64, entity: Int64, from: CivilDate) {
        self.branch = branch
        self.entity = entity
        self.from = from
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> ChangeID {
        try context.requireMaster(.manageCatalog)
        let catalog = context.questions.catalog
        if try catalog.entity(entity, context.views) == nil { throw CatalogRefusal.unknownEntity }
        guard try catalog.branch(branch, on: from, context.views) != nil else {
            throw CommonRefusal.unknownBranch("\(branch)")
        }
        act.begin([.everyone])
        let assigned = BranchAssigned(
            branch: branch,
            entity: entity,
            from: Int64(from.dayNumber)
        )
        return act.add(CatalogKind.branchAssigned, assigned.body)
    }
}

/// Changes what a branch is called, what it is, or which list of prices it takes.
package struct ChangeBranch: Command {
    package let branch: Int64
    package let name: String?
    package let kind: BranchKind?
    /// 0 takes the company's prices.
    package let priceList: Int64?

    package init(
        branch: Int64,
        name: String? = nil,
        kind: BranchKind? = nil,
        priceList: Int64? = nil
    ) {
        self.branch = branch
        self.name = name
        self.kind = kind
        self.priceList = priceList
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int64 {
        try context.requireMaster(.manageCatalog)
        let catalog = context.questions.catalog
        guard try catalog.branch(branch, on: context.today, context.views) != nil else {
            throw CommonRefusal.unknownBranch("\(branch)")
        }
        var values: [(key: Int64, value: CBORValue)] = []
        if let name {
            try TextLimits.require(name: name)
            values.append((2, .text(name)))
        }
        if let kind { values.append((3, .integer(kind.rawValue))) }
        if let priceList {
            try CatalogRows.require(list: priceList, context.views)
            values.append((5, priceList == 0 ? .null : .integer(priceList)))
        }
        act.begin([.everyone])
        return try RegisterTable(views: context.views).draft(
            CatalogKind.branch,
            entity: branch,
            values,
            into: &act
        )
    }
}

/// Adds a till to a branch.
package struct AddTill: Command {
    package let branch: Int64
    package let code: String

    package init(branch: Int64, code: String) {
        self.branch = branch
        self.code = code
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int64 {
        try context.requireMaster(.manageCatalog)
        guard ReceiptLabel.isTillCode(code) else { throw CatalogRefusal.badTillCode(code) }
        let catalog = context.questions.catalog
        guard try catalog.branch(branch, on: context.today, context.views) != nil else {
            throw CommonRefusal.unknownBranch("\(branch)")
        }
        if try catalog.till(branch: branch, code: code, context.views) != nil {
            throw CatalogRefusal.codeTaken(code)
        }
        act.begin([.everyone])
        return try draft(RegisterTable(views: context.views), &act)
    }

    func draft(_ registers: RegisterTable, _ act: inout Act) throws -> Int64 {
        try registers.draft(
            CatalogKind.till,
            entity: nil,
            [(1, .integer(branch)), (2, .text(code)), (3, .bool(true))],
            into: &act
        )
    }
}

/// Takes a till out of use, or into use again.
package struct SetTillActive: Command {
    package let till: Int64
    package let isActive: Bool

    package init(till: Int64, isActive: Bool) {
        self.till = till
        self.isActive = isActive
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> Int64 {
        try context.requireMaster(.manageCatalog)
        guard try context.questions.catalog.till(till, context.views) != nil else {
            throw CatalogRefusal.unknownTill
        }
        act.begin([.everyone])
        return try RegisterTable(views: context.views).draft(
            CatalogKind.till,
            entity: till,
            [(3, .bool(isActive))],
            into: &act
        )
    }
}
