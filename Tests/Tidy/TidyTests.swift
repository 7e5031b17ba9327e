// The habits of this code, held by tests. Each breach names the file, the line and what to do.
// The baseline is a ratchet: it lists what is still allowed, and may only shrink.

import Foundation
import Testing

@Suite("Tidy")
struct TidyTests {
    /// Fails for every breach beyond the baseline, and for every entry that is no longer needed.
    func expectOnlyBaseline(_ rule: String, _ breaches: [Breach]) {
        let byFile = Dictionary(grouping: breaches, by: \.file)
        for (file, list) in byFile.sorted(by: { $0.key < $1.key }) {
            let allowed = Repository.baseline["\(rule) \(file)"] ?? 0
            if list.count > allowed {
                let shown = list.map(\.description).joined(separator: "\n")
                Issue.record("\(rule): \(list.count) where \(allowed) are allowed:\n\(shown)")
            }
        }
        for (key, allowed) in Repository.baseline where key.hasPrefix(rule + " ") {
            let file = String(key.dropFirst(rule.count + 1))
            let found = byFile[file]?.count ?? 0
            if found < allowed {
                Issue.record("baseline.txt: \(rule) \(file) is down to \(found): lower it")
            }
        }
    }

    func breaches(
        _ rule: String,
        in files: [SourceFile],
        remedy: String,
        where isBroken: (SourceFile, Substring) -> Bool
    ) -> [Breach] {
        files.flatMap { file in
            file.lines.enumerated().compactMap { index, line in
                isBroken(file, line)
                    ? Breach(rule: rule, file: file.path, line: index + 1, remedy: remedy) : nil
            }
        }
    }

    @Test("no file is over 600 lines, and few are over 400")
    func fileLength() {
        let long = Repository.swift.filter { $0.lines.count > 401 }
        let breaches = long.map { file in
            Breach(
                rule: "file-over-400",
                file: file.path,
                line: file.lines.count,
                remedy: "split the file by idea"
            )
        }
        expectOnlyBaseline("file-over-400", breaches)
        for file in Repository.swift {
            #expect(file.lines.count <= 601, "\(file.path) has \(file.lines.count) lines: split it")
        }
    }

    @Test("no line is over 100 columns")
    func lineLength() {
        let found = breaches("columns", in: Repository.swift, remedy: "break the line") { _, line in
            line.count > 100
        }
        expectOnlyBaseline("columns", found)
    }

    @Test("no function is over 60 lines")
    func functionLength() {
        var found: [Breach] = []
        for file in Repository.swift {
            var open: [(indent: Int, line: Int)] = []
            for (index, line) in file.lines.enumerated() {
                let indent = line.prefix(while: { $0 == " " }).count
                let text = line.dropFirst(indent)
                if let last = open.last, text.hasPrefix("}"), indent == last.indent {
                    open.removeLast()
                    if index - last.line + 1 > 60 {
                        let breach = Breach(
                            rule: "function-over-60",
                            file: file.path,
                            line: last.line + 1,
                            remedy: "split the function by idea"
                        )
                        found.append(breach)
                    }
                }
                let isFunction =
                    file.code(line).contains("func ") || text.hasPrefix("init(")
                    || text.contains(" init(")
                if isFunction, !text.hasPrefix("//"), !text.hasSuffix("}") {
                    open.removeAll { $0.indent >= indent }
                    open.append((indent, index))
                }
            }
        }
        expectOnlyBaseline("function-over-60", found)
    }

    @Test("what is banned is not used, and its replacement is named")
    func bannedCalls() {
        let sources = Repository.swift.filter(\.isSource)
        let rules: [(rule: String, words: [String], remedy: String, except: [String])] = [
            ("date", ["Date()"], "take the time from the Clock handed in", []),
            ("uuid", ["UUID()"], "draw bytes from the RandomSource handed in", []),
            (
                "random",
                [".random(", "SystemRandomNumberGenerator"],
                "draw from the SeededRandom or RandomSource handed in",
                []
            ),
            ("force-try", ["try!"], "handle the error", []),
            ("force-cast", [" as! "], "use as? and say what else it may be", []),
            (
                "print", ["print("], "write to the Console handed in",
                ["tributary", "Demo", "Bench", "Simulation"]
            ),
            ("silent-crash", ["fatalError()"], "say in a sentence what was broken", []),
            ("formatter", ["DateFormatter", "NumberFormatter"], "use Kernel's texts", []),
            ("string-format", ["String(format:"], "pad and join by hand, or use Kernel", []),
            (
                "floating", ["Double", "Float"], "money and quantities are integers of Kernel",
                ["Bench"]
            ),
            (
                "unfinished", ["TODO", "FIXME", "XXX"], "do it, or say in the docs what is missing",
                []
            ),
        ]
        for rule in rules {
            let found = breaches(rule.rule, in: sources, remedy: rule.remedy) { file, line in
                if rule.except.contains(file.room) { return false }
                let text = rule.rule == "unfinished" ? line : file.code(line)
                return rule.words.contains { holds(text, $0) }
            }
            expectOnlyBaseline(rule.rule, found)
        }
    }

    /// True where the text holds the word, and no letter or digit stands right around it.
    private func holds(_ text: Substring, _ word: String) -> Bool {
        var rest = text
        while let found = rest.range(of: word) {
            let before = text[..<found.lowerBound].last
            let after = text[found.upperBound...].first
            let isWhole =
                !(isLetter(before) && isLetter(word.first))
                && !(isLetter(after) && isLetter(word.last))
            if isWhole { return true }
            rest = text[found.upperBound...]
        }
        return false
    }

