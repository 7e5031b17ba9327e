// Pushing: the bodies of request and answer, each a map with unsigned keys.

package import Kernel
package import Replication
package import Wire

/// A claim to a new number: `[replica, incarnation, [common sequence, hash], divergent hash,
/// nonce]`; the hash null for a node that was restored or has a twin, and wrote nothing since.
package struct NumberClaim: Hashable, Sendable {
    package let replica: ReplicaNumber
    package let incarnation: [UInt8]
    package let common: ChainPoint
    package let firstDivergent: Digest32?
    /// 16 bytes that the client keeps until it has the number.
    package let nonce: [UInt8]

    package init(
        replica: ReplicaNumber,
        incarnation: [UInt8],
        common: ChainPoint,
        firstDivergent: Digest32?,
        nonce: [UInt8]
    ) {
        self.nonce = nonce
        self.replica = replica
        self.incarnation = incarnation
        self.common = common
        self.firstDivergent = firstDivergent
    }

    func write(to writer: inout CBORWriter) {
        writer.array(5)
        writer.integer(Int64(replica.rawValue))
        writer.bytes(incarnation)
        common.write(to: &writer)
        if let firstDivergent { writer.bytes(firstDivergent) } else { writer.null() }
        writer.bytes(nonce)
    }

    init(from reader: inout CBORReader) throws(WireFault) {
        try reader.array(of: 5)
        replica = try reader.replicaNumber()
        incarnation = try reader.bytes(exactly: 16)
        common = try ChainPoint(from: &reader)
        if reader.isNull {
            try reader.null()
            firstDivergent = nil
        } else {
            firstDivergent = try reader.digest()
        }
        nonce = try reader.bytes(exactly: 16)
    }
}

/// The body of `push` as a client writes it: {1: batches, 2: personal records, 3: commits handed
/// back, 4: cursor, 5: wall ms, 6: claim to a number, 7: spare numbers wanted, 8: what was
/// acknowledged, `[[replica, sequence, hash], …]`, 9: epoch, 10: the last point
/// of headquarters' order that an answer carried, 11: headquarters' seal on it}.
package struct PushRequest: Sendable {
    package var batches: [SignedBatch] = []
    package var personal: [WirePersonal] = []
    /// Ascending by id.
    package var handedBack: [StampedCommit] = []
    package var cursor: SyncCursor?
    package var wall = WallTime(milliseconds: 0)
    package var claim: NumberClaim?
    package var sparesWanted = 0
    package var acknowledged: [(replica: ReplicaNumber, point: ChainPoint)] = []
    /// The number that headquarters wrote under when it gave the cursor and the acknowledgements.
    package var epoch = ReplicaNumber(0)
    package var seen: LogPoint?
    package var seal: OrderSeal?

    package init() {}

    /// The canonical body.
    package var body: [UInt8] {
        let size = batches.reduce(256) { $1.commits.reduce($0) { $0 + $1.count + 5 } }
        var writer = CBORWriter(capacity: size)
        let optional = [cursor != nil, claim != nil, seen != nil, seal != nil]
        writer.map(7 + optional.count(where: \.self))
        writer.key(1)
        writer.list(batches) { $0.write(to: &$1) }
        writer.key(2)
        writer.list(personal) { $0.write(to: &$1) }
        writer.key(3)
        writer.list(handedBack) { $0.write(to: &$1) }
        if let cursor {
            writer.key(4)
            cursor.write(to: &writer)
        }
        writer.key(5)
        writer.integer(wall.milliseconds)
        if let claim {
            writer.key(6)
            claim.write(to: &writer)
        }
        writer.key(7)
        writer.integer(Int64(sparesWanted))
        writer.key(8)
        writer.list(acknowledged) { item, writer in
            writer.array(3)
            writer.integer(Int64(item.replica.rawValue))
            writer.integer(Int64(item.point.sequence))
            writer.bytes(item.point.hash)
        }
        writer.key(9)
        writer.integer(Int64(epoch.rawValue))
        if let seen {
            writer.key(10)
            seen.write(to: &writer)
        }
        if let seal {
            writer.key(11)
            seal.write(to: &writer)
        }
        return writer.bytes
    }
}

