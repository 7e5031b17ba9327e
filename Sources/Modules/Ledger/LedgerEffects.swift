// Ledger: what the books were told of and no posting covers, and what one covers: effects in two
// tables of one shape, those of 32 neighbouring changes in one row.
// Must not know what holds or is posted; it keeps and hands out.

import Kernel
import Module
import Replication
import SQLite
import Wire

/// What a change means for the books, as the views keep it.
struct KeptEffect {
    let id: ChangeID
    let day: DayKey
    /// The posting that covers it, nil where none does.
    var posting: ChangeID?
    var lines: [LedgerLine]

    func isBefore(_ other: KeptEffect) -> Bool {
        (day.entity, id, day.group.rawValue)
            < (other.day.entity, other.id, other.day.group.rawValue)
    }
}

/// An effect of a batch that is not written yet; its lines lie among those of the batch.
///
/// Why: a thousand arrays that live until the batch is written cost more than all they hold.
struct BatchedEffect {
    let id: ChangeID
    let day: DayKey
    let posting: ChangeID?
    var lines: Range<Int>

    func isBefore(_ other: BatchedEffect) -> Bool {
        (day.entity, id, day.group.rawValue)
            < (other.day.entity, other.id, other.day.group.rawValue)
    }
}

/// The bytes of a chunk: effects by ascending change and group, one CBOR item after the other.
///
/// Shape of an effect: place of the change in its chunk, group, branch, day number, posting or 0,
/// and the lines as `LineBlob` has them.
enum EffectChunk {
    /// How many neighbouring changes of a replica lie in one chunk.
    static let changesPerChunk: Int64 = 32

    static func number(of id: ChangeID) -> Int64 { id.rawValue >> 5 }

    /// The chunk that begins with the change or later, as a query needs it.
    static func numbers(of range: ClosedRange<ChangeID>) -> ClosedRange<Int64> {
        number(of: range.lowerBound)...number(of: range.upperBound)
    }

    static func append(_ effect: KeptEffect, to writer: inout CBORWriter) {
        appendHead(effect.id, effect.day, effect.posting, to: &writer)
        LineBlob.write(effect.lines[...], to: &writer)
    }

    static func append(
        _ effect: BatchedEffect,
        of lines: [LedgerLine],
        to writer: inout CBORWriter
    ) {
        appendHead(effect.id, effect.day, effect.posting, to: &writer)
        LineBlob.write(lines[effect.lines], to: &writer)
    }

    private static func appendHead(
        _ id: ChangeID,
        _ day: DayKey,
        _ posting: ChangeID?,
        to writer: inout CBORWriter
    ) {
        writer.integer(id.rawValue & (changesPerChunk - 1))
        writer.integer(day.group.rawValue)
        writer.integer(day.branch)
        writer.integer(Int64(day.date.dayNumber))
        writer.integer(posting?.rawValue ?? 0)
    }

    /// Calls `body` with each effect of a chunk.
    static func forEach(
        _ bytes: UnsafeRawBufferPointer,
        entity: Int64,
        chunk: Int64,
        _ body: (KeptEffect) throws -> Void
    ) throws {
        var reader = CBORReader(bytes)
        while !reader.isAtEnd {
            let id = ChangeID(chunk * changesPerChunk + (try reader.unsigned(atMost: 31)))
            guard let group = VoucherGroup(rawValue: try reader.integer()) else {
                throw reader.fault(.invalidValue)
            }
            let branch = try reader.integer()
            let date = try reader.date()
            let posting = try reader.unsigned()
            try body(
                KeptEffect(
                    id: id,
                    day: DayKey(entity: entity, branch: branch, date: date, group: group),
                    posting: posting == 0 ? nil : ChangeID(posting),
                    lines: try LineBlob.read(&reader)
                )
            )
        }
    }

    /// The change of the last effect of a chunk, without reading lines.
    static func last(_ bytes: UnsafeRawBufferPointer, chunk: Int64) throws(WireFault) -> ChangeID {
        var reader = CBORReader(bytes)
        var last: Int64 = 0
        while !reader.isAtEnd {
            last = try reader.unsigned(atMost: 31)
            for _ in 0..<5 { _ = try reader.skip() }
        }
        return ChangeID(chunk * changesPerChunk + last)
    }
}

/// One table of effects.
struct EffectStore {
    private let select: String
    private let upsert: String
    private let delete: String
    private var writer = CBORWriter(capacity: 4_096)

    init(_ table: String) {
        select =
            "SELECT chunk, entries FROM " + table
            + " WHERE entity = ?1 AND chunk BETWEEN ?2 AND ?3 ORDER BY chunk"
        upsert =
            "INSERT INTO " + table + "(entity, chunk, entries) VALUES(?1, ?2, ?3) "
            + "ON CONFLICT DO UPDATE SET entries = excluded.entries"
        delete = "DELETE FROM " + table + " WHERE entity = ?1 AND chunk = ?2"
    }

