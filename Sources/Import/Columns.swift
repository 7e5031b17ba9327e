// Import: the fields of a format found among the columns of a file: by --map, by the field's name,
// by the names under which files have it.

import Kernel
import Node
import Tabular

/// The columns of a file by field.
struct Columns {
    private let columns: [String: CSVColumn]
    let reading: TableReading
    /// The columns of the file that no field is read from.
    let unused: [String]

    /// Finds the fields of a format.
    ///
    /// Throws: `NodeFault` for a column that is needed and not there, or that is there twice.
    init(_ request: ImportRequest, _ reading: TableReading) throws(NodeFault) {
        self.reading = reading
        var found: [String: CSVColumn] = [:]
        do throws(TableFault) {
            for field in request.format.fields {
                found[field.name] = try Self.find(field, request, reading.table)
            }
        } catch {
            throw FaultText.whole(error, reading.name, reading.language)
        }
        columns = found
        let used = Set(found.values.map(\.index))
        let names = reading.table.header.names
        unused = names.indices.filter { !used.contains($0) && !names[$0].isEmpty }.map { names[$0] }
    }

    private static func find(
        _ field: ImportField,
        _ request: ImportRequest,
        _ table: CSVTable
    ) throws(TableFault) -> CSVColumn? {
        if let given = request.columns[field.name] { return try table.column(given) }
        for name in [field.name] + field.otherNames {
            if let column = try table.optionalColumn(name) { return column }
        }
        return field.isRequired ? try table.column(field.name) : nil
    }

    /// The column of a field, nil where the file has none.
    subscript(field: String) -> CSVColumn? { columns[field] }

    /// True where the row has something in the field.
    func has(_ field: String) -> Bool { columns[field].map { !isEmpty($0) } ?? false }

    private func isEmpty(_ column: CSVColumn) -> Bool {
        Text.isBlank(reading.table.text(column))
    }

    /// A field's text, nil where there is none.
    func text(_ field: String) -> String? {
        guard let column = columns[field], !isEmpty(column) else { return nil }
        return reading.table.text(column)
    }

    /// A field's text, which must be there.
    func required(_ field: String) throws(TableFault) -> String {
        guard let column = columns[field] else { throw missing(field) }
        return try reading.table.requiredText(column)
    }

    /// A value of a field, nil where there is none.
    func value<Value>(
        _ field: String,
        _ read: (CSVTable, CSVColumn) throws(TableFault) -> Value
    ) throws(TableFault) -> Value? {
        guard let column = columns[field], !isEmpty(column) else { return nil }
        return try read(reading.table, column)
    }

    /// A fault about a field of the current row.
    func fault(_ field: String, _ chinese: String, _ english: String) -> TableFault {
        guard let column = columns[field] else { return missing(field) }
        return reading.table.fault(.value, column, english, chinese: chinese)
    }

    private func missing(_ field: String) -> TableFault {
        TableFault(.empty, line: reading.table.line, column: field, "nothing stands there")
    }
}