/// The body of `push` as headquarters reads it; its commits lie in the bytes that were read.
struct IncomingPush {
    var batches: [IncomingBatch] = []
    var personal: [WirePersonal] = []
    var handedBack: [StampedCommit] = []
    var cursor: SyncCursor?
    var wall: WallTime?
    var claim: NumberClaim?
    var sparesWanted = 0
    var acknowledged: [(replica: ReplicaNumber, point: ChainPoint)] = []
    var epoch = ReplicaNumber(0)
    var seen: LogPoint?
    var seal: OrderSeal?

    init(_ bytes: UnsafeRawBufferPointer) throws(WireFault) {
        var reader = CBORReader(bytes)
        try reader.fields { (key, reader) throws(WireFault) in try readField(key, &reader) }
        try reader.finish()
    }

    private mutating func readField(
        _ key: Int64,
        _ reader: inout CBORReader
    ) throws(WireFault) -> Bool {
        switch key {
        case 1:
            batches = try reader.list { (reader) throws(WireFault) in
                try SignedBatch.incoming(&reader)
            }
        case 2:
            personal = try reader.list { (reader) throws(WireFault) in
                try WirePersonal(from: &reader)
            }
        case 3:
            handedBack = try reader.list { (reader) throws(WireFault) in
                try StampedCommit(from: &reader)
            }
        case 4: cursor = try SyncCursor(from: &reader)
        case 5: wall = WallTime(milliseconds: try reader.integer())
        case 6: claim = try NumberClaim(from: &reader)
        case 7: sparesWanted = Int(try reader.unsigned(atMost: 8))
        case 8:
            acknowledged = try reader.list { (reader) throws(WireFault) in
                try reader.array(of: 3)
                let replica = try reader.replicaNumber()
                let sequence = try reader.sequence()
                return (replica, ChainPoint(sequence: sequence, hash: try reader.digest()))
            }
        case 9: epoch = try reader.replicaNumber()
        case 10: seen = try LogPoint(from: &reader)
        case 11: seal = try OrderSeal(from: &reader)
        default: return false
        }
        return true
    }
}

/// What a client says it was told.
struct PushClaims {
    var cursor: SyncCursor?
    var acknowledged: [(replica: ReplicaNumber, point: ChainPoint)] = []
    var epoch = ReplicaNumber(0)
    var seen: LogPoint?
    var seal: OrderSeal?
}

extension IncomingPush {
    var claims: PushClaims {
        PushClaims(
            cursor: cursor,
            acknowledged: acknowledged,
            epoch: epoch,
            seen: seen,
            seal: seal
        )
    }
}

/// What became of a batch, numbered for ever.
package enum BatchOutcome: Int64, Sendable {
    case taken = 0
    case known = 1
    /// What comes before is missing.
    case gap = 2
    /// Two histories stand under the number.
    case fork = 3
    case otherIncarnation = 4
    /// The bytes are not what the batch says of them.
    case broken = 5
    /// The signature is not its device's.
    case unsigned = 6
}

/// `[replica, outcome]`.
package struct BatchResult: Hashable, Sendable {
    package let replica: ReplicaNumber
    package let outcome: BatchOutcome

    package init(replica: ReplicaNumber, outcome: BatchOutcome) {
        self.replica = replica
        self.outcome = outcome
    }
}

