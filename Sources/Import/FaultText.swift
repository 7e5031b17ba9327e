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
        guard language == .chinese else {
            return fault.column.map { "column \($0): \(words(fault))" } ?? words(fault)
        }
        let kind = chinese(fault.reason)
        let place = fault.column.map { "列 \($0)：" } ?? ""
        return "\(place)\(kind)（\(fault.detail)）"
    }

    private static func words(_ fault: TableFault) -> String {
        "\(fault.reason.rawValue): \(fault.detail)"
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
            nextStep: isChinese
                ? "没有导入任何内容：更正文件后再运行一次。"
                : "nothing was taken: correct the file and run it again"
        )
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
