// The help of the program and of each command, word for word.

import Testing

@testable import tributary

@Suite("The help")
struct HelpGoldenTests {
    @Test("of the program is as it was read")
    func overview() throws { try Golden.check("help", Overview.text) }

    @Test("of each command is as it was read", arguments: CommandSpec.all.map(\.name))
    func command(name: String) throws {
        let spec = try #require(CommandSpec.all.first { $0.name == name })
        try Golden.check("help-\(name)", spec.help)
    }

    @Test("fits a terminal of 100 columns and ends each line where its text ends")
    func width() {
        let texts = [Overview.text] + CommandSpec.all.map(\.help)
        for line in texts.flatMap({ $0.split(separator: "\n", omittingEmptySubsequences: false) }) {
            #expect(line.unicodeScalars.count <= 100, "\(line)")
            #expect(line.last != " ", "\(line)")
        }
    }

    @Test("a difference names the lines that went and came")
    func difference() {
        #expect(Golden.difference(from: "a\nb\nc", to: "a\nx\nc\nd") == "2 − b\n2 + x\n4 + d")
        #expect(Golden.difference(from: "a", to: "a") == "")
    }
}
