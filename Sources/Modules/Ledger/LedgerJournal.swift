// Ledger: the books as a journal that hledger reads, so that another program can check the sums.
// Posted vouchers are cleared (*), provisional ones pending (!).

import Kernel
package import Module

/// The journal of the books.
package enum LedgerJournal {
    /// The journal as text, sorted by date, books, voucher and branch: the same views give the
    /// same bytes.
    ///
    /// Shape: accounts are `code name:branch`, amounts `CNY 12.30`, debit positive; books and
    /// branch stand as tags. Without a period everything is written.
    package static func text(_ request: ReportRequest, _ context: ReportContext) throws -> String {
        var scope = try BooksScope(request, context)
        scope.from = request.from ?? .first
        scope.to = request.to ?? .last
        var books = LedgerBooks(context)
        var entries: [Heading: [BookLine]] = [:]
        try books.forEach(scope) { line in
            if line.date >= scope.from { entries[Heading(line), default: []].append(line) }
        }
        var text = "; 百川 Tributary\ncommodity CNY 1000.00\n"
        for (heading, lines) in entries.sorted(by: { $0.key < $1.key }) {
            let entity = word(try books.names.entityCode(heading.entity))
            let branch = word(try books.names.branchCode(lines.first?.branch ?? heading.branch))
            let label = heading.voucher.map { " (\($0.label))" } ?? ""
            let summary =
                heading.voucher?.text ?? "\(heading.businessDate) \(heading.group.summary)"
            text += "\n\(heading.date) \(heading.voucher == nil ? "!" : "*")\(label) "
            text += "\(word(summary))  ; entity:\(entity), branch:\(branch)\n"
            for line in lines where line.amount != 0 {
                let name = try books.accountNames(line.account, line.entity).0
                let at = try books.names.branch(line.branch)
                let place = word("\(at?.code ?? "\(line.branch)") \(at?.name ?? "")")
                let amount = LedgerText.yuan(line.signed)
                text += "    \(word("\(line.account) \(name)")):\(place)  CNY \(amount)\n"
            }
        }
        return text
    }

    /// What one transaction of the journal is made of.
    private struct Heading: Hashable, Comparable {
        let date: CivilDate
        let entity: Int64
        /// 0 for a voucher, which is whole whatever its lines name.
        let branch: Int64
        let businessDate: CivilDate
        let group: VoucherGroup
        let voucher: BookVoucher?

        init(_ line: BookLine) {
            date = line.date
            entity = line.entity
            branch = line.voucher == nil ? line.branch : 0
            businessDate = line.businessDate
            group = line.group
            voucher = line.voucher
        }

        static func < (left: Heading, right: Heading) -> Bool {
            if left.date != right.date { return left.date < right.date }
            if left.entity != right.entity { return left.entity < right.entity }
            switch (left.voucher, right.voucher) {
            case (let first?, let second?):
                if (first.series, first.number) != (second.series, second.number) {
                    return (first.series, first.number) < (second.series, second.number)
                }
            case (_?, nil): return true
            case (nil, _?): return false
            case (nil, nil): break
            }
            return (left.branch, left.businessDate, left.group.rawValue)
                < (right.branch, right.businessDate, right.group.rawValue)
        }
    }

    /// A text without what means something in a journal: colons, semicolons, commas, brackets,
    /// runs of spaces, and what breaks lines.
    private static func word(_ text: String) -> String {
        var result = ""
        var isSpace = true
        for scalar in text.unicodeScalars {
            let isBad =
                scalar.properties.isWhitespace || scalar.value < 0x20
                || [":", ";", ",", "|", "(", ")", "[", "]", "*", "!", "="].contains(scalar)
            if isBad {
                if !isSpace { result += " " }
                isSpace = true
            } else {
                result.unicodeScalars.append(scalar)
                isSpace = false
            }
        }
        return Text.trimmed(result)
    }
}

extension VoucherGroup {
    /// What a voucher of the group sums up, as its summary (摘要) says it.
    var summary: String {
        switch self {
        case .retailDay: "零售日汇总"
        case .goodsReceiptEstimate: "收货暂估入账"
        case .cashDifference: "现金长短款"
        case .takings: "门店缴款"
        case .estimateReversed: "月初红字冲回暂估"
        case .estimateAgain: "月末发票未到，再暂估"
        }
    }

    /// The same in English.
    var englishSummary: String {
        switch self {
        case .retailDay: "retail day"
        case .goodsReceiptEstimate: "goods received, estimated"
        case .cashDifference: "cash over or short"
        case .takings: "takings handed in"
        case .estimateReversed: "estimates taken back in red"
        case .estimateAgain: "no invoice yet, estimated again"
        }
    }
}
