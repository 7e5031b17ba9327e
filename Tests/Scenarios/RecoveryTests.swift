// Disasters on the command line, with the built program: no line, a lost disk, a copied folder.
// Nothing may be lost, and nothing may count twice.

import Foundation
import Testing

@Suite("Recovery on the command line", .serialized)
struct RecoveryTests {
    /// Headquarters in `hq`, a store in `s001` that has fetched what it needs, and two tickets.
    func shop() throws -> ProgramFolder {
        let folder = try ProgramFolder()
        try folder.write("code,name\nS001,东店\n", to: "branches.csv")
        try folder.write("code,name,price\nP1,水,3.50\n", to: "products.csv")
        try folder.run("hq --data hq --company 百川 --once")
        try folder.run("import branches branches.csv --data hq")
        try folder.run("import products products.csv --data hq")
        let address = try folder.serve("hq --data hq --listen 127.0.0.1:0")
        try folder.run("code --data hq --branch S001 --out code")
        try folder.run("enrol --data s001 --hq http://\(address) --code-file code")
        try folder.run("sync --data s001")
        try sell(folder, 1...2)
        return folder
    }

    /// One ticket of 3.50 for each number.
    func sell(_ folder: ProgramFolder, _ tickets: ClosedRange<Int>, in data: String = "s001") throws
    {
        var rows = "date,ticket,product,amount\n"
        for ticket in tickets { rows += "2026-11-02,\(ticket),P1,3.50\n" }
        try folder.write(rows, to: "sales-\(tickets.lowerBound).csv")
        try folder.run("import sales sales-\(tickets.lowerBound).csv --data \(data)")
    }

    /// The number of tickets and the net that headquarters counts.
    func total(_ folder: ProgramFolder, _ data: String = "hq") throws -> String {
        let answer = try folder.run("report sales --data \(data) --format csv")
        let lines = answer.output.split(whereSeparator: \.isNewline).map {
            $0.split(separator: ",")
        }
        let header = try #require(lines.first)
        let sale = try #require(lines.first { $0.first == "2026-11-02" }, "\(answer)")
        let place = try #require(header.firstIndex { $0 == "Net" || $0 == "net" }, "\(answer)")
        return String(sale[place])
    }

    @Test(
        "a branch without a line sends its tickets on a stick, and gets its answer the same way",
        .enabled(if: RecoveryProgram.isThere, RecoveryProgram.notice)
    )
    func stick() throws {
        let folder = try shop()
        defer { folder.end() }
        folder.stopServing()
        let out = try folder.run("export log --data s001 --out a.commits --json")
        #expect(out.output.hasPrefix("{\"commits\":4,"))
        let first = try folder.run("import commits a.commits --data hq --answer b.commits --json")
        #expect(first.output.contains("\"taken\":4,\"complete\":true"))
        let digest = try folder.run("digest --data hq").output
        let second = try folder.run("import commits a.commits --data hq --json")
        #expect(second.output.contains("\"taken\":0,\"complete\":true"))
        #expect(try folder.run("digest --data hq").output == digest, "twice is once")
        #expect(try total(folder) == "7.00")

        let back = try folder.run("import commits b.commits --data s001 --json")
        #expect(back.output.contains("\"unsent\":0,\"complete\":true"))
        let branch = try folder.run("digest --data s001").output
        try folder.run("import commits b.commits --data s001")
        #expect(try folder.run("digest --data s001").output == branch)
        for data in ["hq", "s001"] { try folder.run("verify --data \(data)") }
    }

    @Test(
        "a damaged, forged or foreign commit file is refused and changes nothing",
        .enabled(if: RecoveryProgram.isThere, RecoveryProgram.notice)
    )
    func badFiles() throws {
        let folder = try shop()
        defer { folder.end() }
        folder.stopServing()
        try folder.run("export log --data s001 --out a.commits")
        let digest = try folder.run("digest --data hq").output
        var bytes = try folder.bytes("a.commits")
        bytes[bytes.count - 200] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: folder.file("bad.commits")))
        let bad = try folder.run("import commits bad.commits --data hq", exit: nil)
        #expect(bad.exit == 5 || bad.exit == 1, "\(bad)")
        #expect(!bad.error.isEmpty)
        try Data(bytes.prefix(bytes.count / 2)).write(
            to: URL(fileURLWithPath: folder.file("cut.commits"))
        )
        try folder.run("import commits cut.commits --data hq", exit: 1)
        let csv = try folder.run("import commits branches.csv --data hq", exit: 5)
        #expect(csv.error.contains("no commit file"))
        let own = try folder.run("import commits a.commits --data s001", exit: 5)
        #expect(own.error.contains("the other way"))
        #expect(try folder.run("digest --data hq").output == digest)
        try folder.run("import commits a.commits --data hq")
        #expect(try total(folder) == "7.00")
    }
}
