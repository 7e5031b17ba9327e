// Import: what came of an import, for people and for programs.

import Kernel
package import Node
import Tabular

/// Summaries as text and JSON.
package enum SummaryText {
    /// For a person at a terminal.
    package static func text(_ summary: ImportSummary, _ language: Language) -> String {
        let isChinese = language == .chinese
        let titles =
            isChinese
            ? ["文件", "读取", "导入", "已有", "拒绝", "跳过"]
            : ["file", "rows", "taken", "known", "refused", "passed over"]
        let rows = summary.files.map { file -> [TableCell] in
            [.text(file.name)]
                + [file.rows, file.taken.rows, file.known.rows, file.refusedRows, file.passedOver]
                .map { .integer(Int64($0)) }
        }
        var text = TextTable(titles: titles, rows: rows).rendered()
        for file in summary.files where file.source != ImportTotals() {
            text += sums(file, language)
        }
        text += unused(summary, isChinese)
        text += refusals(summary, language)
        if summary.takenRows == 0, summary.refusedRows == 0 {
            text += TextWidth.printable(nothing(summary, isChinese)) + "\n"
        }
        return text
    }

    /// Why nothing was taken, where nothing was refused either.
    private static func nothing(_ summary: ImportSummary, _ isChinese: Bool) -> String {
        let files = summary.files
        if files.contains(where: { $0.known.rows > 0 }) {
            return isChinese ? "没有新的内容：所有的行都已导入过。" : "nothing new: every row is known already"
        }
        if files.allSatisfy({ $0.passedOver == 0 }) {
            return isChinese ? "文件里没有数据行。" : "there is no row below the header"
        }
        var codes = Set(files.flatMap(\.others)).sorted().joined(separator: isChinese ? "、" : ", ")
        if !codes.isEmpty { codes = isChinese ? "（\(codes)）" : " (\(codes))" }
        return isChinese
            ? "什么都没有导入：所有的行都属于别的门店\(codes)。"
                + "在各店自己的目录导入，或用 --map branch=列名 指定门店编码的列。"
            : "nothing was taken: every row is another branch's\(codes); import it at that "
                + "branch, or name the column of the branch's code with --map branch=COLUMN"
    }

    /// The control totals of a file with amounts.
    private static func sums(_ file: ImportedFile, _ language: Language) -> String {
        guard file.source.quantity != 0 || file.source.sourceAmount != 0 else { return "" }
        let isChinese = language == .chinese
        let titles =
            isChinese
            ? [file.name, "来源金额", "入账金额", "尾差", "数量"]
            : [file.name, "source amount", "amount taken", "rounding", "quantity"]
        let parts = [
            (isChinese ? "可读的行" : "rows read", file.source),
            (isChinese ? "导入" : "taken", file.taken),
            (isChinese ? "已有" : "known", file.known), (isChinese ? "拒绝" : "refused", file.refused),
        ]
        let rows = parts.map { name, totals -> [TableCell] in
            [
                .text(name), .text(exact(totals.sourceAmount)), .text(fen(totals.fen)),
                .text(exact(totals.rounding)), .text(quantity(totals.quantity)),
            ]
        }
        return "\n" + TextTable(titles: titles, rows: rows, textsAreRight: true).rendered()
    }

    /// The columns of which nothing was read, for one may have been meant.
    private static func unused(_ summary: ImportSummary, _ isChinese: Bool) -> String {
        summary.files.filter { !$0.unusedColumns.isEmpty }.map { file in
            let list = file.unusedColumns.joined(separator: isChinese ? "、" : ", ")
            return TextWidth.printable(
                isChinese
                    ? "\(file.name) 没有使用的列：\(list)（用 --map 字段=列名 指定）"
                    : "\(file.name): columns not used: \(list) (--map FIELD=COLUMN names one)"
            ) + "\n"
        }.joined()
    }

    private static func refusals(_ summary: ImportSummary, _ language: Language) -> String {
        if summary.refusedRows == 0 { return "" }
        var text = "\n"
        for row in summary.shown {
            let place =
                language == .chinese
                ? "\(row.file) 第 \(row.line) 行：" : "\(row.file) line \(row.line): "
            text += TextWidth.printable(place + row.reason) + "\n"
        }
        let rest = summary.refusedRows - summary.shown.count
        if rest > 0 {
            text += language == .chinese ? "… 另有 \(rest) 行\n" : "… and \(rest) more\n"
        }
        return text
    }

    /// For a program: amounts taken in fen, amounts of the source as decimal text.
    package static func json(_ summary: ImportSummary) -> String {
        let files = summary.files.map { file in
            "{\"file\":\(quoted(file.name)),\"rows\":\(file.rows),"
                + "\"unusedColumns\":["
                + file.unusedColumns.map(quoted).joined(separator: ",") + "],"
                + "\"passedOver\":\(file.passedOver),\"unreadable\":\(file.unreadable),"
                + "\"acts\":\(file.acts),\"source\":\(json(file.source)),"
                + "\"taken\":\(json(file.taken)),\"known\":\(json(file.known)),"
                + "\"refused\":\(json(file.refused))}"
        }
        let refused = summary.shown.map { row in
            "{\"file\":\(quoted(row.file)),\"line\":\(row.line),\"reason\":\(quoted(row.reason))}"
        }
        return "{\"taken\":\(summary.takenRows),\"refused\":\(summary.refusedRows),"
            + "\"files\":[\(files.joined(separator: ","))],"
            + "\"firstRefusals\":[\(refused.joined(separator: ","))]}\n"
    }

    private static func json(_ totals: ImportTotals) -> String {
        "{\"rows\":\(totals.rows),\"sourceAmount\":\"\(exact(totals.sourceAmount))\","
            + "\"amount\":\(totals.fen),\"rounding\":\"\(exact(totals.rounding))\","
            + "\"quantity\":\"\(quantity(totals.quantity))\"}"
    }

    private static func quoted(_ text: String) -> String {
        var json = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": json += "\\\(scalar)"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                json += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: json.unicodeScalars.append(scalar)
            }
        }
        return json + "\""
    }

    // MARK: - Wide numbers

    static func exact(_ value: Int128) -> String { decimal(value, scale: 8, atLeast: 2) }
    private static func fen(_ value: Int128) -> String { decimal(value, scale: 2, atLeast: 2) }
    private static func quantity(_ value: Int128) -> String { decimal(value, scale: 3, atLeast: 0) }

    /// A sum of 128 bits as a decimal number.
    private static func decimal(_ value: Int128, scale: Int, atLeast: Int) -> String {
        var digits = String(value.magnitude)
        while digits.utf8.count <= scale { digits = "0" + digits }
        var decimals = String(digits.suffix(scale))
        while decimals.utf8.count > atLeast, decimals.hasSuffix("0") { decimals.removeLast() }
        let whole = digits.dropLast(scale)
        return (value < 0 ? "-" : "") + whole + (decimals.isEmpty ? "" : "." + decimals)
    }
}