/// The body of `pushed`: {1: acknowledgements, 2: personal records lacked, `[[commit, index], …]`,
/// 3: number given, 4: spare numbers, 5: headquarters' order, 6: wall ms, 7: results, 8: careful,
/// 9: how many changes were ruled forbidden, 10: how many commits wait for a person, 11: how many
/// handed-back commits wait beside a chain, 12: the seal on headquarters' order}.
package struct PushAnswer: Hashable, Sendable {
    package var acknowledgements: [Acknowledgement] = []
    package var missing: [PersonalPlace] = []
    package var number: ReplicaNumber?
    package var spares: [ReplicaNumber] = []
    package var head = LogPoint(position: 0, hash: .zero)
    package var wall = WallTime(milliseconds: 0)
    package var results: [BatchResult] = []
    package var isCareful = false
    package var forbidden = 0
    package var held = 0
    package var waiting = 0
    package var seal: OrderSeal?

    package init() {}

    /// The canonical body.
    package var body: [UInt8] {
        var writer = CBORWriter(capacity: 512)
        writer.map(10 + (number == nil ? 0 : 1) + (seal == nil ? 0 : 1))
        writer.key(1)
        writer.list(acknowledgements) { $0.write(to: &$1) }
        writer.key(2)
        writer.list(missing) { $0.write(to: &$1) }
        if let number {
            writer.key(3)
            writer.integer(Int64(number.rawValue))
        }
        writer.key(4)
        writer.list(spares) { $1.integer(Int64($0.rawValue)) }
        writer.key(5)
        head.write(to: &writer)
        writer.key(6)
        writer.integer(wall.milliseconds)
        writer.key(7)
        writer.list(results) { result, writer in
            writer.array(2)
            writer.integer(Int64(result.replica.rawValue))
            writer.integer(result.outcome.rawValue)
        }
        writer.key(8)
        writer.bool(isCareful)
        for (key, count) in [(9, forbidden), (10, held), (11, waiting)] {
            writer.key(key)
            writer.integer(Int64(count))
        }
        if let seal {
            writer.key(12)
            seal.write(to: &writer)
        }
        return writer.bytes
    }

    /// Reads the body.
    package init(body: [UInt8]) throws(WireFault) {
        try CBORReader.read(body) { (reader: inout CBORReader) throws(WireFault) in
            try reader.fields { (key, reader) throws(WireFault) in try readField(key, &reader) }
        }
    }

    private mutating func readField(
        _ key: Int64,
        _ reader: inout CBORReader
    ) throws(WireFault) -> Bool {
        switch key {
        case 1:
            acknowledgements = try reader.list { (reader) throws(WireFault) in
                try Acknowledgement(from: &reader)
            }
        case 2:
            missing = try reader.list { (reader) throws(WireFault) in
                try PersonalPlace(from: &reader)
            }
        case 3: number = try reader.replicaNumber()
        case 4:
            spares = try reader.list { (reader) throws(WireFault) in try reader.replicaNumber() }
        case 5: head = try LogPoint(from: &reader)
        case 6: wall = WallTime(milliseconds: try reader.integer())
        case 7:
            results = try reader.list { (reader) throws(WireFault) in
                try reader.array(of: 2)
                let replica = try reader.replicaNumber()
                guard let outcome = BatchOutcome(rawValue: try reader.integer()) else {
                    throw reader.fault(.invalidValue)
                }
                return BatchResult(replica: replica, outcome: outcome)
            }
        case 8: isCareful = try reader.bool()
        case 9: forbidden = Int(try reader.unsigned())
        case 10: held = Int(try reader.unsigned())
        case 11: waiting = Int(try reader.unsigned())
        case 12: seal = try OrderSeal(from: &reader)
        default: return false
        }
        return true
    }
}

/// The place of a personal record: `[commit, index]`.
package struct PersonalPlace: Hashable, Sendable {
    package static let placesMax = 1_000
    package let commit: ChangeID
    package let index: Int

    package init(commit: ChangeID, index: Int) {
        self.commit = commit
        self.index = index
    }

    func write(to writer: inout CBORWriter) {
        writer.array(2)
        writer.integer(commit.rawValue)
        writer.integer(Int64(index))
    }

    init(from reader: inout CBORReader) throws(WireFault) {
        try reader.array(of: 2)
        commit = try reader.changeID()
        index = Int(try reader.unsigned(atMost: 65_535))
    }
}
