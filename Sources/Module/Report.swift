// What a report is: a pure function from the views to a table of plain values.
// Must not format money or dates; rendering is the rim's.

package import Kernel
package import Replication
package import SQLite

/// A text in both languages of the product.
package struct LocalText: Hashable, Sendable {
    package let chinese: String
    package let english: String

    package init(_ chinese: String, _ english: String) {
        self.chinese = chinese
        self.english = english
    }

    /// Figures and names, the same in both.
    package init(both text: String) { self.init(text, text) }

    /// Several texts, one after the other.
    package static func list(_ texts: [LocalText]) -> LocalText {
        LocalText(
            texts.map(\.chinese).joined(separator: "；"),
            texts.map(\.english).joined(separator: "; ")
        )
    }
}

/// What a report is asked for.
package struct ReportRequest: Sendable {
    package var from: CivilDate?
    package var to: CivilDate?
    /// A branch's id; nil is all.
    package var branch: Int64?
    /// An entity's id; nil is all.
    package var entity: Int64?
    /// Further filters by name, such as `by=month` or `account=1001`.
    package var options: [String: String]

    package init(
        from: CivilDate? = nil,
        to: CivilDate? = nil,
        branch: Int64? = nil,
        entity: Int64? = nil,
        options: [String: String] = [:]
    ) {
        self.from = from
        self.to = to
        self.branch = branch
        self.entity = entity
        self.options = options
    }
}

/// The business dates that a report is of, both included.
package struct ReportPeriod: Hashable, Sendable {
    package let from: CivilDate
    package let to: CivilDate

    package init(from: CivilDate, to: CivilDate) {
        self.from = from
        self.to = to
    }

    /// What was asked for; without an end up to today, without a beginning from `start` of the end.
    package init(
        _ request: ReportRequest,
        today: CivilDate,
        start: (CivilDate) -> CivilDate = \.startOfMonth
    ) {
        let to = request.to ?? max(today, request.from ?? today)
        self.init(from: request.from ?? start(to), to: to)
    }

    /// `2026-11-01 至 2026-11-23`, or the one day.
    package var text: LocalText {
        if from == to { return LocalText(both: "\(from)") }
        return LocalText("\(from) 至 \(to)", "\(from) to \(to)")
    }
}

/// Whether a branch's data is all here for a period, and if not, why.
package enum CompletenessState: String, Hashable, Sendable {
    case complete
    /// A day is not closed yet: the branch is at work.
    case open
    /// Its node was heard from lately and has more to send.
    case pending
    /// Its node was heard from lately and has sent all: of the days asked for it has no business.
    case quiet
    /// A seal names other figures than what arrived.
    case disagreeing
    /// Nothing was heard for longer than its node waits between two tries.
    case silent
    case never
}

/// How complete a branch's data is here.
package struct BranchCompleteness: Hashable, Sendable {
    package let branch: Int64
    package let code: String
    package let name: String
    /// Complete to the end of this business date.
    package let through: CivilDate?
    /// When headquarters last heard from its node.
    package let lastContact: WallTime?
    package let state: CompletenessState
    /// True where the period asked for is complete.
    package var isComplete: Bool { state == .complete }

    package init(
        branch: Int64,
        code: String,
        name: String,
        through: CivilDate?,
        lastContact: WallTime?,
        state: CompletenessState
    ) {
        self.branch = branch
        self.code = code
        self.name = name
        self.through = through
        self.lastContact = lastContact
        self.state = state
    }
}

/// What a report may look at.
package struct ReportContext {
    package let views: Database
    package let log: LogReader
    package let questions: Questions
    package let today: CivilDate
    /// The completeness of each branch for the period asked for.
    package let completeness: [BranchCompleteness]
    /// The branch of a node, of which alone everything is here; nil at headquarters.
    ///
    /// Why: a branch holds tickets of its neighbours, so that goods come back next door, but
    /// neither their days nor what was delivered to them.
    package let wholeBranch: Int64?

    package init(
        views: Database,
        log: LogReader,
        questions: Questions,
        today: CivilDate,
        completeness: [BranchCompleteness],
        wholeBranch: Int64? = nil
    ) {
        self.views = views
        self.log = log
        self.questions = questions
        self.today = today
        self.completeness = completeness
        self.wholeBranch = wholeBranch
    }
}

/// A column of a report.
package struct ReportColumn: Hashable, Sendable {
    /// What the cells of the column are.
    package enum Kind: String, Sendable {
        case text, date, integer, fen, quantity, rate, unitPrice, unitCost, time
    }

    /// Who a column is for; programs read all of them.
    package enum Readers: Sendable {
        case everyone, chinese, english, programs
    }

    /// The name in CSV and JSON, for ever.
    package let key: String
    package let title: LocalText
    package let kind: Kind
    package let readers: Readers

    package init(
        _ key: String,
        _ chinese: String,
        _ english: String,
        _ kind: Kind,
        for readers: Readers = .everyone
    ) {
        self.key = key
        title = LocalText(chinese, english)
        self.kind = kind
        self.readers = readers
    }
}

/// A value of a report.
package enum ReportCell: Hashable, Sendable {
    case text(String)
    case integer(Int64)
    case fen(Fen)
    case quantity(Quantity)
    case unitPrice(UnitPrice)
    case unitCost(UnitCost)
    case rate(Rate)
    case date(CivilDate)
    case time(WallTime)
    /// A word of the product's own, in the reader's language.
    case words(LocalText)
    case empty
}

/// A report's result.
package struct ReportTable: Sendable {
    package var title: LocalText
    /// The dates it is of; nil for what shows things as they stand now.
    package var period: ReportPeriod?
    package var columns: [ReportColumn]
    package var rows: [[ReportCell]]
    package var totals: [ReportCell]?
    /// Remarks below the table, such as what is provisional.
    package var notes: [LocalText]

    package init(
        title: LocalText,
        period: ReportPeriod? = nil,
        columns: [ReportColumn],
        rows: [[ReportCell]],
        totals: [ReportCell]? = nil,
        notes: [LocalText] = []
    ) {
        self.title = title
        self.period = period
        self.columns = columns
        self.rows = rows
        self.totals = totals
        self.notes = notes
    }
}

/// Why a report cannot be made.
package enum ReportFault: Error, Sendable {
    /// An option or filter that the report does not know or cannot read.
    case badOption(name: String, value: String, expected: LocalText)
}

/// A report by name.
package protocol Report: Sendable {
    /// The name on the command line, never renamed.
    var name: String { get }
    var title: LocalText { get }
    /// The options it knows beside period, branch and entity.
    var options: [String] { get }
    func run(_ request: ReportRequest, _ context: ReportContext) throws -> ReportTable
}

/// What only the merged whole can show: recomputed from the views, with an owner and a proposal.
package struct Finding: Hashable, Sendable {
    package let check: String
    package let subject: String
    package let evidence: LocalText
    package let proposal: LocalText

    package init(check: String, subject: String, evidence: LocalText, proposal: LocalText) {
        self.check = check
        self.subject = subject
        self.evidence = evidence
        self.proposal = proposal
    }
}
