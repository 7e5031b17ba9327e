// Sales: what only the merged whole can show: goods returned twice, numbers missing or doubled,
// seals that name other figures than what arrived.
// Findings are recomputed; closing one is a change.

import Kernel
import Module
import Replication
import SQLite

/// The findings of Sales.
enum SalesChecks {
    /// Every finding, check by check, each in order of its subject.
    static func findings(_ context: ReportContext) throws -> [Finding] {
        try duplicateReturns(context) + labelledReturns(context) + doubleVoids(context)
            + numbers(context)
            + lifetimes(context) + seals(context) + unopenedDays(context) + daysAhead(context)
            + payments(context)
    }

    // MARK: - Returns and voids

    /// More came back of a line than was sold (重复退货), or goods of a voided ticket did.
    private static func duplicateReturns(_ context: ReportContext) throws -> [Finding] {
        var rows: [(sale: ChangeID, line: Int64, returned: Int128, refunded: Int128, sold: Int64)]
        rows = []
        let statement = try context.views.statement(
            """
            SELECT r.sale, r.line, r.returned, r.refunded, r.sold,
              EXISTS(SELECT 1 FROM sales_void AS v WHERE v.sale = r.sale)
            FROM sales_returned AS r WHERE r.returned > r.sold
              OR EXISTS(SELECT 1 FROM sales_void AS v WHERE v.sale = r.sale)
            ORDER BY r.sale, r.line
            """
        )
        try statement.forEach { row in
            let sold = row.integer(5) != 0 ? 0 : row.integer(4)
            rows.append(
                (ChangeID(row.integer(0)), row.integer(1), row.wide(2), row.wide(3), sold)
            )
        }
        var findings: [Finding] = []
        let names = SalesNames(context)
        for row in rows {
            var sold = row.sold
            if sold == 0, try !SalesQueries.isVoided(row.sale, context.views) {
                let sale = try SalesQueries.document(row.sale, context.views, context.log)
                guard let sale, sale.ticket.lines.indices.contains(Int(row.line)) else { continue }
                sold = sale.ticket.lines[Int(row.line)].quantity.rawValue
                if row.returned <= Int128(sold) { continue }
            }
            let returned = Quantity(Int64(clamping: row.returned))
            let refunded = Fen(Int64(clamping: row.refunded))
            let returns = try returnsOf(row.sale, names, context.views)
            findings.append(
                Finding(
                    check: "sales.return.duplicate",
                    subject: "\(try names.ticket(row.sale)) #\(row.line + 1)",
                    evidence: LocalText(
                        "售出 \(Quantity(sold))，退回 \(returned)，退款 \(refunded.grouped()) 元；"
                            + "退货：" + returns.joined(separator: "、"),
                        "sold \(Quantity(sold)), returned \(returned), refunded "
                            + "\(refunded.grouped()) yuan; returns: "
                            + returns.joined(separator: ", ")
                    ),
                    proposal: LocalText(
                        "重复退货：核对两张退货单，由后退货的门店承担。",
                        "Returned twice: compare the returns; the later branch bears the refund."
                    )
                )
            )
        }
        return findings
    }

    /// The returns of a sale, each with its branch and date.
    private static func returnsOf(
        _ sale: ChangeID,
        _ names: SalesNames,
        _ views: Database
    ) throws -> [String] {
        let statement = try views.statement(
            """
            SELECT id, branch, business_date FROM sales_return WHERE sale = ?1
            ORDER BY id LIMIT 20
            """
        )
        statement.bind(1, sale.rawValue)
        var texts: [String] = []
        try statement.forEach { row in
            let date = CivilDate(dayNumber: Int32(truncatingIfNeeded: row.integer(2)))
            texts.append("\(try names.branch(row.integer(1))) \(date)")
        }
        return texts
    }

