// Import: what is asked for: a format, a path, and how its columns, dates and bytes are to be read.

import Module
package import Node
package import Tabular

/// The formats that are read.
package enum ImportFormat: String, Sendable, CaseIterable {
    /// The folder of the FoodMart data set: master data at headquarters, a store's sales and
    /// deliveries at its branch.
    case foodmart
    case products
    case branches
    case staff
    case sales

    /// The fields of the format that can be mapped to columns.
    package var fields: [ImportField] {
        switch self {
        case .foodmart: []
        case .products: ProductsImport.fields
        case .branches: BranchesImport.fields
        case .staff: StaffImport.fields
        case .sales: SalesImport.fields
        }
    }
}

/// A field of a format: the column it is read from by default, and whether it must be there.
package struct ImportField: Hashable, Sendable {
    package let name: String
    /// Further names under which files have it.
    package let otherNames: [String]
    package let isRequired: Bool
    package let help: String

    init(_ name: String, _ otherNames: [String] = [], required: Bool = false, _ help: String) {
        self.name = name
        self.otherNames = otherNames
        isRequired = required
        self.help = help
    }
}

/// A wish to import a file or a folder.
package struct ImportRequest: Sendable {
    package let format: ImportFormat
    package let path: String
    /// Columns by field, as given.
    package let columns: [String: String]
    package let reading: CSVReader.Options
    package let dates: DateForms
    /// Where the rows that were refused are written, nil for nowhere.
    package let rejects: String?

    package init(
        format: ImportFormat,
        path: String,
        columns: [String: String] = [:],
        reading: CSVReader.Options = CSVReader.Options(),
        dates: DateForms = .usual,
        rejects: String? = nil
    ) {
        self.format = format
        self.path = path
        self.columns = columns
        self.reading = reading
        self.dates = dates
        self.rejects = rejects
    }

    /// The wish as the options of a command line say it.
    ///
    /// Throws: `NodeFault` for a name or value that is not known, with those that are.
    package init(
        format name: String,
        path: String,
        maps: [String],
        encoding: String?,
        delimiter: String?,
        dateFormat: String?,
        thousands: Bool = false,
        rejects: String?
    ) throws(NodeFault) {
        guard let format = ImportFormat(rawValue: name) else {
            let known = (ImportFormat.allCases.map(\.rawValue) + ["commits"]).joined(
                separator: ", "
            )
            throw Self.usage(
                LocalText("没有导入格式 \(name)", "there is no format \(name)"),
                LocalText(both: known)
            )
        }
        func unread(_ option: String, _ value: String, _ known: String) -> NodeFault {
            Self.usage(
                LocalText("不认识 --\(option) \(value)", "--\(option) \(value) is not read"),
                LocalText("可用：\(known)", "it is one of \(known)")
            )
        }
        var reading = CSVReader.Options(allowsThousands: thousands)
        if let encoding {
            guard let found = TextEncoding(name: encoding) else {
                throw unread("encoding", encoding, "detect, utf-8, gb18030")
            }
            reading.encoding = found
        }
        if let delimiter {
            guard let found = CSVReader.delimiter(named: delimiter) else {
                throw unread("delimiter", delimiter, ", ; tab |")
            }
            reading.delimiter = found
        }
        var dates = DateForms.usual
        if let dateFormat {
            guard let found = DateForms(name: dateFormat) else {
                let known = DateForms.names.joined(separator: ", ")
                throw unread("date-format", dateFormat, known)
            }
            dates = found
        }
        self.init(
            format: format,
            path: path,
            columns: try Self.columns(maps, format),
            reading: reading,
            dates: dates,
            rejects: rejects
        )
    }

    private static func columns(
        _ maps: [String],
        _ format: ImportFormat
    ) throws(NodeFault) -> [String: String] {
        var columns: [String: String] = [:]
        let known = format.fields.map(\.name)
        for map in maps {
            let parts = map.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, known.contains(parts[0]) else {
                let names = known.joined(separator: ", ")
                throw usage(
                    LocalText("--map \(map) 不是 字段=列名", "--map \(map) is not field=column"),
                    known.isEmpty
                        ? LocalText("\(format) 不用 --map", "\(format) needs no map")
                        : LocalText("字段有：\(names)", "the fields are \(names)")
                )
            }
            guard columns.updateValue(parts[1], forKey: parts[0]) == nil else {
                throw usage(
                    LocalText("字段 \(parts[0]) 指定了两次", "the field \(parts[0]) is mapped twice"),
                    LocalText("请只指定一次", "map it once")
                )
            }
        }
        return columns
    }

    private static func usage(_ message: LocalText, _ next: LocalText) -> NodeFault {
        NodeFault(.usage, message, nextStep: next)
    }
}
