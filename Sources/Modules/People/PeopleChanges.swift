// What can happen to people: punches, grants and their end, with their bytes.

package import Kernel
package import Module
package import Wire

/// Bodies of changes from a few fields.
enum PeopleBody {
    /// A map with unsigned keys, ascending.
    static func map(_ fields: [(Int, CBORValue)]) -> [UInt8] {
        let entries = fields.sorted { $0.0 < $1.0 }.map { CBORValue.Entry(Int64($0.0), $0.1) }
        guard let bytes = try? CBORValue.map(entries).encoded() else {
            preconditionFailure("a body of plain fields can be encoded")
        }
        return bytes
    }

    /// The fields of a body by key.
    static func fields(_ body: UnsafeRawBufferPointer) throws(WireFault) -> [Int64: CBORValue] {
        var reader = CBORReader(body)
        let count = try reader.map()
        var values: [Int64: CBORValue] = [:]
        var previous: Int64?
        for _ in 0..<count {
            let key = try reader.nextKey(after: previous)
            previous = key
            values[key] = try CBORValue(from: &reader)
        }
        try reader.finish()
        return values
    }

    static func integer(
        _ fields: [Int64: CBORValue],
        _ key: Int64
    ) throws(WireFault) -> Int64 {
        guard case .integer(let value)? = fields[key] else {
            throw WireFault(.invalidValue, offset: 0)
        }
        return value
    }

    static func id(_ fields: [Int64: CBORValue], _ key: Int64) throws(WireFault) -> Int64 {
        let value = try integer(fields, key)
        guard value > 0, value < 1 << 53 else { throw WireFault(.invalidValue, offset: 0) }
        return value
    }

    /// A moment within the years 0001 to 9999.
    static func moment(
        _ fields: [Int64: CBORValue],
        _ key: Int64
    ) throws(WireFault) -> WallTime {
        let value = try integer(fields, key)
        guard value.magnitude < 253_402_300_800_000 else {
            throw WireFault(.invalidValue, offset: 0)
        }
        return WallTime(milliseconds: value)
    }
}

/// The kinds of punch, numbered for ever.
package enum PunchKind: Int64, Sendable, CaseIterable {
    case `in` = 1
    case out = 2
    case breakStart = 3
    case breakEnd = 4
}

/// How a person proved who punches, numbered for ever.
package enum PunchMethod: Int64, Sendable, CaseIterable {
    case pin = 1
    case badge = 2
    case code = 3
    case manager = 4
}

/// A punch of the time clock; never edited.
package struct PunchRecorded: Hashable, Sendable {
    package let person: Int64
    package let branch: Int64
    package let kind: PunchKind
    /// As the device's clock stood; the commit's clock tells how far it was off.
    package let at: WallTime
    package let method: PunchMethod
    package let note: String?

    package init(
        person: Int64,
        branch: Int64,
        kind: PunchKind,
        at: WallTime,
        method: PunchMethod,
        note: String?
    ) {
        self.person = person
        self.branch = branch
        self.kind = kind
        self.at = at
        self.method = method
        self.note = note
    }

    /// The canonical body.
    package var body: [UInt8] {
        var fields: [(Int, CBORValue)] = [
            (1, .integer(person)), (2, .integer(branch)), (3, .integer(kind.rawValue)),
            (4, .integer(at.milliseconds)), (5, .integer(method.rawValue)),
        ]
        if let note { fields.append((6, .text(note))) }
        return PeopleBody.map(fields)
    }

    /// Reads the body.
    package init(body: UnsafeRawBufferPointer) throws(WireFault) {
        let fields = try PeopleBody.fields(body)
        person = try PeopleBody.id(fields, 1)
        branch = try PeopleBody.id(fields, 2)
        guard let kind = PunchKind(rawValue: try PeopleBody.integer(fields, 3)),
            let method = PunchMethod(rawValue: try PeopleBody.integer(fields, 5))
        else { throw WireFault(.invalidValue, offset: 0) }
        self.kind = kind
        self.method = method
        at = try PeopleBody.moment(fields, 4)
        if case .text(let text)? = fields[6] { note = text } else { note = nil }
    }
}