    /// Calls `body` with the effects of an entity whose changes lie in a range, in order.
    func forEach(
        _ entity: Int64,
        _ range: ClosedRange<ChangeID>,
        _ views: Database,
        _ body: (KeptEffect) throws -> Void
    ) throws {
        let chunks = EffectChunk.numbers(of: range)
        let statement = try views.statement(text: select)
        statement.bind(1, entity)
        statement.bind(2, chunks.lowerBound)
        statement.bind(3, chunks.upperBound)
        try statement.forEach { row in
            let chunk = row.integer(0)
            try EffectChunk.forEach(row.borrowedBytes(1), entity: entity, chunk: chunk) {
                if range.contains($0.id) { try body($0) }
            }
        }
    }

    /// Adds effects that the table lacks; they ascend by entity, change and group.
    mutating func insert(_ effects: [KeptEffect], _ views: Database) throws {
        var lines: [LedgerLine] = []
        let batch = effects.map { effect in
            let start = lines.count
            lines += effect.lines
            return BatchedEffect(
                id: effect.id,
                day: effect.day,
                posting: effect.posting,
                lines: start..<lines.count
            )
        }
        try insert(batch, of: lines, views)
    }

    /// As above, of a batch whose lines lie in `lines`.
    mutating func insert(
        _ effects: [BatchedEffect],
        of lines: [LedgerLine],
        _ views: Database
    ) throws {
        var start = 0
        while start < effects.count {
            let entity = effects[start].day.entity
            let chunk = EffectChunk.number(of: effects[start].id)
            var end = start + 1
            while end < effects.count, effects[end].day.entity == entity,
                EffectChunk.number(of: effects[end].id) == chunk
            {
                end += 1
            }
            try insert(effects[start..<end], of: lines, entity, chunk, views)
            start = end
        }
    }

    private mutating func insert(
        _ effects: ArraySlice<BatchedEffect>,
        of lines: [LedgerLine],
        _ entity: Int64,
        _ chunk: Int64,
        _ views: Database
    ) throws {
        writer.removeAll()
        let reading = try views.statement(text: select)
        reading.bind(1, entity)
        reading.bind(2, chunk)
        reading.bind(3, chunk)
        defer { reading.reset() }
        if try reading.step() {
            let old = reading.borrowedBytes(1)
            if let first = effects.first, first.id > (try EffectChunk.last(old, chunk: chunk)) {
                writer.raw(old)
            } else {
                var all = effects.map { effect in
                    KeptEffect(
                        id: effect.id,
                        day: effect.day,
                        posting: effect.posting,
                        lines: Array(lines[effect.lines])
                    )
                }
                try EffectChunk.forEach(old, entity: entity, chunk: chunk) { all.append($0) }
                all.sort { $0.isBefore($1) }
                for effect in all { EffectChunk.append(effect, to: &writer) }
                reading.reset()
                return try write(entity, chunk, views)
            }
        }
        for effect in effects { EffectChunk.append(effect, of: lines, to: &writer) }
        reading.reset()
        try write(entity, chunk, views)
    }

    /// Takes the effects out whose changes lie in a range, and answers them in order.
    mutating func remove(
        _ entity: Int64,
        _ range: ClosedRange<ChangeID>,
        _ views: Database
    ) throws -> [KeptEffect] {
        let chunks = EffectChunk.numbers(of: range)
        let whole =
            ChangeID(
                chunks.lowerBound * EffectChunk.changesPerChunk
            )...ChangeID(
                (chunks.upperBound + 1) * EffectChunk.changesPerChunk - 1
            )
        var taken: [KeptEffect] = []
        var kept: [KeptEffect] = []
        try forEach(entity, whole, views) { effect in
            if range.contains(effect.id) { taken.append(effect) } else { kept.append(effect) }
        }
        var previous: Int64?
        for effect in taken {
            let chunk = EffectChunk.number(of: effect.id)
            if chunk == previous { continue }
            previous = chunk
            let deleting = try views.statement(text: delete)
            deleting.bind(1, entity)
            deleting.bind(2, chunk)
            try deleting.run()
            // Only the chunks at the two ends keep anything.
            writer.removeAll()
            for effect in kept where EffectChunk.number(of: effect.id) == chunk {
                EffectChunk.append(effect, to: &writer)
            }
            if writer.count > 0 { try write(entity, chunk, views) }
        }
        return taken
    }

    private func write(_ entity: Int64, _ chunk: Int64, _ views: Database) throws {
        let statement = try views.statement(text: upsert)
        statement.bind(1, entity)
        statement.bind(2, chunk)
        try writer.withUnsafeBytes { bytes in
            statement.bind(3, bytes)
            try statement.run()
        }
    }
}
