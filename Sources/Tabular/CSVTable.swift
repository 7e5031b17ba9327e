// Tabular: a CSV file with a header: columns found by name, fields read as values.
// Must not know what a column means; every fault names line and column.

package import Kernel

/// The names in the first line of a table.
package struct CSVHeader: Sendable {
    package let names: [String]
    private let keys: [String]

    package init(_ names: [String]) {
        self.names = names.map { Text.trimmed($0) }
        keys = names.map { Self.key($0) }
    }

    /// The index of a column by its name, nil where there is none; case and width do not matter.
    ///
    /// Throws: `doubleColumn`.
    package func index(of name: String) throws(TableFault) -> Int? {
        let wanted = Self.key(name)
        let found = keys.indices.filter { keys[$0] == wanted }
        if found.count > 1 {
            throw TableFault(
                .doubleColumn,
                line: 1,
                column: name,
                "it stands there twice",
                chinese: "表头里有两个"
            )
        }
        return found.first
    }

    /// The index of a column that must be there.
    ///
    /// Throws: `missingColumn`, `doubleColumn`.
    package func required(_ name: String) throws(TableFault) -> Int {
        if let index = try index(of: name) { return index }
        throw TableFault(
            .missingColumn,
            line: 1,
            column: name,
            "the columns are \(names.prefix(40).joined(separator: ", "))",
            chinese: "文件的列是 \(names.prefix(40).joined(separator: "、"))"
        )
    }

    private static func key(_ name: String) -> String { Text.normalized(name).lowercased() }
}

/// A column of a table that a program reads.
package struct CSVColumn: Hashable, Sendable {
    package let index: Int
    package let name: String
}

