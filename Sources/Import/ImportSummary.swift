// Import: what came of an import, counted so that it adds up:
// rows read = taken + known already + refused, amounts likewise, up to the rounding shown.

import Kernel
import Node
import Tabular

/// Sums over rows.
package struct ImportTotals: Hashable, Sendable {
    /// The digits after the point that amounts of a source are kept with.
    package static let scale = 8

    package var rows = 0
    /// As the source has it, in units of 10⁻⁸ yuan.
    package var sourceAmount: Int128 = 0
    /// As it is taken, each line rounded to the fen, half away from zero.
    package var fen: Int128 = 0
    /// Unit: thousandths.
    package var quantity: Int128 = 0

    package init() {}

    /// One row.
    init(amount: Int128 = 0, fen: Fen = .zero, quantity: Quantity = .zero) {
        rows = 1
        sourceAmount = amount
        self.fen = Int128(fen.rawValue)
        self.quantity = Int128(quantity.rawValue)
    }

    static func += (sums: inout ImportTotals, other: ImportTotals) {
        sums.rows += other.rows
        sums.sourceAmount += other.sourceAmount
        sums.fen += other.fen
        sums.quantity += other.quantity
    }

    /// What was taken less what the source says, in units of 10⁻⁸ yuan.
    package var rounding: Int128 { fen * 1_000_000 - sourceAmount }
}

/// What came of one file.
package struct ImportedFile: Sendable {
    package let name: String
    /// Rows that are not for this node, such as another store's, or of which nothing comes.
    package internal(set) var passedOver = 0
    /// Whose rows were passed over, ascending: codes as they stand in the file, a few of them.
    package internal(set) var others: [String] = []
    /// Rows for this node that could be read.
    package internal(set) var source = ImportTotals()
    package internal(set) var taken = ImportTotals()
    package internal(set) var known = ImportTotals()
    /// Refused although they could be read.
    package internal(set) var refused = ImportTotals()
    /// Refused because they could not be read.
    package internal(set) var unreadable = 0
    /// Columns of which nothing was read.
    package internal(set) var unusedColumns: [String] = []
    /// Acts that went into the log.
    package internal(set) var acts = 0

    init(name: String) {
        self.name = name
    }

    /// Every row below the header.
    package var rows: Int { source.rows + unreadable + passedOver }
    package var refusedRows: Int { refused.rows + unreadable }
}

/// A row that was not taken.
package struct RefusedRow: Hashable, Sendable {
    package let file: String
    package let line: Int
    package let reason: String
}

/// What came of an import.
package struct ImportSummary: Sendable {
    /// How many refusals are shown; all are counted and written to the file of rejects.
    package static let shownMax = 20

    package internal(set) var files: [ImportedFile] = []
    /// Every row refused, in the order in which it was found.
    package private(set) var refusals: [RefusedRow] = []

    /// The first of them, for the screen.
    package var shown: ArraySlice<RefusedRow> { refusals.prefix(Self.shownMax) }
    package var takenRows: Int { files.reduce(0) { $0 + $1.taken.rows } }
    package var refusedRows: Int { files.reduce(0) { $0 + $1.refusedRows } }
    package var acts: Int { files.reduce(0) { $0 + $1.acts } }

    mutating func open(_ name: String) -> Int {
        files.append(ImportedFile(name: name))
        return files.count - 1
    }

    /// Counts a row that could not be read.
    mutating func refuse(_ fault: TableFault, file: Int, _ language: Language) {
        files[file].unreadable += 1
        list(file, fault.line, FaultText.reason(fault, language))
    }

    /// Counts rows that could be read and were refused; the reason stands at each line.
    mutating func refuse(_ lines: [Int], _ totals: ImportTotals, file: Int, _ reason: String) {
        files[file].refused += totals
        for line in lines { list(file, line, reason) }
    }

    private mutating func list(_ file: Int, _ line: Int, _ reason: String) {
        let row = RefusedRow(file: files[file].name, line: line, reason: reason)
        refusals.append(row)
    }
}
