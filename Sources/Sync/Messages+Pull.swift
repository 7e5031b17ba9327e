// Pulling and being refused: the bodies of these messages, each a map with unsigned keys.

package import Kernel
package import Replication
package import Wire

/// The body of `pull`: {1: cursor, 2: audiences, 3: bytes at most, 4: own chains held,
/// `[[replica, last], …]`, 5: personal records lacked, 6: `[position, H(audiences)]` reached of
/// what a grown set holds at or below the cursor, 7: H(audiences) after a wipe, 8: questions after
/// what was delivered, 9: commits that were lost or damaged here and are mended}.
package struct PullRequest: Hashable, Sendable {
    package static let mendedMax = 1_024
    package var cursor = SyncCursor(point: LogPoint(position: 0, hash: .zero), audiences: .zero)
    /// The list whose hash stands in the cursor.
    package var audiences: [Audience] = []
    /// Unit: bytes of commits after which an answer ends, with the act it is in.
    package var bytesMax = 1 << 20
    package var own: [(replica: ReplicaNumber, last: UInt32)] = []
    package var missing: [PersonalPlace] = []
    /// Nil where nothing older is being fetched.
    package var backfill: LogPoint?
    /// The hash of the list that is left after a wipe: the receipt for it.
    package var wiped: Digest32?
    package var questions: [DigestQuestion] = []
    package var mended: [ChangeID] = []

    package init() {}

    /// The canonical body.
    package var body: [UInt8] {
        var writer = CBORWriter(capacity: 256)
        let optional = [
            backfill != nil, wiped != nil, !questions.isEmpty, !mended.isEmpty,
        ]
        writer.map(5 + optional.count(where: \.self))
        writer.key(1)
        cursor.write(to: &writer)
        writer.key(2)
        writer.write(audiences)
        writer.key(3)
        writer.integer(Int64(bytesMax))
        writer.key(4)
        writer.list(own) { chain, writer in
            writer.array(2)
            writer.integer(Int64(chain.replica.rawValue))
            writer.integer(Int64(chain.last))
        }
        writer.key(5)
        writer.list(missing) { $0.write(to: &$1) }
        if let backfill {
            writer.key(6)
            backfill.write(to: &writer)
        }
        if let wiped {
            writer.key(7)
            writer.bytes(wiped)
        }
        if !questions.isEmpty {
            writer.key(8)
            writer.list(questions) { $0.write(to: &$1) }
        }
        if !mended.isEmpty {
            writer.key(9)
            writer.list(mended) { $1.integer($0.rawValue) }
        }
        return writer.bytes
    }

    /// Reads the body.
    package init(body: [UInt8]) throws(WireFault) {
        try CBORReader.read(body) { (reader: inout CBORReader) throws(WireFault) in
            try reader.fields { (key, reader) throws(WireFault) in try readField(key, &reader) }
        }
        guard missing.count <= PersonalPlace.placesMax, audiences.count <= 1_024,
            questions.count <= DigestQuestion.questionsMax,
            mended.count <= PullRequest.mendedMax
        else { throw WireFault(.tooLong, offset: 0) }
    }

    private mutating func readField(
        _ key: Int64,
        _ reader: inout CBORReader
    ) throws(WireFault) -> Bool {
        switch key {
        case 1: cursor = try SyncCursor(from: &reader)
        case 2: audiences = try reader.audiences()
        case 3: bytesMax = Int(try reader.unsigned(atMost: Int64(Limits.bodyInflatedMax)))
        case 4:
            own = try reader.list { (reader) throws(WireFault) in
                try reader.array(of: 2)
                return (try reader.replicaNumber(), try reader.sequence())
            }
        case 5:
            missing = try reader.list { (reader) throws(WireFault) in
                try PersonalPlace(from: &reader)
            }
        case 6: backfill = try LogPoint(from: &reader)
        case 7: wiped = try reader.digest()
        case 8:
            questions = try reader.list { (reader) throws(WireFault) in
                try DigestQuestion(from: &reader)
            }
        case 9: mended = try reader.ids()
        default: return false
        }
        return true
    }

    package static func == (left: PullRequest, right: PullRequest) -> Bool {
        left.body == right.body
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(body) }
}

