// A chain of stores in one thread: headquarters, nodes, and the line between them.
// Must not: use a clock or randomness of the machine.

import Glibc
import Kernel
import Replication
import SQLite
import Support
import Sync
import Testing
import Wire

/// A folder for one test, gone when the test is.
final class TestFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/tributary-sync-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestFault("no folder") }
        path = template.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { String(cString: $0) } ?? ""
        }
    }

    deinit {
        guard let stream = opendir(path) else { return }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        closedir(stream)
        for name in names { unlink("\(path)/\(name)") }
        rmdir(path)
    }
}

struct TestFault: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The kinds that tests write.
enum TestKind {
    /// {1: amount, 2: an id}: any node.
    static let sale = Kind(module: 2, 1)
    /// A fact of headquarters alone.
    static let decree = Kind(module: 2, 2)
    /// A register of headquarters.
    static let price = Kind(module: 1, 130)
    /// A register of the branch.
    static let note = Kind(module: 1, 131)
    /// A grant of headquarters.
    static let grant = Kind(module: 4, 224)

    static let rights = WriteRights([
        sale: .anyNode, decree: .headquarters, price: .headquarters, note: .ownBranch,
        grant: .headquarters,
    ])
    static let shapes = BodyShapes([
        sale: .map([1: .number, 2: .id]), decree: .map([1: .number]),
        price: .map([1: .number]), note: .map([1: .number, 2: .id]), grant: .map([1: .number]),
    ])

    static func body(_ amount: Int64, id: ChangeID? = nil) -> [UInt8] {
        var writer = CBORWriter()
        writer.map(id == nil ? 1 : 2)
        writer.key(1)
        writer.integer(amount)
        if let id {
            writer.key(2)
            writer.integer(id.rawValue)
        }
        return writer.bytes
    }
}

/// A log with a clock.
class TestMember {
    let log: Log
    var now: () -> WallTime

    init(log: Log, now: @escaping () -> WallTime) {
        self.log = log
        self.now = now
    }

    /// Writes one act of one commit.
    @discardableResult
    func write(
        _ kind: Kind,
        _ body: [UInt8],
        for audiences: [Audience],
        personal: [(Int64, String)] = []
    ) throws -> ChangeID {
        var act = Act(first: try log.nextID(), author: 0)
        act.begin(audiences)
        let id = act.add(kind, body)
        for (subject, text) in personal { _ = act.personal(subject: subject, .text(text)) }
        try log.append(act, at: now())
        return id
    }

    /// All commits held, as (id, hash), by id.
    func commits() throws -> [ChangeID: Digest32] {
        var all: [ChangeID: Digest32] = [:]
        try log.reader.forEachCommit(after: 0, limit: .max) { _, id, hash, _ in all[id] = hash }
        return all
    }
}

/// Headquarters of a test.
final class TestHeadquarters: TestMember {
    private(set) var server: SyncServer
    var judgedThrough: Int64 = .max
    var protectedThrough: Int64 = 0
    var isLagging = false
    /// Audiences given to a device beside those of its branch.
    var extra: [Int64: Set<Audience>] = [:]
    var withheld: Set<ChangeID> = []
    let savedKeys: Box<[UInt8]>

    final class Box<Value> {
        var value: Value
        init(_ value: Value) { self.value = value }
    }

    init(log: Log, keys: KeyStore, now: @escaping () -> WallTime) {
        let saved = Box(keys.bytes)
        savedKeys = saved
        let own = Box<TestHeadquarters?>(nil)
        let surroundings = Surroundings(
            projectedThrough: { log.end },
            protectedThrough: { own.value?.protectedThrough ?? 0 },
            judgedThrough: { own.value?.judgedThrough ?? 0 },
            withheld: { try own.value?.notHandedOut() ?? [] },
            audiences: { device in
                var set: Set<Audience> = [.everyone]
                if device.branch > 0 {
                    set.formUnion([.branch(device.branch), .neighbours(of: device.branch)])
                }
                return (own.value?.extra[device.id] ?? []).union(set).sorted()
            },
            retryAfter: { own.value?.isLagging == true ? 7 : nil }
        )
        server = SyncServer(
            log: log,
            keys: keys,
            rights: TestKind.rights,
            shapes: TestKind.shapes,
            surroundings: surroundings,
            saveKeys: { saved.value = $0.bytes }
        )
        super.init(log: log, now: now)
        own.value = self
    }

    /// What a projector would hold back: the commits that wait for a person.
    private func notHandedOut() throws -> Set<ChangeID> {
        var ids = withheld
        for commit in try log.reader.heldCommits() { ids.insert(commit.id) }
        return ids
    }
}

/// A node of a test.
final class TestNode: TestMember {
    let client: SyncClient
    let path: String
    var events: [SyncEvent] = []
    var last = RoundOutcome()

    init(log: Log, path: String, random: any RandomSource, now: @escaping () -> WallTime) throws {
        client = try SyncClient(log: log, shapes: TestKind.shapes, random: random)
        self.path = path
        super.init(log: log, now: now)
    }
}

/// A whole chain of a test.
final class TestChain {
    let folder: TestFolder
    var wall = WallTime(milliseconds: 1_795_000_000_000)
    private(set) var hq: TestHeadquarters
    private var seed: UInt64
    private var files = 0
    /// Branch ids, as a module would have made them.
    let branches: [Int64] = [11, 12, 13]

