// A year of a real chain's sales through the built program: thirteen stores alone and offline, a
// line that is cut, a process that is killed, and one true ledger at headquarters.
// Needs TRIBUTARY_DATA (the data sets) and TRIBUTARY_PROGRAM (the program); else it is skipped.

import Foundation
import Kernel
import Testing

@Suite(
    "FoodMart over real HTTP",
    .enabled(
        if: FoodMartFigures.folder != nil && BuiltProgram.path != nil,
        "needs the data sets and the program: set TRIBUTARY_DATA and TRIBUTARY_PROGRAM"
    )
)
struct FoodMartScenario {
    @Test("thirteen stores alone, cut off and killed on the way, make one true ledger")
    func year() throws {
        let folder = try #require(FoodMartFigures.folder)
        let figures = try FoodMartFigures(folder: folder)
        #expect(figures.stores.count == 13)
        #expect(figures.net == 56_523_813)
        let chain = try FoodMartChain(
            #require(BuiltProgram.path),
            data: folder,
            stores: figures.stores
        )
        defer { chain.end() }
        try chain.serve()
        try chain.enrolStores()
        try chain.stopServing()

        try sellOffline(chain)
        try chain.serve()
        let cut = try cutAndResume(chain, "S013")
        let killed = try killAndResume(chain, "S017")
        let carried = try carryOnAStick(chain, "S022")
        try chain.syncAll(chain.stores.filter { ![cut, killed, carried].contains($0) })
        // Once more: what the others sent since is fetched, and nothing is sent twice.
        try chain.syncAll(chain.stores)
        try chain.stopServing()

        try expectFigures(chain, figures)
        try expectAgreement(chain)
        try chain.program.run(chain.words("hq", "post"))
        try chain.everywhere(chain.all, "verify")
        try expectFigures(chain, figures)
        try expectBooks(chain, figures)
    }

    /// Each store takes its own year while headquarters cannot be reached; one of them twice.
    func sellOffline(_ chain: FoodMartChain) throws {
        let stores = chain.stores
        let data = try #require(FoodMartFigures.folder)
        try chain.everywhere(stores, "import", "foodmart", data)
        let store = try #require(stores.first)
        let before = try chain.heads(store)
        try chain.takeFiles(store)
        #expect(try chain.heads(store) == before, "an import twice is an import once")
        let alone = try chain.program.run(chain.round(store, over: chain.address), exit: 4)
        #expect(try unsent(alone.object()) > 300)
    }

    private func unsent(_ object: [String: Any]) throws -> Int { try number(object, "unsent") }

    private func number(_ object: [String: Any], _ key: String) throws -> Int {
        try #require(object[key] as? NSNumber, "\(key) in \(object)").intValue
    }

    /// The line is cut while the store sends; the next round goes on there.
    func cutAndResume(_ chain: FoodMartChain, _ store: String) throws -> String {
        let proxy = try BadProxy(to: chain.port, .cut(after: 40_000))
        defer { proxy.end() }
        let cut = try chain.program.run(chain.round(store, over: proxy.address), exit: 4)
        #expect(proxy.waitForTrick())
        #expect(try unsent(cut.object()) > 0)
        let whole = try chain.program.run(chain.round(store, over: chain.address))
        #expect(try unsent(whole.object()) == 0)
        return store
    }

    /// Headquarters has taken what the store sent, but the store's process is killed before it
    /// hears of it: it sends again, and headquarters counts once.
    func killAndResume(_ chain: FoodMartChain, _ store: String) throws -> String {
        let proxy = try BadProxy(to: chain.port, .swallowAnswers(after: 40_000))
        defer { proxy.end() }
        let running = try chain.program.start(chain.round(store, over: proxy.address))
        #expect(proxy.waitForTrick())
        kill(running.pid, SIGKILL)
        #expect(try chain.program.wait(running).exit == 128 + SIGKILL)
        let whole = try chain.program.run(chain.round(store, over: chain.address))
        #expect(try unsent(whole.object()) == 0)
        return store
    }

    /// The store's year comes as a commit file, twice, and the acknowledgement goes back as one,
    /// while headquarters serves the others.
    func carryOnAStick(_ chain: FoodMartChain, _ store: String) throws -> String {
        let there = chain.program.folder + "/year.commits"
        let back = chain.program.folder + "/answer.commits"
        try chain.program.run(chain.words(store, "export", "log", "--out", there))
        let first = try chain.object("hq", "import", "commits", there, "--answer", back)
        #expect(try number(first, "taken") > 300)
        #expect(try number(chain.object("hq", "import", "commits", there), "taken") == 0)
        #expect(try unsent(chain.object(store, "import", "commits", back)) == 0)
        return store
    }