/// The rows of a CSV file below its header.
///
/// Throws, all of its functions: what `CSVReader` throws, and faults that name the column.
package final class CSVTable {
    package let header: CSVHeader
    private let reader: CSVReader

    /// Opens a file and reads its header.
    package init(
        _ source: ByteSource,
        _ options: CSVReader.Options = CSVReader.Options()
    ) throws(TableFault) {
        reader = try CSVReader(source, options)
        guard try reader.next() else {
            throw TableFault(.noHeader, line: 1, "the file is empty")
        }
        header = CSVHeader(reader.texts)
    }

    /// Opens a file by its path.
    package convenience init(
        path: String,
        _ options: CSVReader.Options = CSVReader.Options()
    ) throws(TableFault) {
        try self.init(ByteSource(path: path), options)
    }

    package var encoding: TextEncoding { reader.encoding }
    package var delimiter: UInt8 { reader.delimiter }
    /// The line on which the current row began.
    package var line: Int { reader.line }
    /// How many rows were read below the header, defective ones included.
    package var rowCount: Int { max(reader.rowCount - 1, 0) }

    /// A column that must be there.
    package func column(_ name: String) throws(TableFault) -> CSVColumn {
        CSVColumn(index: try header.required(name), name: name)
    }

    /// A column that may be there.
    package func optionalColumn(_ name: String) throws(TableFault) -> CSVColumn? {
        try header.index(of: name).map { CSVColumn(index: $0, name: name) }
    }

    /// Reads the next row; false at the end.
    ///
    /// Throws: also `fieldCount`, of one row, where it has not as many fields as the header.
    package func next() throws(TableFault) -> Bool {
        guard try reader.next() else { return false }
        if reader.fieldCount != header.names.count {
            throw TableFault(
                .fieldCount,
                line: line,
                "\(reader.fieldCount) fields where the header has \(header.names.count)",
                chinese: "这一行有 \(reader.fieldCount) 个字段，表头有 \(header.names.count) 个"
            )
        }
        return true
    }

    /// Calls `body` with the line and the fields of each further row, defective ones included.
    ///
    /// Throws: what is wrong with the whole file.
    package func forEachRow(_ body: (Int, [String]) -> Void) throws(TableFault) {
        while true {
            do throws(TableFault) {
                if try !reader.next() { return }
            } catch {
                if !error.isOfOneRow { throw error }
            }
            body(line, reader.texts)
        }
    }

    /// Goes back to the row after the header.
    package func rewind() throws(TableFault) {
        try reader.rewind()
        _ = try reader.next()
    }

    /// Appends the row's fields in a form in which equal bytes are equal rows.
    package func appendRow(to bytes: inout [UInt8]) { reader.appendRow(to: &bytes) }

    // MARK: - Fields

    /// True where nothing stands in the field.
    package func isEmpty(_ column: CSVColumn) -> Bool { reader.isEmpty(column.index) }

    /// A field as it stands, without the white space around it.
    package func text(_ column: CSVColumn) -> String { Text.trimmed(reader.text(column.index)) }

    /// A field that holds something.
    ///
    /// Throws: `empty`.
    package func requiredText(_ column: CSVColumn) throws(TableFault) -> String {
        let text = text(column)
        if text.isEmpty {
            throw TableFault(.empty, line: line, column: column.name, "nothing stands there")
        }
        return text
    }

    /// A field's number in units of 10⁻ˢᶜᵃˡᵉ.
    ///
    /// Throws: `number`, for an empty field too.
    package func decimal(
        _ column: CSVColumn,
        scale: Int,
        isMoney: Bool = false,
        rounding: Bool = false
    ) throws(TableFault) -> Int64 {
        do throws(NumberFault) {
            return try reader.decimal(
                column.index,
                scale: scale,
                isMoney: isMoney,
                allowGrouping: reader.allowsThousands,
                rounding: rounding
            )
        } catch {
            throw fault(.number, column, error.reason.rawValue)
        }
    }

    /// A field's whole number.
    package func integer(_ column: CSVColumn) throws(TableFault) -> Int64 {
        try decimal(column, scale: 0)
    }

    /// A field's amount in yuan, further decimals rounded half away from zero when `rounding`.
    package func fen(_ column: CSVColumn, rounding: Bool = false) throws(TableFault) -> Fen {
        let value = Fen(try decimal(column, scale: Fen.scale, isMoney: true, rounding: rounding))
        guard value.isWithinLimit else {
            throw fault(.number, column, "beyond all amounts", chinese: "超出金额上限")
        }
        return value
    }

    /// A field's quantity.
    package func quantity(_ column: CSVColumn) throws(TableFault) -> Quantity {
        let value = Quantity(try decimal(column, scale: Quantity.scale))
        guard value.isWithinLimit else {
            throw fault(.number, column, "beyond all quantities", chinese: "超出数量上限")
        }
        return value
    }

    /// A field's unit price in yuan.
    package func unitPrice(_ column: CSVColumn) throws(TableFault) -> UnitPrice {
        let value = UnitPrice(try decimal(column, scale: UnitPrice.scale, isMoney: true))
        guard value.isWithinLimit else {
            throw fault(.number, column, "beyond all prices", chinese: "超出单价上限")
        }
        return value
    }

    /// A field's date.
    package func date(
        _ column: CSVColumn,
        _ forms: DateForms = .usual
    ) throws(TableFault) -> CivilDate {
        do throws(DateFault) {
            return try reader.date(column.index, forms)
        } catch {
            throw fault(.date, column, error.reason.rawValue)
        }
    }

    /// A field that says yes or no: true/false, yes/no, y/n, 1/0, 是/否.
    package func boolean(_ column: CSVColumn) throws(TableFault) -> Bool {
        switch Text.normalized(reader.text(column.index)).lowercased() {
        case "true", "yes", "y", "1", "是": return true
        case "false", "no", "n", "0", "否": return false
        default: throw fault(.boolean, column, "neither yes nor no")
        }
    }

    /// A fault about a field of the current row, which it quotes.
    package func fault(
        _ reason: TableFault.Reason,
        _ column: CSVColumn,
        _ detail: String,
        chinese: String? = nil
    ) -> TableFault {
        TableFault(
            reason,
            line: line,
            column: column.name,
            detail,
            chinese: chinese,
            value: TableFault.quoted(reader.text(column.index))
        )
    }
}
