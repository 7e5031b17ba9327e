// Sales: the door. What happens at the till: days, tickets, returns, seals.

package import Module
package import Replication

/// The module of sales (销售).
package struct SalesModule: BusinessModule {
    package init() {}

    package var number: UInt8 { SalesKind.module }
    package var name: String { "Sales" }
    package var kinds: [KindDefinition] { SalesKind.definitions }
    package var reports: [any Report] {
        [SalesReport(), BranchesReport(), ProductsReport(), PaymentsReport()]
    }

    package func projection(_ router: EffectRouter) -> any Projection { SalesView(router) }

    package func findings(_ context: ReportContext) throws -> [Finding] {
        try SalesChecks.findings(context)
    }

    package func violations(_ context: ReportContext) throws -> [String] {
        try SalesInvariants.violations(context) + SalesInvariants.sealChains(context.views)
            + SalesInvariants.ownNumbers(context)
    }
}