    /// What headquarters reports is what the data set says; each store's shelf is as it counts.
    func expectFigures(_ chain: FoodMartChain, _ figures: FoodMartFigures) throws {
        let months = try chain.report("hq", "sales", "--by", "month").months()
        #expect(months == figures.months)
        let branches = try chain.report("hq", "branches")
        #expect(try ReportRows.integer(branches.totals, "net") == figures.net)
        #expect(branches.rows.count == figures.stores.count)
        let stock = try chain.report("hq", "stock").stock()
        let ofStores = stock.filter { figures.stores.contains($0.key.branch) }
        #expect(ofStores == stock)
        #expect(ofStores == figures.stock)
        for store in chain.stores {
            let own = try chain.report(store, "stock", "--branch", store).stock()
            #expect(own == figures.stock.filter { $0.key.branch == store }, "\(store)")
        }
    }

    /// Every part of the log that a store may see is the same there and at headquarters.
    func expectAgreement(_ chain: FoodMartChain) throws {
        let headquarters = try chain.digests("hq")
        let heads = try chain.heads("hq")
        for store in chain.stores {
            // Of what is for headquarters only, a store holds its own.
            let digests = try chain.digests(store).filter { $0.key != "headquarters" }
            let neighbours = digests.keys.filter { $0.hasPrefix("neighbours of ") }
            #expect(neighbours.count == chain.stores.count, "\(store)")
            for (audience, digest) in digests {
                #expect(headquarters[audience] == digest, "\(store): \(audience)")
            }
            let own = try chain.heads(store)
            #expect(!own.isEmpty)
            for (replica, head) in own where !head.hasPrefix("0 ") {
                #expect(heads[replica] == head, "\(store): replica \(replica)")
            }
        }
    }

    /// Debits equal credits, cash is what was sold, and hledger reads the same balances.
    func expectBooks(_ chain: FoodMartChain, _ figures: FoodMartFigures) throws {
        let trial = try chain.report("hq", "trial-balance")
        for (debit, credit) in [
            ("opening_debit", "opening_credit"), ("debit", "credit"),
            ("closing_debit", "closing_credit"),
        ] {
            let debits = try trial.rows.reduce(0) { $0 + (try ReportRows.integer($1, debit)) }
            let credits = try trial.rows.reduce(0) { $0 + (try ReportRows.integer($1, credit)) }
            #expect(debits == credits, "\(debit)")
            #expect(try debits == ReportRows.integer(trial.totals, debit))
        }
        var balances: [String: Int64] = [:]
        for row in trial.rows {
            let debit = try ReportRows.integer(row, "closing_debit")
            let credit = try ReportRows.integer(row, "closing_credit")
            balances[try ReportRows.text(row, "account"), default: 0] += debit - credit
        }
        #expect(balances["1001"] == figures.net)
        let journal = chain.program.folder + "/books.journal"
        try chain.program.run(chain.words("hq", "export", "journal", "--out", journal))
        guard let read = try hledger(journal, chain.program) else {
            print("hledger is not installed: the journal was not read by it")
            return
        }
        #expect(read == balances.filter { $0.value != 0 })
    }

    /// The balances of a journal by account code as hledger reads them, nil where it is missing.
    ///
    /// Unit: fen.
    private func hledger(_ journal: String, _ program: BuiltProgram) throws -> [String: Int64]? {
        let paths = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let found = paths.split(separator: ":").map { $0 + "/hledger" }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
        guard let found else { return nil }
        let words = ["-f", journal, "balance", "--flat", "--no-total", "-O", "csv"]
        let ended = try program.wait(program.start(words, of: found))
        try #require(ended.exit == 0, "\(ended)")
        var balances: [String: Int64] = [:]
        for line in ended.output.split(whereSeparator: \.isNewline).dropFirst() {
            let cells = line.dropFirst().dropLast().components(separatedBy: "\",\"")
            try #require(cells.count == 2, "\(line)")
            let code = String(cells[0].prefix { $0 != " " })
            let amount = cells[1].replacingOccurrences(of: "CNY ", with: "")
            balances[code, default: 0] += try Fen(yuan: amount).rawValue
        }
        return balances.filter { $0.value != 0 }
    }
}
