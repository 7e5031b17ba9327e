// Saying hello: the bodies of request and answer, each a map with unsigned keys.
// A key that is not known is passed over; a missing one is an empty list, zero or absent.

package import Kernel
package import Replication
package import Wire

/// One number in a hello: `[replica, incarnation, last, head hash, acknowledged]`, the last one
/// `[sequence, hash]`, or null where nothing was acknowledged.
package struct HelloChain: Hashable, Sendable {
    package let head: Head
    package let acknowledged: ChainPoint?

    package init(head: Head, acknowledged: ChainPoint?) {
        self.head = head
        self.acknowledged = acknowledged
    }

    func write(to writer: inout CBORWriter) {
        writer.array(5)
        writer.integer(Int64(head.replica.rawValue))
        writer.bytes(head.incarnation)
        writer.integer(Int64(head.last))
        writer.bytes(head.hash)
        if let acknowledged { acknowledged.write(to: &writer) } else { writer.null() }
    }

    init(from reader: inout CBORReader, device: Int64) throws(WireFault) {
        try reader.array(of: 5)
        head = Head(
            replica: try reader.replicaNumber(),
            incarnation: try reader.bytes(exactly: 16),
            device: device,
            last: try reader.sequence(),
            hash: try reader.digest()
        )
        if reader.isNull {
            try reader.null()
            acknowledged = nil
        } else {
            acknowledged = try ChainPoint(from: &reader)
        }
    }
}

/// Points of a chain that a client asks after: `[replica, [[sequence, hash], …]]`, ascending.
package struct Probe: Hashable, Sendable {
    package static let pointsMax = 64
    package let replica: ReplicaNumber
    package let points: [ChainPoint]

    package init(replica: ReplicaNumber, points: [ChainPoint]) {
        self.replica = replica
        self.points = points
    }
}

/// The body of `hello`: {1: chains, 2: current number, 3: cursor, 4: wall ms, 5: session used
/// last, 6: probes, 7: points of headquarters' order kept, 8: epoch,
/// 9: the last point of headquarters' order that an answer carried, 10: headquarters' seal on it}.
package struct HelloRequest: Hashable, Sendable {
    package static let keptMax = 64
    package static let chainsMax = 1_024
    package var chains: [HelloChain] = []
    package var current = ReplicaNumber(0)
    package var cursor: SyncCursor?
    package var wall = WallTime(milliseconds: 0)
    package var session: [UInt8] = Signature.noSession
    package var probes: [Probe] = []
    /// Ascending by position.
    package var kept: [LogPoint] = []
    /// The number that headquarters wrote under when the cursor was given.
    package var epoch = ReplicaNumber(0)
    package var seen: LogPoint?
    package var seal: OrderSeal?

    package init() {}

    /// The canonical body.
    package var body: [UInt8] {
        var writer = CBORWriter(capacity: 512)
        let optional = [cursor != nil, seen != nil, seal != nil]
        writer.map(7 + optional.count(where: \.self))
        writer.key(1)
        writer.list(chains) { $0.write(to: &$1) }
        writer.key(2)
        writer.integer(Int64(current.rawValue))
        if let cursor {
            writer.key(3)
            cursor.write(to: &writer)
        }
        writer.key(4)
        writer.integer(wall.milliseconds)
        writer.key(5)
        writer.bytes(session)
        writer.key(6)
        writer.list(probes) { probe, writer in
            writer.array(2)
            writer.integer(Int64(probe.replica.rawValue))
            writer.list(probe.points) { $0.write(to: &$1) }
        }
        writer.key(7)
        writer.list(kept) { $0.write(to: &$1) }
        writer.key(8)
        writer.integer(Int64(epoch.rawValue))
        if let seen {
            writer.key(9)
            seen.write(to: &writer)
        }
        if let seal {
            writer.key(10)
            seal.write(to: &writer)
        }
        return writer.bytes
    }

    /// Reads the body; `device` is who signed it.
    package init(body: [UInt8], device: Int64) throws(WireFault) {
        try CBORReader.read(body) { (reader: inout CBORReader) throws(WireFault) in
            try reader.fields { (key, reader) throws(WireFault) in
                switch key {
                case 1:
                    chains = try reader.list { (reader) throws(WireFault) in
                        try HelloChain(from: &reader, device: device)
                    }
                case 2: current = try reader.replicaNumber()
                case 3: cursor = try SyncCursor(from: &reader)
                case 4: wall = WallTime(milliseconds: try reader.integer())
                case 5: session = try reader.bytes(exactly: 16)
                case 6: probes = try HelloRequest.readProbes(&reader)
                case 7:
                    kept = try reader.list { (reader) throws(WireFault) in
                        try LogPoint(from: &reader)
                    }
                case 8: epoch = try reader.replicaNumber()
                case 9: seen = try LogPoint(from: &reader)
                case 10: seal = try OrderSeal(from: &reader)
                default: return false
                }
                return true
            }
        }
        let isTooMuch = probes.contains { $0.points.count > Probe.pointsMax }
        guard kept.count <= HelloRequest.keptMax, probes.count <= 64, !isTooMuch,
            chains.count <= HelloRequest.chainsMax
        else { throw WireFault(.tooLong, offset: 0) }
    }

    private static func readProbes(_ reader: inout CBORReader) throws(WireFault) -> [Probe] {
        try reader.list { (reader) throws(WireFault) in
            try reader.array(of: 2)
            let replica = try reader.replicaNumber()
            let points = try reader.list { (reader) throws(WireFault) in
                try ChainPoint(from: &reader)
            }
            return Probe(replica: replica, points: points)
        }
    }
}

