// The door of Catalog: master data of the company, its entities, branches, tills, tenders,
// products and prices. Only headquarters writes it; every node reads it.

package import Module
package import Replication

/// Master data.
package struct CatalogModule: BusinessModule {
    package let number: UInt8 = 1
    package let name = "catalog"
    package var kinds: [KindDefinition] { CatalogKind.definitions }
    package var reports: [any Report] { [] }

    package init() {}

    package func projection(_ router: EffectRouter) -> any Projection { CatalogView() }

    package func findings(_ context: ReportContext) throws -> [Finding] {
        try CatalogChecks.findings(context)
    }

    package func violations(_ context: ReportContext) throws -> [String] {
        try CatalogChecks.violations(context)
    }
}