    /// A ticket undone more than once.
    private static func doubleVoids(_ context: ReportContext) throws -> [Finding] {
        let statement = try context.views.statement(
            """
            SELECT sale, count(*) FROM sales_void GROUP BY sale HAVING count(*) > 1
            ORDER BY sale
            """
        )
        var findings: [Finding] = []
        let names = SalesNames(context)
        try statement.forEach { row in
            findings.append(
                Finding(
                    check: "sales.void.duplicate",
                    subject: try names.ticket(ChangeID(row.integer(0))),
                    evidence: LocalText(
                        "作废 \(row.integer(1)) 次",
                        "voided \(row.integer(1)) times"
                    ),
                    proposal: LocalText(
                        "重复作废：按原小票补录一张销售单。",
                        "Voided twice: enter the sale once more to make up for the second void."
                    )
                )
            )
        }
        return findings
    }

    // MARK: - Numbers

    /// Series whose numbers are not 1 … n: what is missing, and what two tickets share.
    private static func numbers(_ context: ReportContext) throws -> [Finding] {
        var suspects: [(branch: Int64, date: Int64, figures: SeriesFigures)] = []
        let statement = try context.views.statement(
            """
            SELECT branch, business_date, till, series, tickets, sequence_sum, sequence_first,
              sequence_last
            FROM sales_series
            WHERE sequence_first <> 1 OR sequence_last <> tickets
              OR sequence_sum * 2 <> tickets * (tickets + 1)
            """
        )
        try statement.forEach { row in
            let figures = SeriesFigures(
                till: row.integer(2),
                series: row.integer(3),
                tickets: row.integer(4),
                sequences: row.integer(6)...row.integer(7),
                lifetimes: nil,
                sequenceSum: row.integer(5)
            )
            suspects.append((row.integer(0), row.integer(1), figures))
        }
        var findings: [Finding] = []
        var names = SalesNames(context)
        for suspect in suspects {
            let date = CivilDate(dayNumber: Int32(truncatingIfNeeded: suspect.date))
            let numbers = try SeriesNumbers(
                till: suspect.figures.till,
                date: date,
                series: suspect.figures.series,
                context.views
            )
            let figures = suspect.figures
            let subject = try names.series(figures.till, date, figures.series)
            if !numbers.missing.isEmpty {
                findings.append(gap(subject, numbers))
            }
            if !numbers.doubled.isEmpty {
                findings.append(duplicate(subject, numbers))
            }
        }
        return findings
    }

    private static func gap(_ subject: String, _ numbers: SeriesNumbers) -> Finding {
        Finding(
            check: "sales.sequence.gap",
            subject: subject,
            evidence: LocalText(
                "缺 "
                    + numbers.missing.map { "\($0.0)" + ($0.1 > $0.0 ? "–\($0.1)" : "") }
                    .joined(separator: "、"),
                "missing "
                    + numbers.missing.map { "\($0.0)" + ($0.1 > $0.0 ? " to \($0.1)" : "") }
                    .joined(separator: ", ")
            ),
            proposal: LocalText(
                "小票号缺号：等待该收银台同步，或查看待处理。",
                "Numbers are missing: wait for the till to sync, or look into quarantine."
            )
        )
    }

    private static func duplicate(_ subject: String, _ numbers: SeriesNumbers) -> Finding {
        Finding(
            check: "sales.sequence.duplicate",
            subject: subject,
            evidence: LocalText.list(
                numbers.doubled.map { number, first, last in
                    LocalText(
                        "\(number) 号：记录 \(first) 与 \(last)",
                        "number \(number): records \(first) and \(last)"
                    )
                }
            ),
            proposal: LocalText(
                "小票号重复：两台设备使用了同一收银台，检查是否有磁盘克隆。",
                "Two tickets share a label: two devices acted as one till; look for a cloned disk."
            )
        )
    }

    /// Tills whose lifetime numbers have holes or doubles.
    private static func lifetimes(_ context: ReportContext) throws -> [Finding] {
        let statement = try context.views.statement(
            """
            SELECT till, tickets, lifetime_first, lifetime_last FROM sales_till
            WHERE tickets <> lifetime_last - lifetime_first + 1 ORDER BY till
            """
        )
        var findings: [Finding] = []
        var names = SalesNames(context)
        try statement.forEach { row in
            findings.append(
                Finding(
                    check: "sales.lifetime",
                    subject: try names.till(row.integer(0)),
                    evidence: LocalText(
                        "\(row.integer(1)) 张小票，编号 \(row.integer(2))–\(row.integer(3))",
                        "\(row.integer(1)) tickets numbered \(row.integer(2)) to "
                            + "\(row.integer(3))"
                    ),
                    proposal: LocalText(
                        "终身流水号不连续：核对缺号或重复的小票。",
                        "The lifetime numbers are not gapless: look for lost or doubled tickets."
                    )
                )
            )
        }
        return findings
    }

