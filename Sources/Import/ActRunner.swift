// Import: the acts of an import, taken in transactions of several hundred, each act once.
// An act is known by its request key; a key that comes again with other rows is refused.

import Kernel
import Module
import Node
import Replication
import Wire

/// Where an act is performed: the engine, and the key and outcome that stand for its rows.
struct ActContext {
    let engine: NodeEngine
    let key: String
    let digest: [UInt8]

    /// Performs the command that stands for the rows; `id` names what it made, 0 for nothing.
    @discardableResult
    func perform<C: Command>(
        _ command: C,
        id: @escaping @Sendable (C.Outcome) -> Int64 = { _ in 0 }
    ) throws -> C.Outcome {
        let identity = ActOutcome.identity(key)
        let taking = Taking(command: command, identity: identity, digest: digest, made: id)
        return try engine.perform(taking, request: key) { outcome in
            ActOutcome(digest: digest, id: id(outcome)).encoded
        }
    }
}

/// A command that says in the log which rows it takes, beside what comes of them.
///
/// Why: a request key stays with the device; another device of the branch, or the same one back
/// from a backup, has the log alone.
private struct Taking<Inner: Command>: Command {
    let command: Inner
    let identity: [UInt8]
    let digest: [UInt8]
    let made: @Sendable (Inner.Outcome) -> Int64

    var endsWork: Bool { command.endsWork }

    func decide(_ context: DecideContext, _ act: inout Act) throws -> Inner.Outcome {
        let outcome = try command.decide(context, &act)
        if act.isEmpty { return outcome }
        let id = made(outcome)
        let rows = RowsTaken(
            identity: identity,
            digest: digest,
            made: id > 0 ? ChangeID(id) : nil
        )
        act.add(LogKind.rowsTaken, rows.body)
        return outcome
    }
}

/// What is kept with a request key: which rows were taken, and what they made.
struct ActOutcome: Hashable {
    let digest: [UInt8]
    let id: Int64

    init(digest: [UInt8], id: Int64) {
        self.digest = digest
        self.id = id
    }

    /// Reads what was kept, nil where it is not an import's.
    init?(_ bytes: [UInt8]) {
        guard case .array(let items)? = try? CBORValue(decoding: bytes), items.count == 2,
            case .bytes(let digest) = items[0], case .integer(let id) = items[1]
        else { return nil }
        self.init(digest: digest, id: id)
    }

    var encoded: [UInt8] {
        var writer = CBORWriter()
        writer.array(2)
        writer.bytes(digest)
        writer.integer(id)
        return writer.bytes
    }

    /// What an act of this key made, nil where neither this device took it nor another whose
    /// commits are here.
    static func of(_ key: String, _ engine: NodeEngine) throws -> ActOutcome? {
        if let known = try engine.log.reader.outcome(ofRequest: key) { return ActOutcome(known) }
        return try TakenRows.first(identity(key), engine.views).map { taken in
            ActOutcome(digest: taken.digest, id: taken.made?.rawValue ?? 0)
        }
    }

    /// What stands in the log for a key.
    static func identity(_ key: String) -> [UInt8] { digest(Array(key.utf8)) }

    /// The digest that stands for rows.
    static func digest(_ rows: [UInt8]) -> [UInt8] { Array(SHA256.hash(rows).prefix(16)) }
}

/// One act: the rows it takes, and how.
struct PlannedAct {
    /// The index of the file in the summary.
    let file: Int
    let lines: [Int]
    let totals: ImportTotals
    let key: String
    let digest: [UInt8]
    let perform: (ActContext) throws -> Void
}

/// Acts that go together: what comes before them, they, and what comes after, in one transaction.
struct ActUnit {
    /// Where it refuses, all acts of the unit are refused for its reason.
    var before: (NodeEngine) throws -> Void = { _ in }
    var acts: [PlannedAct]
    var after: (NodeEngine) throws -> Void = { _ in }
}

/// Takes acts.
struct ActRunner {
    /// A transaction takes this many acts, and whole units.
    static let actsPerBatch = 400

    let engine: NodeEngine
    let console: Console
    var summary: ImportSummary
    /// The identities that this run has met.
    private var met: Set<String> = []

    init(engine: NodeEngine, console: Console) {
        self.engine = engine
        self.console = console
        summary = ImportSummary()
    }

