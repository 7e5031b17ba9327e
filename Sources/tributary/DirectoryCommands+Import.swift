// tributary import: files of others, taken into the log of the directory.

import Import
import Node

extension DirectoryCommands {
    /// Imports a file or folder and says what came of it.
    ///
    /// Answers `checkFailed` where rows were refused and the others taken.
    func importFiles() throws -> ExitCode {
        let request = try ImportRequest(
            format: arguments.positional[0],
            path: path(arguments.positional[1]),
            maps: arguments.all("map"),
            encoding: arguments.value("encoding"),
            delimiter: arguments.value("delimiter"),
            dateFormat: arguments.value("date-format"),
            thousands: arguments.has("thousands"),
            rejects: arguments.value("rejects").map { path($0) }
        )
        let summary = try Importer(engine: engine, console: console).run(request)
        console.write(
            arguments.has("json")
                ? SummaryText.json(summary) : SummaryText.text(summary, console.language)
        )
        if summary.refusedRows == 0 { return .done }
        if let file = request.rejects {
            console.tell(console.text("拒绝的行写入 \(file)", "the rows refused are in \(file)"))
        }
        return .checkFailed
    }
}
