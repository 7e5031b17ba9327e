// FoodMart's headquarters and its thirteen stores, each a directory worked on by the built program.

import Foundation
import Testing

/// A chain of real processes in a folder that is gone when the test is.
final class FoodMartChain {
    let program: BuiltProgram
    let stores: [String]
    /// Where headquarters listens.
    private(set) var address = ""
    private var serving: BuiltProgram.Running?
    private let data: String

    /// Founds the company and takes its master data.
    init(_ path: String, data: String, stores: [String]) throws {
        let folder = NSTemporaryDirectory() + "tributary-foodmart-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        program = BuiltProgram(path: path, folder: folder)
        self.data = data
        self.stores = stores
        try program.run(["hq", "--data", directory("hq"), "--company", "百川", "--once"])
        try takeFiles("hq")
    }

    /// Ends what still serves, and removes the folder.
    func end() {
        if let serving {
            kill(serving.pid, SIGKILL)
            _ = try? program.wait(serving)
        }
        try? FileManager.default.removeItem(atPath: program.folder)
    }

    var all: [String] { ["hq"] + stores }

    func directory(_ node: String) -> String { program.folder + "/" + node }

    /// The words of a command on a node's directory.
    func words(_ node: String, _ words: String...) -> [String] {
        words + ["--data", directory(node)]
    }

    /// Runs a command on a node's directory, and reads the object that it prints.
    func object(_ node: String, _ words: String..., exit: Int32 = 0) throws -> [String: Any] {
        try program.run(words + ["--data", directory(node), "--json"], exit: exit).object()
    }

    /// A report of 1997.
    func report(_ node: String, _ name: String, _ options: String...) throws -> ReportRows {
        // The stock on hand is of now; it knows no period.
        let year = name == "stock" ? [] : ["--from", "1997-01-01", "--to", "1997-12-31"]
        return try ReportRows(
            program.run(words(node, "report", name, "--format", "json") + year + options)
        )
    }

    /// Takes the data set's files at a node; what is there already is not taken again.
    @discardableResult
    func takeFiles(_ node: String) throws -> [String: Any] {
        try object(node, "import", "foodmart", data)
    }

    func serve() throws {
        let words = ["hq", "--data", directory("hq"), "--listen", "127.0.0.1:0"]
        let (running, bound) = try program.serve(words)
        serving = running
        address = "http://" + bound
    }

    var port: UInt16 { UInt16(address.split(separator: ":").last ?? "") ?? 0 }

    func stopServing() throws {
        if let serving { try program.stop(serving) }
        serving = nil
    }

    /// Makes the nodes of the stores by codes, and fetches what they need to sell.
    func enrolStores() throws {
        for store in stores {
            let file = program.folder + "/\(store).code"
            try program.run(words("hq", "code", "--branch", store, "--out", file))
            try program.run(words(store, "enrol", "--hq", address, "--code-file", file))
            try program.run(words(store, "sync"))
        }
    }

    /// The words of one round of a store over an address.
    func round(_ store: String, over address: String) -> [String] {
        words(store, "sync", "--json", "--hq", address)
    }

    /// Sends and fetches everything, two stores at a time.
    func syncAll(_ stores: [String]) throws {
        let rounds = stores.map { round($0, over: address) }
        let program = program
        try BuiltProgram.inPairs(rounds) { try program.run($0) }
    }

    /// Does the same at many nodes, two at a time.
    func everywhere(_ nodes: [String], _ command: String...) throws {
        let lines = nodes.map { command + ["--data", directory($0)] }
        let program = program
        try BuiltProgram.inPairs(lines) { try program.run($0) }
    }

    /// What each audience's part of a node's log sums up to.
    func digests(_ node: String) throws -> [String: String] {
        try #require(try object(node, "digest")["log"] as? [String: String])
    }

    /// The last change of each replica of which a node holds the whole chain, with its hash.
    func heads(_ node: String) throws -> [Int: String] {
        let heads = try #require(try object(node, "digest")["heads"] as? [[String: Any]])
        var byReplica: [Int: String] = [:]
        for head in heads {
            let replica = try #require(head["replica"] as? NSNumber).intValue
            byReplica[replica] = "\(head["last"] ?? "") \(head["hash"] ?? "")"
        }
        return byReplica
    }
}
