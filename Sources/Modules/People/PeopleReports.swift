// The attendance report, and what the merged whole shows of punches.

import Kernel
package import Module
import Replication
import SQLite
import Wire

/// R23 as far as punches go: who came when, with what is not known yet called so.
package struct AttendanceReport: Report {
    package let name = "attendance"
    package let title = LocalText("考勤日报", "Attendance by day")
    package let options: [String] = []

    package init() {}

    package func run(
        _ request: ReportRequest,
        _ context: ReportContext
    ) throws -> ReportTable {
        let to = request.to ?? context.today
        let from = request.from ?? to.adding(days: -31)
        let branches = try context.questions.catalog.branches(on: to, context.views)
        var rows: [[ReportCell]] = []
        for branch in branches where request.branch == nil || request.branch == branch.id {
            let through = try context.questions.sales.completeThrough(
                branch: branch.id,
                from: from,
                to: to,
                context.views
            )
            let days = try DaySheet.rows(
                branch: branch.id,
                from: from,
                to: to,
                completeThrough: through,
                context.views
            )
            for day in days { rows.append(try cells(day, branch, context)) }
        }
        return ReportTable(
            title: title,
            columns: AttendanceReport.columns,
            rows: rows.sorted { key($0) < key($1) },
            notes: [
                LocalText(
                    "未知(待同步)：门店的数据尚未到齐，不能判为缺卡。",
                    "unknown (not synced): the branch has not sent everything yet"
                )
            ]
        )
    }

    private func key(_ row: [ReportCell]) -> String {
        row.prefix(3).map { cell in
            switch cell {
            case .text(let text): text
            case .date(let date): "\(date)"
            default: ""
            }
        }.joined(separator: "\u{1}")
    }

    private static let columns = [
        ReportColumn("date", "日期", "Date", .date),
        ReportColumn("branch", "门店", "Branch", .text),
        ReportColumn("person", "工号", "Code", .text),
        ReportColumn("name", "姓名", "Name", .text),
        ReportColumn("in", "上班", "In", .time),
        ReportColumn("out", "下班", "Out", .time),
        ReportColumn("break_minutes", "休息(分)", "Break (min)", .integer),
        ReportColumn("worked_minutes", "工时(分)", "Worked (min)", .integer),
        ReportColumn("state", "状态", "State", .text),
    ]

    private func cells(
        _ day: DaySheetRow,
        _ branch: BranchAnswer,
        _ context: ReportContext
    ) throws -> [ReportCell] {
        let person = try context.questions.people.person(day.person, context.views)
        return [
            .date(day.date), .text(branch.name), .text(person?.code ?? "\(day.person)"),
            .text(try name(of: person, context)),
            day.firstIn.map { .time($0) } ?? .empty, day.lastOut.map { .time($0) } ?? .empty,
            .integer(day.breakMinutes), .integer(day.workedMinutes),
            .text(AttendanceReport.text(day.state)),
        ]
    }

    /// The name from the personal values; what was erased reads as 已删除.
    private func name(of person: PersonAnswer?, _ context: ReportContext) throws -> String {
        guard let person, person.nameCommit > 0 else { return "" }
        let value = try context.log.personal(ChangeID(person.nameCommit), person.nameIndex)
        if case .text(let name)? = value { return name }
        return "已删除"
    }

    private static func text(_ state: DaySheetRow.State) -> String {
        switch state {
        case .whole: "正常"
        case .missingOut: "缺下班卡"
        case .missingIn: "缺上班卡"
        case .unknown: "未知(待同步)"
        }
    }
}

/// People's checks.
enum PeopleChecks {
    /// Two persons under one code, and punches of two persons within five seconds.
    static func findings(_ context: ReportContext) throws -> [Finding] {
        var findings: [Finding] = []
        let codes = try context.views.statement(
            """
            SELECT code, count(*) FROM people_persons WHERE active = 1
            GROUP BY code HAVING count(*) > 1 ORDER BY code
            """
        )
        try codes.forEach { row in
            let finding = Finding(
                check: "people.code_shared",
                subject: row.text(0),
                evidence: "\(row.integer(1)) persons",
                proposal: LocalText("为其中一人更换工号。", "Give one of them another code.")
            )
            findings.append(finding)
        }
        let close = try context.views.statement(
            """
            SELECT a.person, b.person, a.at FROM people_punches a JOIN people_punches b
              ON b.branch = a.branch AND b.at BETWEEN a.at AND a.at + 5000
                AND b.person <> a.person AND b.id <> a.id
            ORDER BY a.at, a.id LIMIT 1000
            """
        )
        try close.forEach { row in
            let finding = Finding(
                check: "people.punches_together",
                subject: "\(row.integer(0)) + \(row.integer(1))",
                evidence: WallTime(milliseconds: row.integer(2)).dateTimeText(),
                proposal: LocalText("核实是否代打卡。", "Ask whether one punched for the other.")
            )
            findings.append(finding)
        }
        return findings
    }
}
