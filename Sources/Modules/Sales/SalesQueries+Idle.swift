// Sales: whether a till that said nothing of a date was idle, or has not been heard.
// It must not look at clocks or contacts: what is here decides.

import Kernel
import Module
import SQLite

extension SalesAnswers {
    /// The tills of a branch that may sell.
    func activeTills(of branch: Int64, _ views: Database) throws -> [Int64] {
        try catalog.tills(of: branch, views).filter(\.isActive).map(\.id)
    }

    /// True where one of the tills, other than those that spoke of the date, may still have
    /// something to say of it.
    func awaits(
        _ tills: [Int64],
        but spoken: Set<Int64>,
        branch: Int64,
        date: CivilDate,
        _ views: Database
    ) throws -> Bool {
        for till in tills where !spoken.contains(till) {
            if try SalesQueries.isWaived(branch: branch, date: date, till: till, views) { continue }
            if try !isIdle(till, branch: branch, date: date, views) { return true }
        }
        return false
    }

    /// True where a till that did not open a date is known to have been idle then.
    ///
    /// It never sold before; or its next day names a seal that is here, so that nothing lies
    /// between; or a till of the same node went on past the date, and a node sends in order.
    private func isIdle(
        _ till: Int64,
        branch: Int64,
        date: CivilDate,
        _ views: Database
    ) throws -> Bool {
        let next = try views.statement(
            """
            SELECT s.previous_seal IS NULL
              OR EXISTS(SELECT 1 FROM sales_seal AS p WHERE p.id = s.previous_seal)
            FROM sales_session AS s WHERE s.till = ?1 AND s.business_date > ?2
            ORDER BY s.business_date, s.id LIMIT 1
            """
        )
        next.bind(1, till)
        next.bind(2, Int64(date.dayNumber))
        if let isLinked = try next.firstInteger() { return isLinked == 1 }
        let last = try views.statement(
            """
            SELECT replica FROM sales_session WHERE till = ?1 AND business_date < ?2
            ORDER BY business_date DESC, id DESC LIMIT 1
            """
        )
        last.bind(1, till)
        last.bind(2, Int64(date.dayNumber))
        guard let replica = try last.firstInteger() else { return true }
        return try hasGoneOn(besides: till, under: replica, branch: branch, date: date, views)
    }

    /// True where another till that has sold under a number is sealed on a date, or opened later.
    private func hasGoneOn(
        besides till: Int64,
        under replica: Int64,
        branch: Int64,
        date: CivilDate,
        _ views: Database
    ) throws -> Bool {
        let statement = try views.statement(
            """
            SELECT EXISTS(SELECT 1 FROM sales_session AS u
              WHERE u.branch = ?1 AND u.replica = ?2 AND u.till <> ?3 AND (
                EXISTS(SELECT 1 FROM sales_seal AS z
                  WHERE z.till = u.till AND z.business_date >= ?4)
                OR EXISTS(SELECT 1 FROM sales_session AS l
                  WHERE l.till = u.till AND l.business_date > ?4)))
            """
        )
        statement.bind(1, branch)
        statement.bind(2, replica)
        statement.bind(3, till)
        statement.bind(4, Int64(date.dayNumber))
        return try statement.firstInteger() == 1
    }
}