    private func isLetter(_ character: Character?) -> Bool {
        character.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
    }

    @Test("SQL is never put together from values")
    func sqlInterpolation() {
        let verbs = ["SELECT ", "INSERT ", "UPDATE ", "DELETE "]
        let found = breaches(
            "sql-interpolation",
            in: Repository.swift.filter(\.isSource),
            remedy: "bind values; names of tables come from literals only"
        ) { file, line in
            let code = file.code(line)
            return code.contains("\\(") && verbs.contains { code.contains($0) }
                && code.contains("\"")
        }
        expectOnlyBaseline("sql-interpolation", found)
    }

    @Test("an unchecked Sendable says why")
    func uncheckedSendable() {
        var found: [Breach] = []
        for file in Repository.swift {
            for (index, line) in file.lines.enumerated() {
                guard file.code(line).contains("@unchecked Sendable") else { continue }
                let around = file.lines[max(0, index - 12)...min(file.lines.count - 1, index + 4)]
                if around.contains(where: { $0.contains("Why") }) { continue }
                let remedy = "say Why: in the doc comment"
                let breach = Breach(
                    rule: "unchecked",
                    file: file.path,
                    line: index + 1,
                    remedy: remedy
                )
                found.append(breach)
            }
        }
        expectOnlyBaseline("unchecked", found)
    }

    @Test("every file says where it stands, and every declaration that crosses rooms what it is")
    func docComments() {
        var headless: [Breach] = []
        var silent: [Breach] = []
        let kinds = ["func ", "struct ", "enum ", "class ", "protocol ", "actor ", "typealias "]
        for file in Repository.swift.filter(\.isSource) {
            if file.lines.first?.hasPrefix("//") != true {
                headless.append(
                    Breach(
                        rule: "file-header",
                        file: file.path,
                        line: 1,
                        remedy: "begin with // and its place"
                    )
                )
            }
            for (index, line) in file.lines.enumerated() {
                let text = line.drop(while: { $0 == " " })
                guard text.hasPrefix("package ") || text.hasPrefix("public "),
                    kinds.contains(where: { text.contains($0) }), !text.contains("static func <"),
                    !text.contains("static func ==")
                else { continue }
                if hasDoc(before: index, in: file) || isWitness(text, in: file) { continue }
                silent.append(
                    Breach(
                        rule: "doc-comment",
                        file: file.path,
                        line: index + 1,
                        remedy: "say in one sentence what it is"
                    )
                )
            }
        }
        expectOnlyBaseline("file-header", headless)
        expectOnlyBaseline("doc-comment", silent)
    }

    private func hasDoc(before index: Int, in file: SourceFile) -> Bool {
        var above = index - 1
        while above >= 0 {
            let text = file.lines[above].drop(while: { $0 == " " })
            if text.hasPrefix("///") { return true }
            if !text.hasPrefix("@") { return false }
            above -= 1
        }
        return false
    }

    /// Fulfils a protocol whose own declaration carries the words.
    private func isWitness(_ text: Substring, in file: SourceFile) -> Bool {
        let names = [
            "func apply(", "func open(", "func check(", "func registersChanged(",
            "func clockRuled(",
            "func flush(", "func discard(", "func decide(", "func run(", "func findings(",
            "func violations(", "func projection(", "func receive(", "func forbidden(",
            "func bytes(_ count: Int)", "func now()", "func monotonicMs()", "func hash(into",
            "func next()", "func branch(", "func branches(", "func till", "func tender",
            "func product",
            "func price(", "func taxRate(", "func entit", "func taxpayer(", "func neighbours(",
            "func categoryName(", "func person(", "func may(", "func openDay(", "func dayState(",
            "func completeThrough(", "func onHand(", "func lastCost(", "func database(",
            "func names()", "func remove(", "func read(", "func write(",
        ]
        return names.contains { text.contains($0) }
    }

    @Test("no markdown file has two titles, and no file is over 200 KB")
    func otherFiles() {
        for file in Repository.files({ $0.hasSuffix(".md") }) {
            var isCode = false
            var titles = 0
            for line in file.lines {
                if line.hasPrefix("```") { isCode.toggle() }
                if !isCode, line.hasPrefix("# ") { titles += 1 }
            }
            #expect(titles == 1, "\(file.path) has \(titles) titles: one page, one title")
        }
        for path in Repository.paths {
            let attributes = try? FileManager.default.attributesOfItem(
                atPath: Repository.root + "/" + path
            )
            let size = attributes?[.size] as? Int ?? 0
            #expect(size <= 200 * 1_024, "\(path) has \(size) bytes: make it when it is needed")
        }
    }

    @Test("no script sets markup from text")
    func innerHTML() {
        for file in Repository.files({ $0.hasSuffix(".js") }) {
            for line in file.lines {
                #expect(!line.contains("innerHTML"), "\(file.path): make nodes, set textContent")
            }
        }
    }

    @Test("the format check has nothing to say")
    func format() {
        let result = Repository.run([
            "swift", "format", "lint", "--strict", "--configuration", "Tools/format.json", "-r",
            "Package.swift", "Sources", "Tests",
        ])
        #expect(result.code == 0, "run swift format; it says:\n\(result.output.prefix(4_000))")
    }
}
