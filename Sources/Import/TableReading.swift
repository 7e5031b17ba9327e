// Import: reading a table row by row into a summary: defects of one row are counted and listed,
// a defect of the file refuses it whole, before anything is taken.

import Kernel
import Node
import Tabular

/// A table being read.
struct TableReading {
    /// What is held in memory of a file.
    static let rowsMax = 2_000_000

    let table: CSVTable
    let name: String
    let language: Language
    /// Called between rows now and then, so that who serves can serve others first.
    private let breathe: () -> Void

    /// Opens a file.
    ///
    /// Throws: `NodeFault` of the whole file.
    init(
        path: String,
        _ options: CSVReader.Options,
        _ language: Language,
        breathe: @escaping () -> Void
    ) throws(NodeFault) {
        self.breathe = breathe
        name = String(path.split(separator: "/").last ?? "")
        self.language = language
        do throws(TableFault) {
            table = try CSVTable(path: path, options)
        } catch {
            throw FaultText.whole(error, name, language)
        }
    }

    /// Calls `body` for each row.
    ///
    /// What it throws of one row, and what is wrong with a row itself, is handed to `refuse`; all
    /// else is thrown as a `NodeFault` of the whole file.
    func forEach(
        _ body: () throws(TableFault) -> Void,
        refuse: (TableFault) -> Void
    ) throws(NodeFault) {
        var isMore = true
        while isMore {
            do throws(TableFault) {
                isMore = try table.next()
                if isMore { try body() }
            } catch {
                guard error.isOfOneRow else { throw FaultText.whole(error, name, language) }
                refuse(error)
            }
            if table.rowCount % 4_096 == 0 { breathe() }
            if table.rowCount > Self.rowsMax {
                let fault = TableFault(.tooLarge, line: table.line, "over \(Self.rowsMax) rows")
                throw FaultText.whole(fault, name, language)
            }
        }
    }

    /// Reads all rows of a file that others refer to, such as a list of dates: every row is needed.
    func forEachNeeded(_ body: () throws(TableFault) -> Void) throws(NodeFault) {
        var first: TableFault?
        try forEach(body) { fault in first = first ?? fault }
        if let first { throw FaultText.whole(first, name, language) }
    }

    /// A column that must be there.
    func column(_ name: String) throws(NodeFault) -> CSVColumn {
        do throws(TableFault) {
            return try table.column(name)
        } catch {
            throw FaultText.whole(error, self.name, language)
        }
    }

    /// The row's fields in a form in which equal bytes are equal rows.
    func rowBytes() -> [UInt8] {
        var bytes: [UInt8] = []
        table.appendRow(to: &bytes)
        return bytes
    }
}