/// What headquarters finds of a number, numbered for ever.
package enum ChainVerdict: Int64, Sendable {
    /// Go on: its head is given, or nothing is known yet.
    case open = 0
    /// The client's head lies on the chain, behind its end: the node was restored.
    case restored = 1
    /// Another history stands under the number, or another incarnation.
    case fork = 2
    /// The session was crossed by a twin of the node.
    case twin = 3
    /// The number is not the device's, or is ended: into review.
    case review = 4
    /// Headquarters lacks what it acknowledged: push again.
    case lost = 5
}

/// A verdict: `[replica, verdict, incarnation, [last, hash]]`; zeros where nothing is known.
package struct ChainAnswer: Hashable, Sendable {
    package let replica: ReplicaNumber
    package let verdict: ChainVerdict
    /// Nil where headquarters knows nothing of the number.
    package let incarnation: [UInt8]?
    package let head: ChainPoint?

    package init(
        replica: ReplicaNumber,
        verdict: ChainVerdict,
        incarnation: [UInt8]?,
        head: ChainPoint?
    ) {
        self.replica = replica
        self.verdict = verdict
        self.incarnation = incarnation
        self.head = head
    }

    func write(to writer: inout CBORWriter) {
        writer.array(incarnation == nil ? 2 : 4)
        writer.integer(Int64(replica.rawValue))
        writer.integer(verdict.rawValue)
        if let incarnation, let head {
            writer.bytes(incarnation)
            head.write(to: &writer)
        }
    }

    init(from reader: inout CBORReader) throws(WireFault) {
        let count = try reader.array()
        replica = try reader.replicaNumber()
        guard count == 2 || count == 4,
            let verdict = ChainVerdict(rawValue: try reader.integer())
        else { throw reader.fault(.invalidValue) }
        self.verdict = verdict
        incarnation = count == 4 ? try reader.bytes(exactly: 16) : nil
        head = count == 4 ? try ChainPoint(from: &reader) : nil
    }
}

