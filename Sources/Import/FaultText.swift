// Import: defects of files and rows in the reader's language.

import Kernel
import Module
import Node
import Replication
import Tabular
import Wire

/// Why a row is refused, where no module says it.
struct RowProblem: Error {
    let chinese: String
    let english: String

    init(_ chinese: String, _ english: String) {
        self.chinese = chinese
        self.english = english
    }

    func text(_ language: Language) -> String { language == .chinese ? chinese : english }
}

/// An act of several commands that failed after its first: the transaction must not be kept.
struct HalfDone: Error {
    let error: any Error
}

/// Faults as sentences.
enum FaultText {
    /// What is wrong with a row, without its line.
    static func reason(_ fault: TableFault, _ language: Language) -> String {
        let isChinese = language == .chinese
        let place =
            fault.column.map { isChinese ? "列 \($0)：" : "column \($0): " } ?? ""
        let value = fault.value.map { (isChinese ? "：" : ": ") + $0 } ?? ""
        return place + (isChinese ? chinese(fault) : english(fault)) + value
    }

    private static func english(_ fault: TableFault) -> String {
        switch fault.reason {
        case .date where fault.detail == DateFault.Reason.notADate.rawValue:
            "no date such as 2026-11-01, 2026/11/1 or 20261101 (--date-format takes others)"
        case .date: "there is no such day"
        case .number where fault.detail == NumberFault.Reason.notANumber.rawValue:
            "no number such as 1234.50 or ¥3.50 (--thousands takes 1,234.50)"
        case .number where fault.detail == NumberFault.Reason.tooManyDigits.rawValue:
            "too many digits behind the point"
        case .number where fault.detail == NumberFault.Reason.overflow.rawValue: "too large"
        case .empty: "must not be empty"
        case .missingColumn: "this column is missing: \(fault.detail)"
        default: fault.detail
        }
    }

    private static func chinese(_ fault: TableFault) -> String {
        switch fault.reason {
        case .date where fault.detail == DateFault.Reason.notADate.rawValue:
            "不是 2026-11-01、2026/11/1、20261101 这样的日期（其他写法用 --date-format 指明）"
        case .date: "没有这一天"
        case .number where fault.detail == NumberFault.Reason.notANumber.rawValue:
            "不是 1234.50 或 ¥3.50 这样的数字（有千分位逗号时用 --thousands）"
        case .number where fault.detail == NumberFault.Reason.tooManyDigits.rawValue: "小数位太多"
        case .number where fault.detail == NumberFault.Reason.overflow.rawValue: "数字太大"
        case .empty: "不能为空"
        case .boolean: "不是“是”或“否”"
        case .value: fault.chinese ?? chinese(fault.reason)
        default: "\(chinese(fault.reason))（\(fault.chinese ?? fault.detail)）"
        }
    }

    private static func chinese(_ reason: TableFault.Reason) -> String {
        switch reason {
        case .unreadable: "文件无法读取"
        case .encoding: "编码不符"
        case .nul: "含有 NUL 字节，不是文本文件"
        case .unterminatedQuote: "引号没有闭合"
        case .strayQuote: "引号位置不对"
        case .strayReturn: "回车后没有换行"
        case .fieldTooLong: "字段太长"
        case .tooManyColumns: "列太多"
        case .fieldCount: "字段数与表头不符"
        case .noHeader: "没有表头"
        case .missingColumn: "缺少此列"
        case .doubleColumn: "此列出现两次"
        case .empty: "不能为空"
        case .number: "不是合规的数字"
        case .date: "不是合规的日期"
        case .boolean: "不是“是”或“否”"
        case .value: "内容不合规"
        case .tooLarge: "内容太多"
        }
    }

    /// A file that is refused whole.
    static func whole(_ fault: TableFault, _ name: String, _ language: Language) -> NodeFault {
        let isChinese = language == .chinese
        let line = fault.line == 0 ? "" : isChinese ? "第 \(fault.line) 行，" : "line \(fault.line), "
        return NodeFault(
            .refused,
            (isChinese ? "\(name)：" : "\(name): ") + line + reason(fault, language),
            nextStep: nextStep(fault, isChinese)
        )
    }

    private static func nextStep(_ fault: TableFault, _ isChinese: Bool) -> String {
        if fault.reason == .missingColumn, let field = fault.column {
            return isChinese
                ? "没有导入任何内容：用 --map \(field)=列名 指定，或更正表头。"
                : "nothing was taken: name it with --map \(field)=COLUMN, or correct the file"
        }
        return isChinese
            ? "没有导入任何内容：更正文件后再运行一次。"
            : "nothing was taken: correct the file and run it again"
    }

    /// Why an act was refused; nil for what is not the act's own fault.
    static func reason(_ error: any Error, _ language: Language) -> String? {
        switch error {
        case let half as HalfDone: reason(half.error, language)
        case let problem as RowProblem: problem.text(language)
        case let refusal as any Refusal:
            (language == .chinese ? refusal.chinese : refusal.english) + " [\(refusal.code)]"
        case ProjectionFault.storage: nil
        case let fault as ProjectionFault: "\(fault)"
        case LogFault.tooLarge: RowProblem("内容超过 256 KiB", "more than 256 KiB").text(language)
        case let fault as NumberFault: fault.description
        default: nil
        }
    }

    /// True for what is thrown before anything of the act was written.
    static func leavesNothing(_ error: any Error) -> Bool {
        error is RowProblem || error is any Refusal || error is NumberFault
    }
}
