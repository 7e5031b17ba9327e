// Comparing two views files row by row: quicker than two digests, and it names what differs.

import Kernel
import SQLite

extension Projector {
    /// The tables that are the same in all views of one log, in the order of digests, each with its
    /// module's number or `engine`.
    package var comparedTables: [(module: String, table: String)] {
        let modules = projections.sorted { $0.moduleNumber < $1.moduleNumber }
        return EngineSchema.digested.map { ("engine", $0) }
            + modules.flatMap { module in
                module.schema.tables.map { ("\(module.moduleNumber)", $0) }
            }
    }

    /// The first row in which a table differs from that of other views of the same log, counted
    /// from 1 in the order of all columns; nil where none does.
    package func firstDifference(in table: String, _ other: Projector) throws -> Int? {
        let (mine, columns) = try sortedRows(of: table)
        let its = try other.sortedRows(of: table).rows
        defer {
            mine.reset()
            its.reset()
        }
        var row = 0
        while true {
            row += 1
            let isMine = try mine.step()
            guard try its.step() == isMine else { return row }
            if !isMine { return nil }
            for column in 0..<Int32(columns) where !mine.hasSameCell(column, as: its) {
                return row
            }
        }
    }
}

extension Statement {
    /// True where a column of the row at hand has the same type and value in both.
    fileprivate func hasSameCell(_ column: Int32, as other: Statement) -> Bool {
        let type = columnType(column)
        guard other.columnType(column) == type else { return false }
        switch type {
        case 1: return integer(column) == other.integer(column)
        case 3, 4: return borrowedBytes(column).elementsEqual(other.borrowedBytes(column))
        default: return true
        }
    }
}
