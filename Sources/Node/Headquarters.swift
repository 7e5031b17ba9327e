// Headquarters' side of sync: the server wired to the engine, its keys in a file of their own.
// Must not open sockets.

import Kernel
import Module
package import Replication
import SQLite
package import Sync

/// Headquarters at work.
///
/// Not thread safe: it belongs to the node's writer thread.
package final class Headquarters {
    package let engine: NodeEngine
    package let server: SyncServer
    /// How far projection may lag before devices are asked to come later.
    ///
    /// Unit: commits.
    private static let lagMax: Int64 = 200_000
    /// What was written last of each device that was heard of.
    private var noted: [Int64: (at: WallTime, news: DeviceNews?)] = [:]
    /// How often that was written since this began.
    package private(set) var notedCount = 0

    /// Wires the server of an engine; the keys are read from `keys`, or made before the first
    /// device enrols.
    ///
    /// Throws: `NodeFault` where devices are enrolled and there are no keys: new ones would lock
    /// them all out.
    package init(engine: NodeEngine) throws {
        self.engine = engine
        try engine.prepareContacts()
        let storage = engine.storage
        let keys: KeyStore
        if let bytes = try storage.read("keys") {
            keys = try KeyStore(bytes: bytes)
        } else if try !engine.log.devices().isEmpty {
            throw NodeFault(
                .refused,
                LocalText("已注册设备的密钥不见了", "the keys of the enrolled devices are missing"),
                nextStep: LocalText(
                    "请把另存的 keys 文件副本放入目录",
                    "put the copy of the file `keys` that is kept apart into the directory"
                )
            )
        } else {
            keys = KeyStore(random: engine.random)
            try storage.write("keys", keys.bytes, isDurable: true)
        }
        server = SyncServer(
            log: engine.log,
            keys: keys,
            rights: SyncWiring.rights(engine.modules),
            shapes: SyncWiring.shapes(engine.modules),
            surroundings: Headquarters.surroundings(engine),
            saveKeys: { try storage.write("keys", $0.bytes, isDurable: true) }
        )
    }

    private static func surroundings(_ engine: NodeEngine) -> Surroundings {
        Surroundings(
            projectedThrough: { engine.projector.position },
            protectedThrough: {
                (try? engine.log.reader.metaInteger("protected_position")).flatMap(\.self) ?? 0
            },
            judgedThrough: { engine.projector.position },
            withheld: { Set(try engine.projector.quarantined().map(\.id)) },
            audiences: { try SyncWiring.audiences(of: $0, engine) },
            retryAfter: { engine.log.end - engine.projector.position > lagMax ? 2 : nil }
        )
    }

    /// Answers a request of a device.
    package func answer(
        method: String,
        target: String,
        headers: [(name: String, value: String)],
        body: [UInt8]
    ) throws -> SyncResponse {
        let now = engine.clock.now()
        let response = try server.handle(
            method: method,
            target: target,
            headers: headers,
            body: body,
            now: now
        )
        if let device = response.device, let record = try engine.log.device(device) {
            try note(record, server.takeNews(), at: now)
        }
        try engine.forgetErased()
        return response
    }

    /// Keeps that a device was heard of, and what it said: at once where that is new, else once a
    /// minute.
    ///
    /// Why: each of these writes waits for the disk, and nobody asks for the second.
    private func note(_ device: DeviceRecord, _ news: DeviceNews?, at now: WallTime) throws {
        var told = news
        // A clock that runs a little differently at each request is no news.
        told?.aheadMs = news?.aheadMs.map { $0 / 60_000 }
        if let last = noted[device.id], news == nil || told == last.news,
            (0..<60_000).contains(now.milliseconds - last.at.milliseconds)
        {
            return
        }
        try engine.log.database.transaction(.immediate) {
            if device.branch != 0 { try engine.noteContact(of: device.branch, at: now) }
            if let news { try engine.note(news, at: now) }
        }
        noted[device.id] = (now, told ?? noted[device.id]?.news)
        notedCount += 1
    }
}

/// What the modules say of their kinds, in the words of sync.
package enum SyncWiring {
    /// Who may write which kind.
    package static func rights(_ modules: ModuleList) -> WriteRights {
        var table: [Kind: WriteAuthority] = [:]
        var branchKeys: [Kind: Int64] = [:]
        for definition in modules.modules.flatMap(\.kinds) {
            if let field = definition.fields.first(where: { $0.name == "branch" }) {
                branchKeys[definition.kind] = field.key
            }
            table[definition.kind] =
                switch definition.authority {
                case .anyNode: .anyNode
                case .ownBranch: .ownBranch
                case .headquarters: .headquarters
                }
        }
        return WriteRights(table, branchKeys: branchKeys)
    }

    /// Where ids stand in bodies.
    package static func shapes(_ modules: ModuleList) -> BodyShapes {
        var places: [Kind: BodyPlace] = [:]
        for definition in modules.modules.flatMap(\.kinds) {
            var fields: [Int64: BodyPlace] = [:]
            for field in definition.fields {
                fields[field.key] = BodyPlace(type: field.type, unit: field.unit)
            }
            places[definition.kind] = .map(fields)
        }
        return BodyShapes(places)
    }

    /// What a device may see: everyone's, its branch's, its neighbours', and its person's.
    package static func audiences(
        of device: DeviceRecord,
        _ engine: NodeEngine
    ) throws -> [Audience] {
        var audiences: [Audience] = [.everyone]
        if device.branch != 0 {
            audiences.append(.branch(device.branch))
            audiences.append(.neighbours(of: device.branch))
            let neighbours = try engine.modules.questions.catalog.neighbours(
                of: device.branch,
                on: engine.clock.now().date(),
                engine.views
            )
            audiences += neighbours.map { Audience.neighbours(of: $0) }
        }
        if device.person != 0 { audiences.append(.person(device.person)) }
        return audiences.sorted()
    }
}