    // MARK: - Days and payments

    /// Tickets on a date that their till never opened.
    ///
    /// Why: a branch reads its neighbours' tickets but not their days, so that only branches are
    /// asked of which some day is here.
    private static func unopenedDays(_ context: ReportContext) throws -> [Finding] {
        let statement = try context.views.statement(
            """
            SELECT till, business_date, series, tickets FROM sales_series AS a
            WHERE EXISTS(SELECT 1 FROM sales_session AS o WHERE o.branch = a.branch)
              AND NOT EXISTS(SELECT 1 FROM sales_session AS s
                WHERE s.branch = a.branch AND s.business_date = a.business_date
                AND s.till = a.till AND s.series = a.series)
            """
        )
        var findings: [Finding] = []
        var names = SalesNames(context)
        try statement.forEach { row in
            let date = CivilDate(dayNumber: Int32(truncatingIfNeeded: row.integer(1)))
            findings.append(
                Finding(
                    check: "sales.day.unopened",
                    subject: try names.series(row.integer(0), date, row.integer(2)),
                    evidence: LocalText(
                        "\(row.integer(3)) 张小票，没有开班记录",
                        "\(row.integer(3)) tickets, no day opened"
                    ),
                    proposal: LocalText(
                        "未开班而有销售：等待开班记录，或由总部免封。",
                        "Sales on a day not opened: wait for its opening, or waive the day."
                    )
                )
            )
        }
        return findings
    }

    /// Days beyond tomorrow: a clock was wrong when they were opened.
    private static func daysAhead(_ context: ReportContext) throws -> [Finding] {
        let statement = try context.views.statement(
            """
            SELECT id, till, business_date FROM sales_session WHERE business_date > ?1 ORDER BY id
            """
        )
        statement.bind(1, Int64(context.today.adding(days: 1).dayNumber))
        var findings: [Finding] = []
        var names = SalesNames(context)
        try statement.forEach { row in
            let date = CivilDate(dayNumber: Int32(truncatingIfNeeded: row.integer(2)))
            findings.append(
                Finding(
                    check: "sales.day.ahead",
                    subject: "\(try names.till(row.integer(1))) \(date)",
                    evidence: LocalText(
                        "开班营业日 \(date)，今天是 \(context.today)",
                        "opened for \(date), today is \(context.today)"
                    ),
                    proposal: LocalText(
                        "营业日晚于今天：校准时钟，切换到正确的营业日。",
                        "The business date is ahead: set the clock, and roll over to the right one."
                    )
                )
            )
        }
        return findings
    }
}

/// The numbers of a series that are missing or doubled, at most twenty of each.
struct SeriesNumbers {
    private(set) var missing: [(Int64, Int64)] = []
    private(set) var doubled: [(number: Int64, first: ChangeID, last: ChangeID)] = []

    /// Looks through the tickets of a series.
    init(till: Int64, date: CivilDate, series: Int64, _ views: Database) throws {
        let statement = try views.statement(
            """
            SELECT sequence, count(*), min(id), max(id) FROM sales_ticket
            WHERE till = ?1 AND business_date = ?2 AND series = ?3
            GROUP BY sequence ORDER BY sequence
            """
        )
        statement.bind(1, till)
        statement.bind(2, Int64(date.dayNumber))
        statement.bind(3, series)
        var next: Int64 = 1
        try statement.forEach { row in
            let sequence = row.integer(0)
            if sequence > next, missing.count < 20 {
                missing.append((next, sequence - 1))
            }
            next = sequence + 1
            if row.integer(1) > 1, doubled.count < 20 {
                let first = ChangeID(row.integer(2))
                let last = ChangeID(row.integer(3))
                doubled.append((sequence, first, last))
            }
        }
    }
}
