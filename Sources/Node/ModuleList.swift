// The one list of modules, and how their questions and effects are wired to each other.

import Catalog
import Ledger
package import Module
import People
package import Replication
import Sales
import Stock

/// The modules of a node.
package struct ModuleList: Sendable {
    package let modules: [any BusinessModule]
    package let questions: Questions

    package init(modules: [any BusinessModule], questions: Questions) {
        self.modules = modules
        self.questions = questions
    }

    /// The modules of this program.
    package static let standard = ModuleList(
        modules: [CatalogModule(), SalesModule(), StockModule(), PeopleModule(), LedgerModule()],
        questions: Questions(
            catalog: CatalogAnswers(),
            people: PeopleAnswers(),
            sales: SalesAnswers(catalog: CatalogAnswers()),
            stock: StockAnswers()
        )
    )

    /// Projecting halves of all modules for one views file, wired to each other.
    package func projections() -> [any Projection] {
        let router = EffectRouter()
        let projections = modules.map { $0.projection(router) }
        router.stock = projections.compactMap { $0 as? any StockReceiver }
        router.ledger = projections.compactMap { $0 as? any LedgerReceiver }
        return projections
    }

    /// All kinds that the modules take: what waited in quarantine for one is tried by newer code.
    package var kinds: [Kind] { modules.flatMap { $0.kinds.map(\.kind) } }

    /// The definition of a kind, nil where no module owns it.
    package func definition(of kind: Kind) -> KindDefinition? {
        modules.first { $0.number == kind.module }?.kinds.first { $0.kind == kind }
    }

    /// A report by its name.
    package func report(_ name: String) -> (any Report)? {
        for module in modules {
            if let report = module.reports.first(where: { $0.name == name }) { return report }
        }
        return nil
    }
}
