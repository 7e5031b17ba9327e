// The questions that Catalog answers, from its tables, by names and ids as they stand.

package import Kernel
package import Module
package import SQLite

/// Catalog's answers.
package struct CatalogAnswers: CatalogQuestions {
    package init() {}

    package func branch(
        _ id: Int64,
        on date: CivilDate,
        _ views: Database
    ) throws -> BranchAnswer? {
        try CatalogMemory.answer(\.branches, OnDate(id: id, date: date), views) {
            let statement = try views.statement(
                "SELECT id, code, name, kind, ownership FROM catalog_branches WHERE id = ?1"
            )
            statement.bind(1, id)
            return try statement.first { try branch(row: $0, date, views) }
        }
    }

    package func branch(
        code: String,
        on date: CivilDate,
        _ views: Database
    ) throws -> BranchAnswer? {
        let statement = try views.statement(
            """
            SELECT id, code, name, kind, ownership FROM catalog_branches
            WHERE code = ?1 ORDER BY id LIMIT 1
            """
        )
        statement.bind(1, code)
        return try statement.first { try branch(row: $0, date, views) }
    }

    package func branches(on date: CivilDate, _ views: Database) throws -> [BranchAnswer] {
        let statement = try views.statement(
            "SELECT id, code, name, kind, ownership FROM catalog_branches ORDER BY code, id"
        )
        var branches: [BranchAnswer] = []
        try statement.forEach { branches.append(try branch(row: $0, date, views)) }
        return branches
    }

    private func branch(
        row: Statement,
        _ date: CivilDate,
        _ views: Database
    ) throws -> BranchAnswer {
        let id = row.integer(0)
        return BranchAnswer(
            id: id,
            code: row.text(1),
            name: row.text(2),
            kind: BranchKind(rawValue: row.integer(3)) ?? .store,
            ownership: Ownership(rawValue: row.integer(4)) ?? .direct,
            entity: try entity(ofBranch: id, on: date, views)
        )
    }

    /// The entity a branch belongs to; before its first assignment, that of the first.
    private func entity(
        ofBranch branch: Int64,
        on date: CivilDate,
        _ views: Database
    ) throws -> Int64 {
        let statement = try views.statement(
            """
            SELECT entity FROM catalog_assignments WHERE branch = ?1
            ORDER BY since <= ?2 DESC, CASE WHEN since <= ?2 THEN -since ELSE since END,
              time DESC, id DESC
            LIMIT 1
            """
        )
        statement.bind(1, branch)
        statement.bind(2, Int64(date.dayNumber))
        return try statement.firstInteger() ?? 0
    }

    package func neighbours(
        of branch: Int64,
        on date: CivilDate,
        _ views: Database
    ) throws -> [Int64] {
        guard let own = try self.branch(branch, on: date, views), own.ownership == .direct,
            own.entity != 0
        else { return [] }
        return try branches(on: date, views).filter { other in
            other.id != branch && other.ownership == .direct && other.entity == own.entity
        }.map(\.id)
    }

    package func till(_ id: Int64, _ views: Database) throws -> TillAnswer? {
        try CatalogMemory.answer(\.tills, id, views) {
            let statement = try views.statement(
                "SELECT id, branch, code, active FROM catalog_tills WHERE id = ?1"
            )
            statement.bind(1, id)
            return try statement.first { till(row: $0) }
        }
    }

    package func till(branch: Int64, code: String, _ views: Database) throws -> TillAnswer? {
        let statement = try views.statement(
            """
            SELECT id, branch, code, active FROM catalog_tills
            WHERE branch = ?1 AND code = ?2 ORDER BY id LIMIT 1
            """
        )
        statement.bind(1, branch)
        statement.bind(2, code)
        return try statement.first { till(row: $0) }
    }

    package func tills(of branch: Int64, _ views: Database) throws -> [TillAnswer] {
        let statement = try views.statement(
            "SELECT id, branch, code, active FROM catalog_tills WHERE branch = ?1 ORDER BY code, id"
        )
        statement.bind(1, branch)
        var tills: [TillAnswer] = []
        try statement.forEach { tills.append(till(row: $0)) }
        return tills
    }

    private func till(row: Statement) -> TillAnswer {
        TillAnswer(
            id: row.integer(0),
            branch: row.integer(1),
            code: row.text(2),
            isActive: row.integer(3) == 1
        )
    }

    package func tender(_ id: Int64, _ views: Database) throws -> TenderAnswer? {
        try CatalogMemory.answer(\.tenders, id, views) {
            let statement = try views.statement(
                "SELECT id, code, name, role, cash, electronic FROM catalog_tenders WHERE id = ?1"
            )
            statement.bind(1, id)
            return try statement.first { tender(row: $0) }
        }
    }

    package func tender(code: String, _ views: Database) throws -> TenderAnswer? {
        try CatalogMemory.answer(\.tendersByCode, code, views) {
            let statement = try views.statement(
                """
                SELECT id, code, name, role, cash, electronic FROM catalog_tenders
                WHERE code = ?1 ORDER BY id LIMIT 1
                """
            )
            statement.bind(1, code)
            return try statement.first { tender(row: $0) }
        }
    }

    package func tenders(_ views: Database) throws -> [TenderAnswer] {
        let statement = try views.statement(
            """
            SELECT id, code, name, role, cash, electronic FROM catalog_tenders
            ORDER BY sort, id
            """
        )
        var tenders: [TenderAnswer] = []
        try statement.forEach { tenders.append(tender(row: $0)) }
        return tenders
    }

    private func tender(row: Statement) -> TenderAnswer {
        TenderAnswer(
            id: row.integer(0),
            code: row.text(1),
            name: row.text(2),
            role: LedgerRole(rawValue: row.integer(3)) ?? .cashOnHand,
            isCash: row.integer(4) == 1,
            isElectronic: row.integer(5) == 1
        )
    }

    package func entity(_ id: Int64, _ views: Database) throws -> EntityAnswer? {
        try entities(views).first { $0.id == id }
    }

    package func entities(_ views: Database) throws -> [EntityAnswer] {
        let statement = try views.statement(
            "SELECT id, code, name, standard FROM catalog_entities ORDER BY code, id"
        )
        var entities: [EntityAnswer] = []
        try statement.forEach { row in
            let entity = EntityAnswer(
                id: row.integer(0),
                code: row.text(1),
                name: row.text(2),
                standard: row.integer(3)
            )
            entities.append(entity)
        }
        return entities
    }

    package func taxpayer(
        ofEntity entity: Int64,
        on date: CivilDate,
        _ views: Database
    ) throws -> TaxpayerAnswer? {
        let statement = try views.statement(
            """
            SELECT id, kind FROM catalog_taxpayers WHERE entity = ?1 AND since <= ?2
            ORDER BY since DESC, time DESC, id DESC LIMIT 1
            """
        )
        statement.bind(1, entity)
        statement.bind(2, Int64(date.dayNumber))
        return try statement.first { row in
            TaxpayerAnswer(
                id: row.integer(0),
                kind: TaxpayerKind(rawValue: row.integer(1)) ?? .general
            )
        }
    }
}
