// Money: reading, writing, words, limits. The figures in words are copied from published vectors.

import Kernel
import Testing

struct FenTests {
    @Test(
        "An amount is written in words as vouchers print it",
        arguments: [
            ("0.00", "零元整"), ("0.05", "伍分"), ("0.50", "伍角整"), ("1.00", "壹元整"),
            ("10.70", "壹拾元柒角整"), ("85.86", "捌拾伍元捌角陆分"),
            ("100.05", "壹佰元零伍分"), ("1005.00", "壹仟零伍元整"),
            ("1409.50", "壹仟肆佰零玖元伍角整"), ("6007.14", "陆仟零柒元壹角肆分"),
            ("107000.53", "壹拾万柒仟元伍角叁分"), ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
            ("100000.00", "壹拾万元整"), ("10000001.00", "壹仟万零壹元整"),
            ("162.00", "壹佰陆拾贰元整"), ("-500.00", "（负数）伍佰元整"),
            ("100000000.00", "壹亿元整"), ("100010000.00", "壹亿零壹万元整"),
            ("120000500.00", "壹亿贰仟万零伍佰元整"), ("100000000000.00", "壹仟亿元整"),
            ("1001001001.01", "壹拾亿零壹佰万壹仟零壹元零壹分"),
        ]
    )
    func words(amount: String, words: String) throws {
        #expect(try Fen(yuan: amount).inWords == words)
    }

    @Test("An invoice's words say 圆 and fill the place of the empty yuan")
    func invoiceWords() throws {
        #expect(try Fen(yuan: "10.70").inWords(.invoice) == "壹拾圆零柒角整")
        #expect(try Fen(yuan: "0.70").inWords(.invoice) == "柒角整")
        #expect(try Fen(yuan: "11.70").inWords(.invoice) == "壹拾壹圆柒角整")
        #expect(try Fen(yuan: "-0.07").inWords(.invoice) == "（负数）柒分")
    }

    @Test("Every amount has words, the least and the greatest too")
    func extremeWords() {
        #expect(Fen(.max).inWords.hasSuffix("柒佰伍拾捌元零柒分"))
        #expect(Fen(.min).inWords.hasPrefix("（负数）玖亿贰仟贰佰叁拾叁万柒仟贰佰零叁亿"))
    }

    @Test("An amount is written with two decimals, and with sign and groups for people")
    func writing() {
        #expect(Fen(1_230).description == "12.30")
        #expect(Fen(-5).description == "-0.05")
        #expect(Fen(0).description == "0.00")
        #expect(Fen(123_450).formatted() == "¥1,234.50")
        #expect(Fen(-123_450).formatted() == "-¥1,234.50")
        #expect(Fen(-100_000_000).grouped() == "-1,000,000.00")
        #expect(Fen(.min).formatted() == "-¥92,233,720,368,547,758.08")
        #expect(Fen(.max).description == "92233720368547758.07")
    }
}
