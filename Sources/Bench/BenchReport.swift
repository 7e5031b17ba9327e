// What a run found, as a page for people and as JSON.

/// The result of one run.
struct BenchReport {
    var figures: [Figure] = []
    var growth: [GrowthRow] = []
    var machine: Machine
    var isPinned: Bool
    var sales: Int

    /// True where no measured figure misses its must.
    var isGood: Bool { !figures.contains { $0.verdict == .missed } }

    /// The figures as lines of text.
    func text(check: Bool) -> String {
        var lines: [String] = []
        for entry in machine.entries { lines.append("\(entry.key): \(entry.value)") }
        lines.append("one core: \(isPinned ? "yes" : "no"); W1: \(sales) sales")
        lines.append("")
        for figure in figures {
            let value = figure.value.map { NumberText.of($0) } ?? "-"
            var line = "\(figure.title): \(value) \(figure.unit)"
            if check {
                line += "  (must \(NumberText.of(figure.must)), aim \(NumberText.of(figure.aim)))"
            }
            line += "  \(figure.verdict.rawValue)"
            if !figure.note.isEmpty { line += " [\(figure.note)]" }
            lines.append(line)
        }
        if !growth.isEmpty { lines += [""] + growthLines }
        return lines.joined(separator: "\n")
    }

    private var growthLines: [String] {
        var lines = [
            "size | sales | Raw/s | merge/s | rebuild/s | query ms | open ms | B a sale | MiB"
        ]
        for row in growth {
            let cells = [
                "\(row.scale)x", "\(row.sales)", NumberText.of(row.rawRate, places: 0),
                NumberText.of(row.mergeRate, places: 0), NumberText.of(row.rebuildRate, places: 0),
                NumberText.of(row.queryMs), NumberText.of(row.openMs),
                NumberText.of(row.diskBytesPerSale, places: 0),
                NumberText.of(row.residentMiB, places: 0),
            ]
            lines.append(cells.joined(separator: " | "))
        }
        lines += ["", "of a core's time | Raw µs | merge µs | rebuild µs a sale | query ms"]
        for row in growth {
            let values = [row.core.raw, row.core.merge, row.core.rebuild, row.queryCoreMs]
            lines.append(
                (["\(row.scale)x"] + values.map { NumberText.of($0) }).joined(separator: " | ")
            )
        }
        return lines
    }

    /// The same as JSON.
    var json: String {
        let facts = machine.entries.map { "\(jsonText($0.key)): \(jsonText($0.value))" }
        let list = figures.map { figure in
            let value = figure.value.map { NumberText.of($0, places: 4) } ?? "null"
            return "{\"name\": \(jsonText(figure.name)), \"title\": \(jsonText(figure.title)), "
                + "\"unit\": \(jsonText(figure.unit)), \"value\": \(value), "
                + "\"must\": \(NumberText.of(figure.must, places: 4)), "
                + "\"aim\": \(NumberText.of(figure.aim, places: 4)), "
                + "\"verdict\": \(jsonText(figure.verdict.rawValue)), "
                + "\"note\": \(jsonText(figure.note))}"
        }
        let rows = growth.map { row in
            "{\"scale\": \(row.scale), \"sales\": \(row.sales), "
                + "\"raw_per_second\": \(NumberText.of(row.rawRate)), "
                + "\"merge_per_second\": \(NumberText.of(row.mergeRate)), "
                + "\"rebuild_per_second\": \(NumberText.of(row.rebuildRate)), "
                + "\"query_ms\": \(NumberText.of(row.queryMs)), "
                + "\"open_ms\": \(NumberText.of(row.openMs)), "
                + "\"disk_bytes_per_sale\": \(NumberText.of(row.diskBytesPerSale)), "
                + "\"resident_mib\": \(NumberText.of(row.residentMiB)), "
                + "\"raw_core_us\": \(NumberText.of(row.core.raw)), "
                + "\"merge_core_us\": \(NumberText.of(row.core.merge)), "
                + "\"rebuild_core_us\": \(NumberText.of(row.core.rebuild)), "
                + "\"query_core_ms\": \(NumberText.of(row.queryCoreMs))}"
        }
        return "{\"machine\": {\(facts.joined(separator: ", "))}, \"one_core\": \(isPinned), "
            + "\"sales\": \(sales), \"figures\": [\(list.joined(separator: ", "))], "
            + "\"growth\": [\(rows.joined(separator: ", "))]}"
    }
}