    init(seed: UInt64 = 1) throws {
        folder = try TestFolder()
        self.seed = seed
        let random = SeededSource(seed: seed)
        let log = try Log.create(
            database: Database(
                path: folder.path + "/hq-0.sqlite",
                options: .init(synchronous: .off)
            ),
            random: random,
            realm: Fixture.realm,
            isHeadquarters: true
        )
        try log.write {
            try log.adopt(ReplicaNumber(0), incarnation: random.bytes(16), device: 0)
        }
        let box = TestHeadquarters.Box<TestChain?>(nil)
        hq = TestHeadquarters(log: log, keys: KeyStore(random: random)) {
            box.value?.wall ?? WallTime(milliseconds: 0)
        }
        clockBox = box
        box.value = self
    }

    private let clockBox: TestHeadquarters.Box<TestChain?>

    /// Breaks the circle between the chain and its clock.
    func end() { clockBox.value = nil }

    func source() -> SeededSource {
        seed &+= 1
        return SeededSource(seed: seed)
    }

    var clock: () -> WallTime {
        { [weak self] in self?.wall ?? WallTime(milliseconds: 0) }
    }

    func file(_ name: String) -> String {
        files += 1
        return "\(folder.path)/\(name)-\(files).sqlite"
    }

    // MARK: nodes

    /// Enrols a node of a branch over the wire.
    func enrol(_ branch: Int64, kind: Int64 = 1) throws -> TestNode {
        let code = try hq.server.issueCode(
            kind: kind,
            branch: branch,
            label: "node of \(branch)",
            now: wall
        )
        let random = source()
        let enrolment = try Enrolment(
            code: code.text,
            deviceNonce: random.bytes(16),
            machine: "test",
            random: random
        )
        let response = try serve(enrolment.request)
        let answer = try enrolment.answer(
            status: response.status,
            headers: response.headers,
            body: response.body
        )
        let path = file("node")
        let database = try Database(path: path, options: .init(synchronous: .off))
        let log = try enrolment.found(answer, database: database, random: random)
        return try TestNode(log: log, path: path, random: random, now: clock)
    }

    /// Copies a node's disk: the copy is a node of its own.
    func copy(_ node: TestNode) throws -> TestNode {
        let path = file("node")
        try node.log.database.backup(to: path)
        return try open(path)
    }

    private func open(_ path: String) throws -> TestNode {
        let random = source()
        let database = try Database(path: path, options: .init(synchronous: .off))
        let log = try Log.open(database: database, random: random)
        return try TestNode(log: log, path: path, random: random, now: clock)
    }

    /// A copy of headquarters' log, to go back to.
    func backupHeadquarters() throws -> String {
        let path = file("hq")
        try hq.log.database.backup(to: path)
        return path
    }

    /// Headquarters goes back to a copy; its keys file survived, or is the one given.
    func restoreHeadquarters(_ path: String, isKnown: Bool) throws {
        let log = try Log.open(
            database: Database(path: path, options: .init(synchronous: .off)),
            random: source()
        )
        let keys = try KeyStore(bytes: hq.savedKeys.value)
        hq = TestHeadquarters(log: log, keys: keys, now: clock)
        if isKnown { try log.write { try log.becomeRestored(at: wall) } }
    }

    /// A person confirms that nobody else will hand anything back.
    @discardableResult
    func confirm() throws -> Settlement {
        try hq.log.write { try hq.log.confirmRestored(shapes: hq.server.shapes, at: wall) }
    }

    // MARK: the line

    func serve(_ request: SyncRequest) throws -> SyncResponse {
        try hq.server.handle(
            method: request.method,
            target: request.target,
            headers: request.headers,
            body: request.body,
            now: wall
        )
    }

    /// One round of a node over a good line.
    @discardableResult
    func sync(_ node: TestNode, limit: Int = 500) throws -> RoundOutcome {
        node.client.begin(now: node.now())
        var count = 0
        while let request = try node.client.nextRequest(now: node.now()) {
            count += 1
            if count > limit { throw TestFault("the round does not end") }
            let response = try serve(request)
            try node.client.take(
                status: response.status,
                headers: response.headers,
                body: response.body,
                now: node.now()
            )
            wall = wall.adding(milliseconds: 20)
        }
        node.last = node.client.outcome
        node.events += node.client.outcome.events
        return node.last
    }

    /// Writes a sale at a node and moves the clock by a second.
    @discardableResult
    func sell(_ node: TestNode, _ branch: Int64, amount: Int64 = 100, id: ChangeID? = nil) throws
        -> ChangeID
    {
        wall = wall.adding(milliseconds: 1_000)
        return try node.write(
            TestKind.sale,
            TestKind.body(amount, id: id),
            for: [.neighbours(of: branch)]
        )
    }

    /// Sales that stand twice, less those that headquarters has set aside because they do.
    static func doubled(_ log: Log) throws -> [Int64] {
        let aside = Set(try log.reader.heldCommits().filter { $0.verdict == .unread }.map(\.id))
        var seen: Set<Int64> = []
        var twice: [Int64] = []
        try log.reader.forEachCommit(after: 0, limit: .max) { _, id, _, bytes in
            if aside.contains(id) { return }
            try CommitCodec.forEachChange(in: bytes) { _, _, kind, body in
                guard kind == TestKind.sale else { return }
                let amount = try BodyFields(body).integer(1)
                if !seen.insert(amount).inserted { twice.append(amount) }
            }
        }
        return twice
    }

    /// The amounts of all sales held, sorted: what must never be lost or doubled.
    static func amounts(_ log: Log) throws -> [Int64] {
        var amounts: [Int64] = []
        try log.reader.forEachCommit(after: 0, limit: .max) { _, _, _, bytes in
            try CommitCodec.forEachChange(in: bytes) { _, _, kind, body in
                if kind == TestKind.sale { amounts.append(try BodyFields(body).integer(1)) }
            }
        }
        return amounts.sorted()
    }
}
