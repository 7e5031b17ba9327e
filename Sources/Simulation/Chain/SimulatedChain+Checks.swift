// What must hold at the end of a run, seen from outside: the promises, the digests, the books.
// Must not: mend anything.

import Catalog
import Kernel
import Module
import Node
import Replication
import SQLite
import Sales
import Wire

/// Where a text stands in a log.
private struct Place {
    let id: ChangeID
    let kind: Kind
    /// True where it is not projected, for the same stands in the log under another id.
    let isDoubled: Bool
}

extension SimulatedChain {
    /// Everything that is wrong at the end; what was seen on the way stands in `complaints`.
    func check() throws {
        try checkPromises()
        try checkMoney()
        try checkNodes()
        try checkDigests()
        try checkNames()
        try checkErased()
    }

    /// How often each promise stands in headquarters' log, by the commits that first held it.
    private func found(_ engine: NodeEngine) throws -> [Int: [Place]] {
        var found: [Int: [Place]] = [:]
        let held = try engine.log.reader.heldCommits().filter { $0.verdict == .unread }
        let doubled = Set(held.map(\.id))
        try engine.log.reader.forEachCommit(after: 0, limit: .max) { _, _, _, bytes in
            try CommitCodec.forEachChange(in: bytes) { header, index, kind, body in
                let id = ChangeID(rawValue(header.id, index))
                for number in Set(Oracle.numbers(in: body)).sorted() {
                    let place = Place(id: id, kind: kind, isDoubled: doubled.contains(header.id))
                    found[number, default: []].append(place)
                }
            }
        }
        return found
    }

    private func rawValue(_ id: ChangeID, _ index: Int) -> Int64 { id.rawValue + Int64(index) }

    private func checkPromises() throws {
        guard let engine = hq.engine else { throw SimulationFault("headquarters is down") }
        let found = try found(engine)
        var kept: Set<Int> = []
        for node in stores where node.isRetired {
            guard let engine = node.engine else { continue }
            kept.formUnion(try Oracle.known(to: engine.log))
        }
        var missing: [String] = []
        var twice: [String] = []
        var acknowledged = 0
        for promise in oracle.promises {
            // A void repeats the payments of its sale, and with them the text of the sale.
            let isSale = promise.what == "sells"
            let places = (found[promise.number] ?? [])
                .filter { !$0.isDoubled && (!isSale || $0.kind == SalesKind.saleClosed) }
            let name = "\(promise.key) (\(promise.node) \(promise.what))"
            if places.count > 1 {
                twice.append(name + " at " + places.map { "\($0.id)" }.joined(separator: ", "))
            }
            switch promise.state {
            case .acknowledged:
                acknowledged += 1
                if places.isEmpty, !promise.isExcused, !kept.contains(promise.number) {
                    missing.append(name)
                }
            case .refused:
                if !places.isEmpty { complain("\(name) was refused, and is there") }
            case .open: break
            }
        }
        note("\(acknowledged) of \(oracle.promises.count) commands acknowledged")
        for name in missing { complain("acknowledged and missing at headquarters: \(name)") }
        for name in twice { complain("there twice: \(name)") }
        try checkQuarantine(engine, found)
    }

    /// Quarantine holds nothing but poison, and what came with it in one act.
    private func checkQuarantine(
        _ engine: NodeEngine,
        _ found: [Int: [Place]]
    ) throws {
        for node in nodes {
            guard let projector = node.engine?.projector, let log = node.engine?.log else {
                continue
            }
            for commit in try projector.quarantined() {
                let bytes = try log.reader.commit(commit.id)?.bytes ?? []
                let numbers = bytes.withUnsafeBytes { Oracle.numbers(in: $0) }
                // What is set aside because it is doubled stands elsewhere; promises are checked.
                if commit.reason == .unread { continue }
                if oracle.poison.isDisjoint(with: numbers) {
                    complain(
                        "\(node.name) quarantine: \(commit.id) \(commit.reason) \(commit.detail)"
                    )
                }
            }
        }
        for number in oracle.poison.sorted() where found[number] != nil {
            let ids = found[number, default: []].map(\.id)
            let held = Set(try engine.projector.quarantined().map(\.id))
            for id in ids where !held.contains(id) {
                complain("poison \(Oracle.key(number)) is not in quarantine at headquarters")
            }
        }
    }

