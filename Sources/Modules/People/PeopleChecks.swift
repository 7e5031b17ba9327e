// What only the merged whole shows of people and their punches.

import Kernel
import Module
import SQLite

/// People's checks.
enum PeopleChecks {
    /// Two persons under one code; two persons punched at one device within five seconds; a punch
    /// after the last day.
    static func findings(_ context: ReportContext) throws -> [Finding] {
        try sharedCodes(context.views) + punchesTogether(context.views)
            + punchesAfterLeaving(context.views)
    }

    private static func sharedCodes(_ views: Database) throws -> [Finding] {
        let codes = try views.statement(
            """
            SELECT code, count(*) FROM people_persons WHERE active = 1
            GROUP BY code HAVING count(*) > 1 ORDER BY code
            """
        )
        var findings: [Finding] = []
        try codes.forEach { row in
            let finding = Finding(
                check: "people.code_shared",
                subject: row.text(0),
                evidence: LocalText("\(row.integer(1)) 人", "\(row.integer(1)) persons"),
                proposal: LocalText("为其中一人更换工号。", "Give one of them another code.")
            )
            findings.append(finding)
        }
        return findings
    }

    private static func punchesTogether(_ views: Database) throws -> [Finding] {
        // The upper half of an id is the device that wrote it.
        let close = try views.statement(
            """
            SELECT p.code, q.code, a.at FROM people_punches a JOIN people_punches b
              ON b.branch = a.branch AND b.at BETWEEN a.at AND a.at + 5000
                AND b.person <> a.person AND b.id >> 32 = a.id >> 32
                AND (b.at > a.at OR b.id > a.id)
            LEFT JOIN people_persons p ON p.id = a.person
            LEFT JOIN people_persons q ON q.id = b.person
            ORDER BY a.branch, a.at, a.id, b.at, b.id LIMIT 1000
            """
        )
        var findings: [Finding] = []
        try close.forEach { row in
            let finding = Finding(
                check: "people.punches_together",
                subject: "\(row.text(0)) + \(row.text(1))",
                evidence: LocalText(
                    both: WallTime(milliseconds: row.integer(2)).dateTimeText()
                ),
                proposal: LocalText("核实是否代打卡。", "Ask whether one punched for the other.")
            )
            findings.append(finding)
        }
        return findings
    }

    private static func punchesAfterLeaving(_ views: Database) throws -> [Finding] {
        // Milliseconds of the first moment after the last day, in China's time of +8 hours.
        let late = try views.statement(
            """
            SELECT p.code, a.at FROM people_punches a JOIN people_persons p ON p.id = a.person
            WHERE p.until < 2147483647 AND a.at >= (p.until + 1) * 86400000 - 28800000
            ORDER BY p.code, a.at, a.id LIMIT 1000
            """
        )
        var findings: [Finding] = []
        try late.forEach { row in
            let finding = Finding(
                check: "people.punch_after_leaving",
                subject: row.text(0),
                evidence: LocalText(
                    both: WallTime(milliseconds: row.integer(1)).dateTimeText()
                ),
                proposal: LocalText(
                    "更正离职日期，或核实打卡。",
                    "Correct the last day, or ask about the punch."
                )
            )
            findings.append(finding)
        }
        return findings
    }
}
