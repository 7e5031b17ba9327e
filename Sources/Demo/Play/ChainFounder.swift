// Demo, playing: the plan's master data, set up at a headquarters that was founded. Everything goes
// through the commands of the modules, as a person at headquarters would.

import Catalog
package import Kernel
import Module
package import Node
import People

/// Sets up branches, goods, prices, people and roles.
package struct ChainFounder {
    let plan: ChainPlan
    let engine: NodeEngine

    package init(plan: ChainPlan, engine: NodeEngine) {
        self.plan = plan
        self.engine = engine
    }

    /// When the company is founded: two days before it opens.
    package static func moment(_ plan: ChainPlan) -> WallTime {
        plan.date(-2).instant(second: 9 * 3_600)
    }

    /// Sets everything up; the company itself was founded before.
    package func setUp() throws -> ChainIDs {
        guard let books = try engine.modules.questions.catalog.entities(engine.views).first else {
            throw DemoFault("headquarters has no books")
        }
        let opened = try engine.batch { try plan.branches.map { try open($0, books.id) } }
        let categories = try engine.batch { try plan.categories.map(add) }
        let products = try addProducts(categories)
        let roles = try engine.batch {
            try plan.roles.map { try engine.perform(DefineRole(name: $0.name, rights: $0.rights)) }
        }
        let branches = opened.map(\.branch)
        let staff = try engine.batch { try plan.staff.map { try hire($0, branches, roles) } }
        return ChainIDs(
            entity: books.id,
            branches: branches,
            tills: opened.map(\.tills),
            categories: categories,
            products: products,
            roles: roles,
            staff: staff
        )
    }

    private func open(_ branch: BranchPlan, _ entity: Int64) throws -> AddBranch.Outcome {
        try engine.perform(
            AddBranch(
                code: branch.code,
                name: branch.name,
                kind: branch.kind,
                entity: entity,
                from: plan.date(-2),
                tillCodes: branch.tills
            )
        )
    }

    private func add(_ category: CategoryPlan) throws -> Int64 {
        let id = try engine.perform(AddCategory(code: category.code, name: category.name))
        let rate = TaxRateSet(
            taxpayer: .general,
            category: id,
            product: 0,
            rate: category.rate,
            from: Int64(plan.date(-2).startOfYear.dayNumber),
            to: nil
        )
        _ = try engine.perform(SetTaxRate(rate))
        return id
    }

    private func addProducts(_ categories: [Int64]) throws -> [Int64] {
        var ids: [Int64] = []
        ids.reserveCapacity(plan.products.count)
        let step = AddProducts.countMax
        for start in stride(from: 0, to: plan.products.count, by: step) {
            let some = plan.products[start..<min(start + step, plan.products.count)]
            let wished = some.map { product in
                NewProduct(
                    code: product.code,
                    name: product.name,
                    unit: product.unit,
                    category: categories[product.category],
                    brand: product.brand,
                    isWeighed: product.isWeighed,
                    cost: product.cost,
                    barcodes: [product.barcode]
                )
            }
            let added = try engine.perform(AddProducts(wished))
            let prices = zip(added, some).map { (product: $0, price: $1.price) }
            _ = try engine.perform(SetPrices(from: engine.clock.now(), prices: prices))
            ids += added
        }
        return ids
    }

    private func hire(_ person: PersonPlan, _ branches: [Int64], _ roles: [Int64]) throws -> Int64 {
        let branch = person.branch.map { branches[$0] } ?? 0
        let id = try engine.perform(
            HirePerson(code: person.code, name: person.name, branch: branch)
        )
        _ = try engine.perform(
            GrantRole(
                person: id,
                role: roles[person.role],
                branch: branch,
                from: engine.clock.now()
            )
        )
        return id
    }
}