/// What a grant gives.
package enum Given: Hashable, Sendable {
    /// The rights of a role, as they stand when asked.
    case role(Int64)
    /// Rights by their numbers, ascending; a number that is not known here permits nothing here.
    case rights([Int64])

    /// Rights without a role.
    package static func rights(_ rights: [Right]) -> Given {
        .rights(Set(rights.map(\.rawValue)).sorted())
    }
}

/// A role or rights for a person, at a branch or everywhere, for a time.
package struct RoleGranted: Hashable, Sendable {
    package let person: Int64
    package let given: Given
    /// 0 is everywhere.
    package let branch: Int64
    package let from: WallTime
    /// The first moment it no longer holds; nil is open.
    package let to: WallTime?

    package init(person: Int64, given: Given, branch: Int64, from: WallTime, to: WallTime?) {
        self.person = person
        self.given = given
        self.branch = branch
        self.from = from
        self.to = to
    }

    /// The canonical body.
    package var body: [UInt8] {
        var fields: [(Int, CBORValue)] = [
            (1, .integer(person)), (4, .integer(from.milliseconds)),
        ]
        switch given {
        case .role(let role): fields.append((2, .integer(role)))
        case .rights(let rights): fields.append((6, .array(rights.map { .integer($0) })))
        }
        if branch != 0 { fields.append((3, .integer(branch))) }
        if let to { fields.append((5, .integer(to.milliseconds))) }
        return PeopleBody.map(fields)
    }

    /// Reads the body.
    package init(body: UnsafeRawBufferPointer) throws(WireFault) {
        let fields = try PeopleBody.fields(body)
        person = try PeopleBody.id(fields, 1)
        branch = fields[3] == nil ? 0 : try PeopleBody.id(fields, 3)
        from = try PeopleBody.moment(fields, 4)
        to = fields[5] == nil ? nil : try PeopleBody.moment(fields, 5)
        switch (fields[2], fields[6]) {
        case (.some, nil): given = .role(try PeopleBody.id(fields, 2))
        case (nil, .some(.array(let items))):
            var rights: [Int64] = []
            for item in items {
                guard case .integer(let right) = item, right > (rights.last ?? 0) else {
                    throw WireFault(.invalidValue, offset: 0)
                }
                rights.append(right)
            }
            if rights.isEmpty { throw WireFault(.invalidValue, offset: 0) }
            given = .rights(rights)
        default: throw WireFault(.invalidValue, offset: 0)
        }
    }
}

/// A grant that ends at once.
package struct GrantRevoked: Hashable, Sendable {
    package let grant: Int64
    package let at: WallTime

    package init(grant: Int64, at: WallTime) {
        self.grant = grant
        self.at = at
    }

    /// The canonical body.
    package var body: [UInt8] {
        PeopleBody.map([(1, .integer(grant)), (2, .integer(at.milliseconds))])
    }

    /// Reads the body.
    package init(body: UnsafeRawBufferPointer) throws(WireFault) {
        let fields = try PeopleBody.fields(body)
        grant = try PeopleBody.id(fields, 1)
        at = try PeopleBody.moment(fields, 2)
    }
}

/// A grant that ends at once at one branch.
package struct GrantSuspended: Hashable, Sendable {
    package let grant: Int64
    package let branch: Int64
    package let at: WallTime

    package init(grant: Int64, branch: Int64, at: WallTime) {
        self.grant = grant
        self.branch = branch
        self.at = at
    }

    /// The canonical body.
    package var body: [UInt8] {
        PeopleBody.map([
            (1, .integer(grant)), (2, .integer(branch)), (3, .integer(at.milliseconds)),
        ])
    }

    /// Reads the body.
    package init(body: UnsafeRawBufferPointer) throws(WireFault) {
        let fields = try PeopleBody.fields(body)
        grant = try PeopleBody.id(fields, 1)
        branch = try PeopleBody.id(fields, 2)
        at = try PeopleBody.moment(fields, 3)
    }
}