/// The body of `greeted`: {1: session, 2: verdicts, 3: headquarters' order, 4: wall ms, 5: last
/// sequences of the probes that are held, 6: cursor is held, 7: the last kept point that is held,
/// 8: careful, 9: heads of all chains, where headquarters was restored, 10: epoch,
/// 11: the session is stale, 12: the seal on headquarters' order, 13: what the client says it was
/// told is not on the log, and headquarters never said it}.
package struct HelloAnswer: Hashable, Sendable {
    package var session: [UInt8] = Signature.noSession
    package var chains: [ChainAnswer] = []
    package var head = LogPoint(position: 0, hash: .zero)
    package var wall = WallTime(milliseconds: 0)
    /// For each probe the last point that is held, nil where none is.
    package var probes: [UInt32?] = []
    package var isCursorHeld = true
    package var kept: LogPoint?
    package var isCareful = false
    /// `[replica, last, hash]`, ascending.
    package var heads: [(replica: ReplicaNumber, point: ChainPoint)] = []
    /// The number that headquarters writes under now.
    package var epoch = ReplicaNumber(0)
    /// True for a copy of the node that a twin has overtaken: it sends its tail, and takes another
    /// number.
    package var isStale = false
    package var seal: OrderSeal?
    /// True where the client must go back to the kept point, or to the beginning.
    package var isUnproven = false

    package init() {}

    /// The canonical body.
    package var body: [UInt8] {
        var writer = CBORWriter(capacity: 512)
        let optional = [kept != nil, seal != nil, isUnproven]
        writer.map(10 + optional.count(where: \.self))
        writer.key(1)
        writer.bytes(session)
        writer.key(2)
        writer.list(chains) { $0.write(to: &$1) }
        writer.key(3)
        head.write(to: &writer)
        writer.key(4)
        writer.integer(wall.milliseconds)
        writer.key(5)
        writer.list(probes) { last, writer in
            if let last { writer.integer(Int64(last)) } else { writer.null() }
        }
        writer.key(6)
        writer.bool(isCursorHeld)
        if let kept {
            writer.key(7)
            kept.write(to: &writer)
        }
        writer.key(8)
        writer.bool(isCareful)
        writer.key(9)
        writer.list(heads) { head, writer in
            writer.array(3)
            writer.integer(Int64(head.replica.rawValue))
            writer.integer(Int64(head.point.sequence))
            writer.bytes(head.point.hash)
        }
        writer.key(10)
        writer.integer(Int64(epoch.rawValue))
        writer.key(11)
        writer.bool(isStale)
        if let seal {
            writer.key(12)
            seal.write(to: &writer)
        }
        if isUnproven {
            writer.key(13)
            writer.bool(true)
        }
        return writer.bytes
    }

    /// Reads the body.
    package init(body: [UInt8]) throws(WireFault) {
        try CBORReader.read(body) { (reader: inout CBORReader) throws(WireFault) in
            try reader.fields { (key, reader) throws(WireFault) in
                try readField(key, &reader)
            }
        }
    }

    private mutating func readField(
        _ key: Int64,
        _ reader: inout CBORReader
    ) throws(WireFault) -> Bool {
        switch key {
        case 1: session = try reader.bytes(exactly: 16)
        case 2:
            chains = try reader.list { (reader) throws(WireFault) in
                try ChainAnswer(from: &reader)
            }
        case 3: head = try LogPoint(from: &reader)
        case 4: wall = WallTime(milliseconds: try reader.integer())
        case 5:
            probes = try reader.list { (reader) throws(WireFault) -> UInt32? in
                guard reader.isNull else { return try reader.sequence() }
                try reader.null()
                return nil
            }
        case 6: isCursorHeld = try reader.bool()
        case 7: kept = try LogPoint(from: &reader)
        case 8: isCareful = try reader.bool()
        case 9:
            heads = try reader.list { (reader) throws(WireFault) in
                try reader.array(of: 3)
                let replica = try reader.replicaNumber()
                let sequence = try reader.sequence()
                return (replica, ChainPoint(sequence: sequence, hash: try reader.digest()))
            }
        case 10: epoch = try reader.replicaNumber()
        case 11: isStale = try reader.bool()
        case 12: seal = try OrderSeal(from: &reader)
        case 13: isUnproven = try reader.bool()
        default: return false
        }
        return true
    }

    package static func == (left: HelloAnswer, right: HelloAnswer) -> Bool {
        left.body == right.body
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(body) }
}
