// Product search: what people type finds what they mean, in an order that never changes.

import Catalog
import Foundation
import Kernel
import Module
import Replication
import SQLite
import Support
import Testing

@Suite("Catalog: search")
struct CatalogSearchTests {
    static let names = [
        "可口可乐 330ml", "百事可乐 600ml", "可乐", "农夫山泉 550ml", "长城干红葡萄酒", "重庆火锅底料",
        "Coca-Cola Zero", "康师傅红烧牛肉面", "ＡＤ钙奶", "行军床", "乐事薯片",
    ]

    private func search(_ wish: String, in world: CatalogWorld) throws -> [String] {
        try world.catalog.search(wish, world.node.views).map(\.name)
    }

    @Test("Chinese words, pinyin initials, Latin words and codes find products, the best first")
    func wishes() throws {
        let world = try CatalogWorld()
        _ = try world.addProducts(CatalogSearchTests.names)
        func expect(_ wish: String, _ names: [String]) throws {
            #expect(try search(wish, in: world) == names, "\(wish)")
        }
        try expect("可乐", ["可乐", "可口可乐 330ml", "百事可乐 600ml"])
        try expect("kl", ["可乐", "可口可乐 330ml", "百事可乐 600ml"])
        try expect("KL", ["可乐", "可口可乐 330ml", "百事可乐 600ml"])
        try expect("kkkl", ["可口可乐 330ml"])
        try expect("可乐 600", ["百事可乐 600ml"])
        try expect("cola", ["Coca-Cola Zero"])
        try expect("山泉", ["农夫山泉 550ml"])
        try expect("面", ["康师傅红烧牛肉面"])
        try expect("ad", ["ＡＤ钙奶"])
        try expect("1005", ["重庆火锅底料"])
        // A character with two readings is found by both.
        try expect("ccgh", ["长城干红葡萄酒"])
        try expect("zcgh", ["长城干红葡萄酒"])
        try expect("xjc", ["行军床"])
        try expect("hjc", ["行军床"])
        try expect("乐可", [])
        try expect("啤酒", [])
    }

    @Test("a product is found by its barcode first, and by its new name once it is renamed")
    func barcodeAndRenaming() throws {
        let world = try CatalogWorld()
        let ids = try world.addProducts(CatalogSearchTests.names)
        _ = try world.run(AddBarcode(product: ids[3], barcode: "6901234567892"))
        #expect(try search("6901234567892", in: world) == ["农夫山泉 550ml"])
        _ = try world.run(ChangeProduct(product: ids[3], [.name("怡宝纯净水")]))
        #expect(try search("山泉", in: world).isEmpty)
        #expect(try search("ybcjs", in: world) == ["怡宝纯净水"])
        _ = try world.run(ChangeProduct(product: ids[3], [.isActive(false)]))
        #expect(try search("怡宝", in: world).isEmpty)
        #expect(try search("6901234567892", in: world).isEmpty)
    }

    @Test("whatever is typed is answered: no text breaks the query")
    func anyText() throws {
        let world = try CatalogWorld()
        _ = try world.addProducts(CatalogSearchTests.names)
        let odd = [
            "", " ", "\"", "'", "*", "可*", "NEAR(a b)", "words:可", "a OR b", "-可", "(", "\u{0}",
            "可\u{0}乐", "🥤", "𠮷野家", "é", "ｋｌ", "%", "_", "AND", "可 AND 乐", "^可",
        ]
        for wish in odd { _ = try world.catalog.search(wish, world.node.views) }
        forAll(cases: 300) { random in
            let scalars = (0..<random.int(in: 0...12)).compactMap { _ -> Unicode.Scalar? in
                random.bool(chance: 500)
                    ? Unicode.Scalar(UInt32(random.int(in: 1...0x7F)))
                    : Unicode.Scalar(UInt32(random.int(in: 0x80...0x2FFFF)))
            }
            let wish = String(String.UnicodeScalarView(scalars))
            _ = try world.catalog.search(wish, world.node.views)
        }
    }

    @Test("every part of a name of two characters or more, and its initials, find the product")
    func partsOfNames() throws {
        let world = try CatalogWorld()
        let alphabet = Array("可口乐百事农夫山泉长城干红葡萄酒牛肉面康师傅薯片行重饼奶茶水果汁".unicodeScalars)
        var random = SeededRandom(seed: 20_261_124)
        let names = (0..<200).map { _ in
            String(
                String.UnicodeScalarView(
                    (0..<random.int(in: 2...7)).map { _ in random.pick(alphabet) }
                )
            )
        }
        let ids = try world.addProducts(names)
        forAll { random in
            let index = random.int(in: 0..<names.count)
            let name = Array(names[index])
            let start = random.int(in: 0...name.count - 2)
            let end = random.int(in: start + 2...name.count)
            let part = String(name[start..<end])
            let initials = SearchWords.initials(of: part)
            for wish in [part, initials] {
                let found = try world.catalog.search(wish, limit: 500, world.node.views)
                if !found.contains(where: { $0.id == ids[index] }) {
                    throw Broken("\(wish) does not find \(names[index])")
                }
                let again = try world.catalog.search(wish, limit: 500, world.node.views)
                if found != again { throw Broken("\(wish) is answered in two orders") }
                let few = try world.catalog.search(wish, limit: 3, world.node.views)
                if few != Array(found.prefix(3)) { throw Broken("\(wish): the best change") }
            }
        }
        #expect(try CatalogModule().violations(world.reportContext()).isEmpty)
        // The check sees what it is for.
        try world.node.views.execute(
            "UPDATE catalog_search SET words = 'x' WHERE rowid = \(ids[7])"
        )
        try world.node.views.execute("DELETE FROM catalog_search WHERE rowid = \(ids[8])")
        #expect(try CatalogModule().violations(world.reportContext()).count == 3)
    }

    @Test("the initials of all level-one characters follow the pinyin order of GB 2312")
    func initialsTable() throws {
        // The order of the standard itself: its first level runs from 啊 to 座 by pinyin.
        let encoding = String.Encoding(rawValue: 0x8000_0632)
        var previous = "a"
        var count = 0
        var agreeing = 0
        for high in 0xB0...0xD7 {
            for low in 0xA1...(high == 0xD7 ? 0xF9 : 0xFE) {
                let data = Data([UInt8(high), UInt8(low)])
                let text = try #require(String(data: data, encoding: encoding))
                let initial = SearchWords.words(name: text, code: "", brand: nil)
                    .split(separator: " ").map(String.init).dropFirst()
                // One of its readings keeps the order.
                let next = try #require(initial.first { $0 >= previous }, "\(text)")
                if initial.count == 1 { previous = next }
                count += 1
                let latin = text.applyingTransform(.toLatin, reverse: false) ?? ""
                let plain = latin.folding(options: .diacriticInsensitive, locale: nil)
                if initial.contains(String(plain.prefix(1))) { agreeing += 1 }
            }
        }
        #expect(count == 3_755)
        // An independent source of readings, which for some characters prefers another one.
        #expect(agreeing > 3_680, "\(agreeing)")
        #expect(previous == "z")
        for (text, initials) in [
            ("鲅鱼圈蜜柚", "byqmy"), ("饕餮盛宴", "ttsy"), ("榴莲糯米糍", "llnmc"), ("鳕鱼", "xy"),
            ("鮮蝦", "xx"), ("〇", ""), ("Ｂ超", "bc"),
        ] {
            #expect(SearchWords.initials(of: text) == initials)
        }
    }
}