/// The body of `pulled`: {1: the cursor's new point, 2: commits, 3: personal records, 4: audiences
/// now, 5: more is there, 6: the set shrank, 7: position reached of what is older, 8:
/// headquarters' order, 9: wall ms, 10: acknowledgements, 11: what was asked after adds up to,
/// 12: commits that headquarters withholds now, 13: the commits that were asked for, 14: the seal
/// on headquarters' order}.
package struct PullAnswer: Hashable, Sendable {
    package var point = LogPoint(position: 0, hash: .zero)
    package var commits: [StampedCommit] = []
    package var personal: [WirePersonal] = []
    package var audiences: [Audience] = []
    package var hasMore = false
    /// True where the device must delete what the audiences in key 4 do not see, before anything
    /// else.
    package var isShrunk = false
    /// Nil where nothing older is being fetched, or all of it came.
    package var backfill: Int64?
    package var head = LogPoint(position: 0, hash: .zero)
    package var wall = WallTime(milliseconds: 0)
    package var acknowledgements: [Acknowledgement] = []
    package var rows: [DigestRow] = []
    /// Of what the device may see; they count in no row.
    package var withheld: [ChangeID] = []
    /// The hash before each is given; personal records are asked for like any that lacks.
    package var named: [StampedCommit] = []
    package var seal: OrderSeal?

    package init() {}

    /// The canonical body.
    package var body: [UInt8] {
        let size = commits.reduce(512) { $0 + $1.bytes.count + 64 }
        var writer = CBORWriter(capacity: size)
        let optional = [
            backfill != nil, !rows.isEmpty, !withheld.isEmpty, !named.isEmpty, seal != nil,
        ]
        writer.map(9 + optional.count(where: \.self))
        writer.key(1)
        point.write(to: &writer)
        writer.key(2)
        writer.list(commits) { $0.write(to: &$1) }
        writer.key(3)
        writer.list(personal) { $0.write(to: &$1) }
        writer.key(4)
        writer.write(audiences)
        writer.key(5)
        writer.bool(hasMore)
        writer.key(6)
        writer.bool(isShrunk)
        if let backfill {
            writer.key(7)
            writer.integer(backfill)
        }
        writer.key(8)
        head.write(to: &writer)
        writer.key(9)
        writer.integer(wall.milliseconds)
        writer.key(10)
        writer.list(acknowledgements) { $0.write(to: &$1) }
        writeDigests(to: &writer)
        return writer.bytes
    }

    private func writeDigests(to writer: inout CBORWriter) {
        if !rows.isEmpty {
            writer.key(11)
            writer.list(rows) { $0.write(to: &$1) }
        }
        if !withheld.isEmpty {
            writer.key(12)
            writer.list(withheld) { $1.integer($0.rawValue) }
        }
        if !named.isEmpty {
            writer.key(13)
            writer.list(named) { $0.write(to: &$1) }
        }
        if let seal {
            writer.key(14)
            seal.write(to: &writer)
        }
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
        case 1: point = try LogPoint(from: &reader)
        case 2:
            commits = try reader.list { (reader) throws(WireFault) in
                try StampedCommit(from: &reader)
            }
        case 3:
            personal = try reader.list { (reader) throws(WireFault) in
                try WirePersonal(from: &reader)
            }
        case 4: audiences = try reader.audiences()
        case 5: hasMore = try reader.bool()
        case 6: isShrunk = try reader.bool()
        case 7: backfill = try reader.unsigned()
        case 8: head = try LogPoint(from: &reader)
        case 9: wall = WallTime(milliseconds: try reader.integer())
        case 10:
            acknowledgements = try reader.list { (reader) throws(WireFault) in
                try Acknowledgement(from: &reader)
            }
        case 11:
            rows = try reader.list { (reader) throws(WireFault) in
                try DigestRow(from: &reader)
            }
        case 12: withheld = try reader.ids()
        case 13:
            named = try reader.list { (reader) throws(WireFault) in
                try StampedCommit(from: &reader)
            }
        case 14: seal = try OrderSeal(from: &reader)
        default: return false
        }
        return true
    }
}

/// The body of `refused`: {1: code, 2: English text, 3: seconds to wait, 4: headquarters' order}.
package struct RefusedAnswer: Hashable, Sendable {
    package var refusal = SyncRefusal.malformed
    /// Unit: seconds; 0 where waiting does not help.
    package var retryAfter = 0
    /// Nil where the request was not authenticated.
    package var head: LogPoint?
    /// What exactly was wrong, such as the limit and its value; it is written and not read.
    package var detail = ""

    package init(
        _ refusal: SyncRefusal,
        retryAfter: Int = 0,
        head: LogPoint? = nil,
        detail: String = ""
    ) {
        self.detail = detail
        self.refusal = refusal
        self.retryAfter = retryAfter
        self.head = head
    }

    /// The canonical body.
    package var body: [UInt8] {
        var writer = CBORWriter(capacity: 128)
        writer.map(head == nil ? 3 : 4)
        writer.key(1)
        writer.integer(refusal.rawValue)
        writer.key(2)
        writer.text(refusal.english(detail))
        writer.key(3)
        writer.integer(Int64(retryAfter))
        if let head {
            writer.key(4)
            head.write(to: &writer)
        }
        return writer.bytes
    }

    /// Reads the body; a code of newer software reads as `malformed`.
    package init(body: [UInt8]) throws(WireFault) {
        try CBORReader.read(body) { (reader: inout CBORReader) throws(WireFault) in
            try reader.fields { (key, reader) throws(WireFault) in
                switch key {
                case 1: refusal = SyncRefusal(rawValue: try reader.integer()) ?? .malformed
                case 3: retryAfter = Int(try reader.unsigned(atMost: 86_400))
                case 4: head = try LogPoint(from: &reader)
                default: return false
                }
                return true
            }
        }
    }
}