    /// Each node for itself: chains, views as rebuilt, debits and credits, numbers, stock.
    private func checkNodes() throws {
        for node in nodes {
            guard let engine = node.engine else { throw SimulationFault("\(node.name) is down") }
            let result = try engine.verify()
            for problem in result.problems { complain("\(node.name) verify: \(problem)") }
            if result.missingPersonal > 0 {
                complain("\(node.name) lacks \(result.missingPersonal) personal values")
            }
            if node.isHeadquarters { note("headquarters holds \(result.commits) commits") }
        }
        if let log = hq.engine?.log {
            for text in try log.describeWaiting() { complain("waits beside the chain: " + text) }
        }
    }

    /// The same audience, the same digest; the same audiences, the same views.
    private func checkDigests() throws {
        guard let engine = hq.engine else { return }
        let withheld = Set(try engine.projector.quarantined().map(\.id))
        var views: [Int: (name: String, digests: [ViewDigest])] = [:]
        for node in stores where !node.isRetired {
            guard let other = node.engine, let branch = node.place.branch else { continue }
            var audiences: [Audience] = [.everyone, .branch(branches[branch].branch)]
            audiences += branches.map { Audience.neighbours(of: $0.branch) }
            let there = try engine.log.digests(of: audiences, leavingOut: withheld)
            let here = try other.log.digests(of: audiences, leavingOut: withheld)
            for (left, right) in zip(there, here) where left.sum != right.sum {
                complain("\(node.name): the digest of \(left.audience) differs")
            }
            let digests = try other.projector.digests()
            if let first = views[branch] {
                for (left, right) in zip(first.digests, digests) where left != right {
                    complain("\(first.name) and \(node.name): views of \(left.module) differ")
                }
            } else {
                views[branch] = (node.name, digests)
            }
            for digest in digests { note("\(node.name) \(digest.module) \(digest.digest.hex)") }
        }
        note("headquarters' order ends in \(engine.log.chainHash.hex)")
    }

    /// The last name given to a product is its name at every node.
    private func checkNames() throws {
        for node in nodes where !node.isRetired {
            guard let engine = node.engine else { continue }
            for (product, name) in oracle.names.sorted(by: { $0.key < $1.key }) {
                // What a restored headquarters wrote before and after does not know of each other.
                if wasHeadquartersRestored, product != renamedLast { continue }
                let known = try engine.modules.questions.catalog.product(product, engine.views)
                if known?.name != name {
                    complain(
                        "\(node.name): product \(product) is called \(known?.name ?? "nothing"), "
                            + "and was last named \(name)"
                    )
                }
            }
        }
    }

    /// What was erased stands in no file of any node any more.
    private func checkErased() throws {
        guard let headquarters = hq.engine else { return }
        let found = oracle.erased.isEmpty ? [:] : try found(headquarters)
        for node in nodes where !node.isRetired {
            guard let engine = node.engine else { continue }
            for (person, text) in oracle.erased.sorted(by: { $0.key < $1.key }) {
                // A person whom a restored headquarters had forgotten came back under another id.
                let promise = oracle.promises.first { $0.answer?.id.rawValue == person }
                let places = promise.flatMap { found[$0.number] } ?? []
                let ids = [person] + places.map(\.id.rawValue)
                if try !ids.contains(where: { try engine.log.isErased($0) }) {
                    complain("\(node.name) has not heard that \(person) is erased")
                    continue
                }
                let wanted = Array(text.utf8)
                for (file, bytes) in node.disk.snapshot().files.sorted(by: { $0.key < $1.key })
                where bytes.holds(wanted) {
                    complain("\(node.name): \(file) still holds the name of \(person)")
                }
            }
        }
    }
}

extension [UInt8] {
    /// True where the bytes stand somewhere in these.
    fileprivate func holds(_ wanted: [UInt8]) -> Bool {
        guard let first = wanted.first, count >= wanted.count else { return false }
        return withUnsafeBufferPointer { all in
            for start in 0...(all.count - wanted.count) where all[start] == first {
                var index = 1
                while index < wanted.count, all[start + index] == wanted[index] { index += 1 }
                if index == wanted.count { return true }
            }
            return false
        }
    }
}
