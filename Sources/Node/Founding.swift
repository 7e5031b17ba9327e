// Founding a company in an empty directory: a realm, a log, number 0, the first set of books.

import Catalog
package import Kernel
package import Module
import Replication

/// What a company is founded with.
package struct FoundingWish: Sendable {
    package let company: String
    /// 1 小企业会计准则, 2 企业会计准则.
    package let standard: Int64
    package let taxpayer: TaxpayerKind
    package let from: CivilDate

    /// From when on the kind of taxpayer holds unless it is known better: before any sale that may
    /// be imported, since the first known rate.
    package static let fromTheBeginning =
        CivilDate(year: 1990, month: 1, day: 1) ?? .first

    package init(
        company: String,
        standard: Int64,
        taxpayer: TaxpayerKind,
        from: CivilDate = FoundingWish.fromTheBeginning
    ) {
        self.company = company
        self.standard = standard
        self.taxpayer = taxpayer
        self.from = from
    }
}

extension NodeEngine {
    /// Founds a company in empty storage; answers the engine of its headquarters.
    package static func found(
        _ wish: FoundingWish,
        storage: any NodeStorage,
        modules: ModuleList,
        clock: any Clock,
        random: any RandomSource
    ) throws -> NodeEngine {
        let log = try Log.create(
            database: database(storage),
            random: random,
            realm: random.bytes(16),
            isHeadquarters: true
        )
        try log.write {
            try log.adopt(ReplicaNumber.headquarters, incarnation: random.bytes(16), device: 0)
        }
        let engine = try NodeEngine(
            storage: storage,
            log: log,
            modules: modules,
            clock: clock,
            random: random
        )
        let command = FoundCompany(
            name: wish.company,
            standard: wish.standard,
            taxpayer: wish.taxpayer,
            from: wish.from
        )
        _ = try engine.perform(command)
        return engine
    }
}
