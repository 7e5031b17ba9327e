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

    @Test(
        "a store whose disk is lost goes on from its backup; what it had sent comes back, once",
        .enabled(if: RecoveryProgram.isThere, RecoveryProgram.notice)
    )
    func lostStore() throws {
        let folder = try shop()
        defer { folder.end() }
        try folder.run("sync --data s001")
        let said = try folder.run("backup --data s001 --out s001.backup")
        #expect(said.output.contains("with the key of this device"))
        try sell(folder, 3...4)
        try folder.run("sync --data s001")
        try folder.remove("s001")
        try folder.remove("s001.anchor")

        let restored = try folder.run("restore s001.backup --data s001 --json")
        #expect(restored.output.contains("\"state\":\"spare\""), "\(restored)")
        try sell(folder, 6...6)
        try folder.run("sync --data s001")
        #expect(try total(folder) == "17.50")
        #expect(try total(folder, "s001") == "17.50")
        for data in ["hq", "s001"] { try folder.run("verify --data \(data)") }
    }

    @Test(
        "headquarters' disk is lost: the restored one is careful, and its stores send all again",
        .enabled(if: RecoveryProgram.isThere, RecoveryProgram.notice)
    )
    func lostHeadquarters() throws {
        let folder = try shop()
        defer { folder.end() }
        try folder.run("sync --data s001")
        let said = try folder.run("backup --data hq --out hq.backup --keys hq.keys")
        #expect(said.error.contains("hq.keys"))
        try sell(folder, 3...4)
        try folder.run("sync --data s001")
        #expect(try total(folder) == "14.00")
        folder.stopServing()
        try folder.remove("hq")
        try folder.remove("hq.anchor")

        let keyless = try folder.run("restore hq.backup --data books --json")
        #expect(keyless.output.contains("\"lacksKeys\":true") && keyless.error.contains("keys"))
        #expect(try total(folder, "books") == "7.00", "the books can be read")
        let unserved = try folder.run("hq --data books --listen 127.0.0.1:0", exit: 5)
        #expect(unserved.error.contains("keys"), "new keys would lock every device out")
        let restored = try folder.run("restore hq.backup --data hq --keys hq.keys --json")
        #expect(restored.output.contains("\"state\":\"careful\""), "\(restored)")
        #expect(try total(folder) == "7.00")
        let address = try folder.serve("hq --data hq --listen 127.0.0.1:0")
        let careful = try folder.run("code --data hq --branch S001", exit: nil)
        #expect(careful.exit != 0, "nobody enrols before a person has confirmed")
        try folder.run("sync --data s001 --hq http://\(address)", exit: nil)
        #expect(try total(folder) == "14.00")
        try folder.run("confirm --data hq")
        try folder.run("sync --data s001")
        #expect(try total(folder) == "14.00")
        for data in ["hq", "s001"] { try folder.run("verify --data \(data)") }
    }

    @Test(
        "a copied folder has no anchor: it goes on under a spare number, and both sell on",
        .enabled(if: RecoveryProgram.isThere, RecoveryProgram.notice)
    )
    func copiedFolder() throws {
        let folder = try shop()
        defer { folder.end() }
        try folder.run("sync --data s001")
        try folder.copy("s001", to: "copy")
        for _ in 0..<2 {
            let read = try folder.run("digest --data copy")
            #expect(read.error.contains("it is only read"), "\(read)")
        }
        let first = try folder.run("sync --data copy")
        #expect(first.error.contains("goes on under its spare number"), "\(first)")
        let second = try folder.run("digest --data copy")
        #expect(!second.error.contains("may be a copy"), "its anchor is written now")
        try sell(folder, 3...4)
        try sell(folder, 5...7, in: "copy")
        for data in ["s001", "copy", "s001", "copy"] { try folder.run("sync --data \(data)") }
        #expect(try total(folder) == "24.50")
        for data in ["hq", "s001", "copy"] { try folder.run("verify --data \(data)") }
    }

    @Test(
        "headquarters without its anchor is careful until a person confirms",
        .enabled(if: RecoveryProgram.isThere, RecoveryProgram.notice)
    )
    func headquartersWithoutAnchor() throws {
        let folder = try shop()
        defer { folder.end() }
        try folder.run("sync --data s001")
        folder.stopServing()
        try folder.remove("hq.anchor")
        let first = try folder.run("code --data hq --branch S001", exit: nil)
        #expect(first.exit != 0 && first.error.contains("careful"), "\(first)")
        try folder.run("post --data hq", exit: 5)
        let doubts = try folder.run("confirm --data hq", exit: 1)
        #expect(doubts.output.contains("not heard since the restore"), "\(doubts)")
        try folder.run("confirm --data hq --anyway")
        let posted = try folder.run("post --data hq --json")
        #expect(!posted.output.contains("\"vouchers\":0}"), "there was something to post")
        try folder.run("code --data hq --branch S001")
        try folder.run("verify --data hq")
    }

    @Test(
        "a restore that cannot be right is refused, and leaves what is there",
        .enabled(if: RecoveryProgram.isThere, RecoveryProgram.notice)
    )
    func refusedRestores() throws {
        let folder = try shop()
        defer { folder.end() }
        try folder.run("backup --data hq --out hq.backup --keys hq.keys")
        try folder.run("backup --data s001 --out s001.backup")
        try folder.run("restore s001.backup --data s001", exit: 5)
        let busy = try folder.run("restore hq.backup --data hq --keys hq.keys --replace", exit: 3)
        #expect(busy.error.contains("served"))
        try sell(folder, 3...3)
        let unsent = try folder.run("restore s001.backup --data s001 --replace", exit: 5)
        #expect(unsent.error.contains("neither headquarters nor the backup"))
        try folder.run("restore branches.csv --data new", exit: 5)
        try folder.run("restore s001.backup --data hq9 --keys hq.keys")
        try folder.run("hq --data other --company 别家 --once")
        try folder.run("backup --data other --out other.backup --keys other.keys")
        let foreign = try folder.run("restore other.backup --data s001 --replace", exit: 5)
        #expect(foreign.error.contains("another company"))
        try folder.run("sync --data s001")
        try folder.run("backup --data hq --out later.backup")
        let keys = try folder.run("restore later.backup --data hq3 --keys other.keys", exit: 5)
        #expect(keys.error.contains("another headquarters"))

        var bytes = try folder.bytes("later.backup")
        for index in stride(from: 8_192, to: bytes.count, by: 997) { bytes[index] ^= 0x10 }
        try Data(bytes).write(to: URL(fileURLWithPath: folder.file("bad.backup")))
        let bad = try folder.run("restore bad.backup --data hq3 --keys hq.keys", exit: nil)
        #expect(bad.exit == 1 || bad.exit == 5, "\(bad)")
        for name in ["hq3", "hq3.restoring", "new", "new.restoring"] {
            #expect(!FileManager.default.fileExists(atPath: folder.file(name)), "\(name)")
        }

        let replaced = try folder.run("restore s001.backup --data s001 --replace --json")
        #expect(replaced.output.contains("s001.replaced-1"))
        try folder.run("sync --data s001")
        #expect(try total(folder, "s001") == "10.50")
        try folder.run("verify --data s001")
    }
}
