// The attendance report: who came when, with what is not known yet called so.

package import Kernel
package import Module
import Replication
import SQLite

/// R23 as far as punches go: a line for each person, branch and day with a punch.
package struct AttendanceReport: Report {
    package let name = "attendance"
    package let title = LocalText("考勤日报", "Attendance by day")
    package let options: [String] = []

    package init() {}

    package func run(
        _ request: ReportRequest,
        _ context: ReportContext
    ) throws -> ReportTable {
        let period = ReportPeriod(request, today: context.today) { $0.adding(days: -31) }
        let (from, to) = (period.from, period.to)
        let branches = try context.questions.catalog.branches(on: to, context.views).filter {
            (request.branch ?? $0.id) == $0.id && (request.entity ?? $0.entity) == $0.entity
        }
        var rows: [[ReportCell]] = []
        var worked: Int64 = 0
        for branch in branches {
            let days = try DaySheet.rows(
                branch: branch.id,
                from: from,
                to: to,
                completeThrough: DaySheet.completeThrough(
                    branch.id,
                    from: from,
                    to: to,
                    context
                ),
                context.views
            )
            let lines = try days.map { (try person($0.person, context), $0) }
            for (person, day) in lines.sorted(by: {
                ($0.1.date, $0.0.code) < ($1.1.date, $1.0.code)
            }) {
                rows.append(cells(day, branch, person))
                worked += day.workedMinutes
            }
        }
        return ReportTable(
            title: title,
            period: period,
            columns: AttendanceReport.columns,
            rows: rows,
            totals: AttendanceReport.totals(rows.count, worked),
            notes: [
                LocalText(
                    "未知(待同步)：门店的数据尚未到齐，不能判为缺卡。夜班计入上班打卡的日期。",
                    "Unknown (not synced): the branch has not sent everything, so nothing is "
                        + "called missing. A night shift counts on the date of its in."
                )
            ]
        )
    }

    private static let columns = [
        ReportColumn("branch", "门店编码", "Branch", .text),
        ReportColumn("branch_name", "门店", "Branch name", .text),
        ReportColumn("date", "日期", "Date", .date),
        ReportColumn("person", "工号", "Code", .text),
        ReportColumn("name", "姓名", "Name", .text),
        ReportColumn("in", "上班", "In", .time),
        ReportColumn("out", "下班", "Out", .time),
        ReportColumn("break_minutes", "休息(分)", "Break (min)", .integer),
        ReportColumn("worked_minutes", "工时(分)", "Worked (min)", .integer),
        ReportColumn("state", "状态", "State", .text),
    ]

    private static func totals(_ count: Int, _ worked: Int64) -> [ReportCell]? {
        if count == 0 { return nil }
        return [
            .words(LocalText("合计", "Total")), .empty, .empty, .empty, .empty, .empty, .empty,
            .empty,
            .integer(worked), .empty,
        ]
    }

    private func cells(
        _ day: DaySheetRow,
        _ branch: BranchAnswer,
        _ person: (code: String, name: String)
    ) -> [ReportCell] {
        [
            .text(branch.code), .text(branch.name), .date(day.date), .text(person.code),
            .text(person.name), day.firstIn.map { .time($0) } ?? .empty,
            day.lastOut.map { .time($0) } ?? .empty, .integer(day.breakMinutes),
            .integer(day.workedMinutes), .words(AttendanceReport.words(day.state)),
        ]
    }

    /// The code, and the name from the personal values; what was erased reads as 已删除.
    private func person(
        _ id: Int64,
        _ context: ReportContext
    ) throws -> (code: String, name: String) {
        guard let person = try context.questions.people.person(id, context.views) else {
            return ("\(id)", "")
        }
        if person.nameCommit == 0 { return (person.code, "") }
        return (person.code, try PeopleAnswers().name(of: person, context.log) ?? "已删除")
    }

    private static func words(_ state: DaySheetRow.State) -> LocalText {
        switch state {
        case .whole: LocalText("正常", "in order")
        case .missingOut: LocalText("缺卡(下班)", "no punch out")
        case .missingIn: LocalText("缺卡(上班)", "no punch in")
        case .unknown: LocalText("未知(待同步)", "unknown (not synced)")
        }
    }
}

extension DaySheet {
    /// How far the branch has sent everything: its tills are sealed, and it was heard of after the
    /// day's end, for who punches out after the seal is not missing before.
    ///
    /// A branch itself knows what it wrote, up to yesterday.
    static func completeThrough(
        _ branch: Int64,
        from: CivilDate,
        to: CivilDate,
        _ context: ReportContext
    ) throws -> CivilDate? {
        let contact = context.completeness.first { $0.branch == branch }?.lastContact
        let isHere = try context.log.metaInteger("node_branch") == branch
        guard let heard = contact?.date() ?? (isHere ? context.today : nil) else { return nil }
        let ended = heard.adding(days: -1)
        let tills = try context.questions.catalog.tills(of: branch, context.views)
        if !tills.contains(where: \.isActive) { return ended }
        // The out of a night shift comes a day later.
        let sealed = try context.questions.sales.completeThrough(
            branch: branch,
            from: from,
            to: to.adding(days: 1),
            context.views
        )
        return sealed.map { min($0, ended) }
    }
}

extension PeopleAnswers {
    /// The minutes of the day sheets, by date.
    package func workedMinutes(
        branch: Int64,
        _ period: ReportPeriod,
        _ context: ReportContext
    ) throws -> [CivilDate: Int64]? {
        func rows(_ completeThrough: CivilDate?) throws -> [DaySheetRow] {
            try DaySheet.rows(
                branch: branch,
                from: period.from,
                to: period.to,
                completeThrough: completeThrough,
                context.views
            )
        }
        var days = try rows(nil)
        if days.contains(where: { $0.state == .unknown }) {
            // How far the branch is complete is only asked where something is missing.
            let (from, to) = (period.from, min(period.to, context.today))
            days = try rows(DaySheet.completeThrough(branch, from: from, to: to, context))
        }
        var minutes: [CivilDate: Int64] = [:]
        for day in days {
            if day.state == .unknown { return nil }
            minutes[day.date, default: 0] += day.workedMinutes
        }
        return minutes
    }
}
