// Kernel: amounts in Chinese capitals (大写金额), as vouchers, receipts and invoices print them.

extension Fen {
    /// Which of the two legal ways of writing an amount in words.
    package enum WordStyle: Hashable, Sendable {
        /// 元, as vouchers print it: 壹拾元柒角整.
        case voucher
        /// 圆 and 零 before the jiao of round yuan, as 数电票 prints it: 壹拾圆零柒角整.
        case invoice
    }

    /// The amount in words, as vouchers print it: 壹佰元零伍分.
    ///
    /// Source: 会计基础工作规范 (2019), article 52; negative amounts are led by （负数）.
    package var inWords: String { inWords(.voucher) }

    /// The amount in words, in one of the two legal ways.
    package func inWords(_ style: WordStyle) -> String {
        let unit = style == .voucher ? "元" : "圆"
        guard rawValue != 0 else { return "零\(unit)整" }
        let yuan = rawValue.magnitude / 100
        let jiao = Int(rawValue.magnitude / 10 % 10)
        let cents = Int(rawValue.magnitude % 10)
        var words = rawValue < 0 ? "（负数）" : ""
        if yuan > 0 { words += CapitalNumerals.words(yuan) + unit }
        if jiao > 0 {
            if style == .invoice, yuan > 0, yuan % 10 == 0 { words += "零" }
            words += CapitalNumerals.digits[jiao] + "角"
        } else if cents > 0, yuan > 0 {
            words += "零"
        }
        return cents > 0 ? words + CapitalNumerals.digits[cents] + "分" : words + "整"
    }
}

/// Whole numbers in Chinese capitals.
private enum CapitalNumerals {
    static let digits = ["零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"]
    private static let places = ["仟", "佰", "拾", ""]

    /// The number, which must not be zero: 壹拾万柒仟.
    static func words(_ value: UInt64) -> String {
        if value >= 100_000_000 { return join(value, 100_000_000, "亿") }
        if value >= 10_000 { return join(value, 10_000, "万") }
        var words = ""
        var isGap = false
        var divisor: UInt64 = 1_000
        for place in places {
            let digit = Int(value / divisor % 10)
            divisor = max(1, divisor / 10)
            if digit == 0 {
                isGap = true
            } else {
                if isGap, !words.isEmpty { words += "零" }
                words += digits[digit] + place
                isGap = false
            }
        }
        return words
    }

    /// What stands above a great unit, the unit, and the rest, led by 零 when its first place is
    /// empty.
    private static func join(_ value: UInt64, _ unit: UInt64, _ name: String) -> String {
        let rest = value % unit
        let head = words(value / unit) + name
        guard rest > 0 else { return head }
        return head + (rest < unit / 10 ? "零" : "") + words(rest)
    }
}