    /// Takes what is not yet taken, in the order of the units.
    ///
    /// Throws: what is not the rows' fault: the disk, a log that cannot be written. What was taken
    /// before stays taken; the next run goes on there.
    mutating func run(_ units: [ActUnit]) throws {
        var batch: [ActUnit] = []
        var count = 0
        var done = 0
        let all = units.reduce(0) { $0 + $1.acts.count }
        for unit in units {
            done += unit.acts.count
            var left = unit
            left.acts = try unit.acts.filter { try isNew($0) }
            if left.acts.isEmpty { continue }
            batch.append(left)
            count += left.acts.count
            if count < Self.actsPerBatch { continue }
            try take(batch)
            engine.breathe()
            console.progress(console.text("导入", "taking") + " \(done)/\(all)")
            batch = []
            count = 0
        }
        if !batch.isEmpty { try take(batch) }
        console.endProgress()
    }

    /// True for an act that is to be taken; counts one that was taken before, and refuses one whose
    /// identity stands for other rows.
    private mutating func isNew(_ act: PlannedAct) throws -> Bool {
        guard met.insert(act.key).inserted else {
            let problem = RowProblem(
                "同样的标识在文件中出现两次",
                "the same identity stands in the file twice"
            )
            refuse(act, problem.text(console.language))
            return false
        }
        guard let outcome = try ActOutcome.of(act.key, engine) else { return true }
        if outcome.digest == act.digest {
            summary.files[act.file].known += act.totals
        } else {
            let problem = RowProblem(
                "已用同样的标识导入过别的内容，不再更改",
                "other rows were taken under the same identity before: they are not changed"
            )
            refuse(act, problem.text(console.language))
        }
        return false
    }

    private mutating func refuse(_ act: PlannedAct, _ reason: String) {
        summary.refuse(act.lines, act.totals, file: act.file, reason)
    }

    /// An act that broke the transaction, and why.
    private struct Broken: Error {
        let place: Place
        let error: any Error
    }

    /// A unit of which every act was refused: nothing is to be opened for it.
    private struct NothingLeft: Error {
        let reasons: [Place: String]
    }

    private struct Place: Hashable {
        let unit: Int
        let act: Int
    }

    /// Takes units in one transaction.
    ///
    /// An act that breaks it is set aside, and the rest tried again.
    private mutating func take(_ units: [ActUnit]) throws {
        var reasons: [Place: String] = [:]
        while true {
            do {
                let refused = try engine.batch { try attempt(units, without: reasons) }
                reasons.merge(refused) { first, _ in first }
                break
            } catch let broken as Broken {
                guard let reason = FaultText.reason(broken.error, console.language) else {
                    throw broken.error
                }
                reasons[broken.place] = reason
            } catch let nothing as NothingLeft {
                reasons.merge(nothing.reasons) { first, _ in first }
            }
        }
        for (unitIndex, unit) in units.enumerated() {
            for (index, act) in unit.acts.enumerated() {
                if let reason = reasons[Place(unit: unitIndex, act: index)] {
                    refuse(act, reason)
                } else {
                    summary.files[act.file].taken += act.totals
                    summary.files[act.file].acts += 1
                }
            }
        }
        try engine.keepWalShort()
    }

    /// Performs everything that is not set aside; answers what was refused and left nothing.
    private func attempt(
        _ units: [ActUnit],
        without aside: [Place: String]
    ) throws -> [Place: String] {
        var refused: [Place: String] = [:]
        for (unitIndex, unit) in units.enumerated() {
            let places = unit.acts.indices.map { Place(unit: unitIndex, act: $0) }
            if places.allSatisfy({ aside[$0] != nil }) { continue }
            do {
                try unit.before(engine)
            } catch {
                let reason = FaultText.reason(error, console.language)
                guard let reason, FaultText.leavesNothing(error) else { throw error }
                for place in places where aside[place] == nil { refused[place] = reason }
                continue
            }
            for (place, act) in zip(places, unit.acts) where aside[place] == nil {
                do {
                    let context = ActContext(engine: engine, key: act.key, digest: act.digest)
                    try act.perform(context)
                } catch {
                    let reason = FaultText.reason(error, console.language)
                    guard let reason, FaultText.leavesNothing(error) else {
                        throw Broken(place: place, error: error)
                    }
                    refused[place] = reason
                }
            }
            if places.allSatisfy({ aside[$0] != nil || refused[$0] != nil }) {
                throw NothingLeft(reasons: refused)
            }
            try unit.after(engine)
        }
        return refused
    }
}
