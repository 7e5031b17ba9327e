// Catalog through its commands: what headquarters decides is what every node answers.

import Catalog
import Kernel
import Module
import Replication
import SQLite
import Support
import Testing
import Wire

@Suite("Catalog")
struct CatalogTests {
    @Test("a founded company has books, units, tenders and rates, and is founded once")
    func founding() throws {
        let world = try CatalogWorld()
        let founded = try world.run(FoundCompany(name: "百川超市", from: world.day))
        let views = world.node.views
        let entities = try world.catalog.entities(views)
        #expect(entities.map(\.id) == [founded.entity])
        let tenders = try world.catalog.tenders(views)
        #expect(tenders.map(\.name) == ["现金", "微信支付", "支付宝", "银行卡"])
        #expect(tenders.filter(\.isCash).map(\.role) == [.cashOnHand])
        let taxpayer = try world.catalog.taxpayer(ofEntity: founded.entity, on: world.day, views)
        #expect(taxpayer?.kind == .general)
        #expect(throws: CatalogRefusal.self) {
            try world.run(FoundCompany(name: "again", from: world.day))
        }
        #expect(try world.node.rebuiltDigests() == world.node.projector.digests())
    }

    @Test("a small-scale taxpayer's rate ends when the relief ends")
    func datedRates() throws {
        let world = try CatalogWorld()
        _ = try world.run(FoundCompany(name: "百川", from: world.day))
        func rate(_ date: String, _ kind: TaxpayerKind) throws -> Rate {
            try world.catalog.taxRate(
                of: 1,
                taxpayer: kind,
                on: CivilDate(parsing: date),
                world.node.views
            )
        }
        #expect(try rate("2026-11-01", .general) == Rate(130_000))
        #expect(try rate("2027-12-31", .smallScale) == Rate(10_000))
        #expect(try rate("2028-01-01", .smallScale) == Rate(30_000))
    }

    @Test("products are found by code and barcode; a taken code or a wrong barcode refuses all")
    func products() throws {
        let world = try CatalogWorld()
        _ = try world.run(FoundCompany(name: "百川", from: world.day))
        let drinks = try world.run(AddCategory(code: "10", name: "饮料"))
        let cola = NewProduct(
            code: "1001",
            name: "可口可乐 330ml",
            unit: "听",
            category: drinks,
            cost: try UnitCost(yuan: "1.75"),
            barcodes: ["6901234567892"]
        )
        let ids = try world.run(AddProducts([cola]))
        let views = world.node.views
        #expect(try world.catalog.product(code: "1001", views)?.id == ids[0])
        let found = try world.catalog.product(barcode: "6901234567892", views)
        #expect(found?.name == "可口可乐 330ml")
        #expect(found?.standardCost == (try UnitCost(yuan: "1.75")))
        #expect(throws: CatalogRefusal.self) { try world.run(AddProducts([cola])) }
        var wrong = cola
        wrong.code = "1002"
        wrong.barcodes = ["6901234567890"]
        #expect(throws: CatalogRefusal.self) { try world.run(AddProducts([wrong])) }
        #expect(try views.integer("SELECT count(*) FROM catalog_products") == 1)
    }

    @Test("a branch moves to another entity on its day, and its neighbours with it")
    func entityByDate() throws {
        let world = try CatalogWorld()
        let founded = try world.run(FoundCompany(name: "百川", from: world.day))
        let other = try world.run(
            AddEntity(code: "02", name: "二号", standard: 1, taxpayer: .smallScale, from: world.day)
        )
        let first = try world.run(
            AddBranch(
                code: "S001",
                name: "城东店",
                entity: founded.entity,
                from: world.day,
                tillCodes: ["01", "02"]
            )
        )
        let second = try world.run(
            AddBranch(code: "S002", name: "城西店", entity: founded.entity, from: world.day)
        )
        let later = world.day.adding(days: 10)
        _ = try world.run(AssignBranch(branch: second.branch, entity: other, from: later))
        let views = world.node.views
        let catalog = world.catalog
        #expect(try catalog.neighbours(of: first.branch, on: world.day, views) == [second.branch])
        #expect(try catalog.neighbours(of: first.branch, on: later, views).isEmpty)
        #expect(try catalog.tills(of: first.branch, views).map(\.code) == ["01", "02"])
        #expect(throws: CatalogRefusal.self) {
            try world.run(
                AddBranch(code: "S001", name: "x", entity: founded.entity, from: world.day)
            )
        }
        #expect(throws: CatalogRefusal.self) {
            try world.run(AddBranch(code: "SH1", name: "x", entity: other, from: world.day))
        }
    }

    @Test("a change that changes nothing is not written")
    func nothingChanged() throws {
        let world = try CatalogWorld()
        let branch = try world.founded().branch
        let id = try world.addProducts(["可乐"])[0]
        let barcode = "6901234567892"
        _ = try world.run(AddBarcode(product: id, barcode: barcode))
        let before = try world.commitCount()
        _ = try world.run(AddBarcode(product: id, barcode: barcode))
        _ = try world.run(ChangeProduct(product: id, [.name("可乐"), .isActive(true)]))
        _ = try world.run(ChangeBranch(branch: branch, name: "城东店"))
        let till = try #require(
            try world.catalog.till(branch: branch, code: "01", world.node.views)
        )
        _ = try world.run(SetTillActive(till: till.id, isActive: true))
        #expect(try world.commitCount() == before)
        _ = try world.run(ChangeProduct(product: id, [.name("可口可乐"), .isActive(true)]))
        _ = try world.run(SetTillActive(till: till.id, isActive: false))
        #expect(try world.commitCount() == before + 2)
        #expect(try world.catalog.product(id, world.node.views)?.name == "可口可乐")
    }

    @Test("a barcode that is taken away is not found, and may come back")
    func barcodes() throws {
        let world = try CatalogWorld()
        let ids = try world.addProducts(["可乐", "雪碧"])
        let views = world.node.views
        let barcode = "6901234567892"
        func owner() throws -> Int64? {
            try world.catalog.product(barcode: barcode, views)?.id
        }
        _ = try world.run(AddBarcode(product: ids[1], barcode: barcode))
        #expect(try owner() == ids[1])
        // Two products claim it: the lower id answers, and it is a finding.
        _ = try world.run(AddBarcode(product: ids[0], barcode: barcode))
        #expect(try owner() == ids[0])
        let findings = try CatalogModule().findings(world.reportContext())
        #expect(findings.map(\.check) == ["catalog.barcode_shared"])
        #expect(findings.map(\.subject) == [barcode])
        _ = try world.run(ChangeProduct(product: ids[0], [.isActive(false)]))
        #expect(try owner() == ids[1])
        #expect(try CatalogModule().findings(world.reportContext()).isEmpty)
        _ = try world.run(RemoveBarcode(product: ids[1], barcode: barcode))
        #expect(try owner() == ids[0])
        _ = try world.run(RemoveBarcode(product: ids[0], barcode: barcode))
        #expect(try owner() == nil)
        _ = try world.run(AddBarcode(product: ids[1], barcode: barcode))
        #expect(try owner() == ids[1])
        #expect(throws: CatalogRefusal.self) {
            try world.run(RemoveBarcode(product: ids[1], barcode: "none"))
        }
    }

    @Test("two thousand products of the longest texts fit one act, and its commits their limit")
    func manyProducts() throws {
        let world = try CatalogWorld()
        let products = (0..<2_000).map { index in
            NewProduct(
                code: "\(index)",
                name: String(repeating: "可", count: 78) + "\(index)",
                unit: "瓶",
                category: 0,
                brand: String(repeating: "牌", count: 80),
                cost: UnitCost(1_000_000),
                barcodes: (0..<8).map { "B\(index)-\($0)-" + String(repeating: "9", count: 36) }
            )
        }
        let ids = try world.run(AddProducts(products))
        #expect(ids.count == 2_000)
        #expect(try world.commitCount() > 8)
        let views = world.node.views
        #expect(try views.integer("SELECT count(*) FROM catalog_products") == 2_000)
        #expect(try views.integer("SELECT count(*) FROM catalog_barcodes") == 16_000)
        #expect(throws: CatalogRefusal.self) {
            try world.run(AddProducts((0..<2_001).map { _ in products[0] }))
        }
    }

    @Test("only headquarters writes master data, and there only who may")
    func rights() throws {
        let world = try CatalogWorld()
        let category = AddCategory(code: "10", name: "饮料")
        #expect(throws: CommonRefusal.self) { try world.run(category, as: .branch) }
        #expect(throws: CommonRefusal.self) { try world.run(category, author: 4_294_967_300) }
        let prices = SetPrices(from: world.node.now, prices: [PriceLine]())
        #expect(throws: CommonRefusal.self) { try world.run(prices, author: 4_294_967_300) }
    }

    @Test("each refusal has its number, and words in both languages")
    func refusals() {
        let all: [CatalogRefusal] = [
            .codeTaken("1"), .badBranchCode("1"), .badTillCode("1"), .unknownEntity,
            .unknownProduct(1), .badBarcode("1"), .emptyName, .alreadyFounded, .emptyCode,
            .textTooLong("1"), .unknownCategory(1), .unknownList, .unknownTill,
            .unknownBarcode("1"), .badTaxClass("1"), .badAmount(1), .badRate, .badShelfLife,
            .badDecimals, .nothingGiven, .tooMany(1), .tooLarge, .givenTwice(1),
        ]
        #expect(all.map(\.code) == Array(1001...1023))
        #expect(all.allSatisfy { !$0.chinese.isEmpty && !$0.english.isEmpty })
        #expect(Set(all.map(\.chinese)).count == all.count)
    }

    @Test("each kind's sample is read by the projection it is declared for")
    func samples() throws {
        for definition in CatalogModule().kinds {
            let world = try CatalogWorld()
            var act = try world.node.act()
            act.begin([.everyone])
            act.add(definition.kind, definition.sample)
            try world.node.commit(act)
            #expect(try world.node.projector.quarantined().isEmpty, "\(definition.name)")
        }
    }
}
