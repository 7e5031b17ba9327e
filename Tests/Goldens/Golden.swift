// A golden file: what the program printed when a person last read it and found it right.
// UPDATE_GOLDENS=1 writes the files anew; the difference is then read like any other change.

import Foundation
import Testing

/// Golden files beside the tests.
enum Golden {
    /// Compares a text with its golden file, or writes the file where that is asked for.
    static func check(_ name: String, _ text: String, file: String = #filePath) throws {
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
            .appendingPathComponent("Files")
        let url = folder.appendingPathComponent(name + ".txt")
        if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1" {
            try FileManager.default.createDirectory(
                at: folder,
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: url)
            return
        }
        guard let kept = try? String(contentsOf: url, encoding: .utf8) else {
            Issue.record("\(name): no golden file; UPDATE_GOLDENS=1 swift test writes it")
            return
        }
        if kept == text { return }
        let lines = difference(from: kept, to: text)
        Issue.record("\(name) is not its golden file (UPDATE_GOLDENS=1 rewrites):\n\(lines)")
    }

    /// The lines that went (−) and came (+), in their order, forty at most.
    static func difference(from old: String, to new: String) -> String {
        let before = old.split(separator: "\n", omittingEmptySubsequences: false)
        let after = new.split(separator: "\n", omittingEmptySubsequences: false)
        let changes = after.difference(from: before)
        var removed: [Int: Substring] = [:]
        var inserted: [Int: Substring] = [:]
        for change in changes {
            switch change {
            case .remove(let place, let line, _): removed[place] = line
            case .insert(let place, let line, _): inserted[place] = line
            }
        }
        var lines: [String] = []
        var (left, right) = (0, 0)
        while left < before.count || right < after.count {
            if let line = removed[left] {
                lines.append("\(left + 1) − \(line)")
                left += 1
            } else if let line = inserted[right] {
                lines.append("\(right + 1) + \(line)")
                right += 1
            } else {
                left += 1
                right += 1
            }
        }
        if lines.count > 40 { lines = Array(lines.prefix(40)) + ["… \(lines.count - 40) more"] }
        return lines.joined(separator: "\n")
    }
}
