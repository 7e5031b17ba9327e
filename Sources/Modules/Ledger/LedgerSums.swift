// Ledger: what a batch adds to the sums of the view, by key.

import Kernel
import Module

/// A kind of voucher of a branch and business date: what one retail voucher is made of.
struct DayKey: Hashable, Comparable {
    let entity: Int64
    let branch: Int64
    let date: CivilDate
    let group: VoucherGroup

    static func < (left: DayKey, right: DayKey) -> Bool {
        (left.entity, left.branch, left.date, left.group.rawValue)
            < (right.entity, right.branch, right.date, right.group.rawValue)
    }
}

/// What a posting covers of one group at a branch.
struct SettledKey: Hashable, Comparable {
    let posting: ChangeID
    let branch: Int64
    let group: VoucherGroup

    static func < (left: SettledKey, right: SettledKey) -> Bool {
        (left.posting, left.branch, left.group.rawValue)
            < (right.posting, right.branch, right.group.rawValue)
    }
}

/// What keeps the lines of a day apart.
struct LineKey: Hashable, Comparable {
    let role: LedgerRole
    let side: LedgerLine.Side
    let rate: Rate
    let tender: Int64
    let party: Int64

    init(_ line: LedgerLine) {
        role = line.role
        side = line.side
        rate = line.rate
        tender = line.tender
        party = line.party
    }

    init(
        role: LedgerRole,
        side: LedgerLine.Side,
        rate: Rate,
        tender: Int64,
        party: Int64
    ) {
        self.role = role
        self.side = side
        self.rate = rate
        self.tender = tender
        self.party = party
    }

    static func < (left: LineKey, right: LineKey) -> Bool {
        (left.side.rawValue, left.role.rawValue, left.rate, left.tender, left.party)
            < (right.side.rawValue, right.role.rawValue, right.rate, right.tender, right.party)
    }

    /// Lays role, side, rate, tender and party into a key from `index` on.
    func lay(into key: inout [Int64], from index: Int) {
        key[index] = role.rawValue
        key[index + 1] = side.rawValue
        key[index + 2] = rate.rawValue
        key[index + 3] = tender
        key[index + 4] = party
    }
}

/// An amount and the number of lines behind it.
struct LineSum {
    var amount: Int128 = 0
    var count: Int128 = 0
}

/// The sums of a batch by day, then by line.
///
/// Why: the lines of one day come together, so that the long key is hashed once an effect.
struct SumBook<Key: Hashable & Comparable> {
    private var places: [Key: Int] = [:]
    private var books: [LineBook] = []
    private var last: (key: Key, place: Int)?

    /// Adds lines, or takes them away.
    mutating func add(_ lines: [LedgerLine], _ key: Key, sign: Int128) {
        let place = place(of: key)
        for line in lines {
            books[place].add(LineKey(line), sign * Int128(line.amount.rawValue), sign)
        }
    }

    private mutating func place(of key: Key) -> Int {
        if let last, last.key == key { return last.place }
        let place: Int
        if let known = places[key] {
            place = known
        } else {
            place = books.count
            places[key] = place
            books.append(LineBook())
        }
        last = (key, place)
        return place
    }

    /// All sums that are not nothing, by key and line.
    func sorted() -> [(key: Key, line: LineKey, sum: LineSum)] {
        var rows: [(key: Key, line: LineKey, sum: LineSum)] = []
        for (key, place) in places.sorted(by: { $0.key < $1.key }) {
            for (line, sum) in books[place].rows.sorted(by: { $0.key < $1.key }) {
                if sum.count == 0, sum.amount == 0 { continue }
                rows.append((key, line, sum))
            }
        }
        return rows
    }

    mutating func removeAll() {
        places.removeAll(keepingCapacity: true)
        books.removeAll(keepingCapacity: true)
        last = nil
    }
}

/// The sums of the lines of one day.
///
/// Why: a day mostly has a dozen kinds of line, which are found sooner by looking than by hashing.
struct LineBook {
    private static let lookedThroughMax = 24
    private(set) var rows: [(key: LineKey, sum: LineSum)] = []
    private var places: [LineKey: Int] = [:]

    mutating func add(_ key: LineKey, _ amount: Int128, _ count: Int128) {
        let place = place(of: key)
        rows[place].sum.amount += amount
        rows[place].sum.count += count
    }

    private mutating func place(of key: LineKey) -> Int {
        let looked = min(rows.count, LineBook.lookedThroughMax)
        for place in 0..<looked where rows[place].key == key { return place }
        if let known = places[key] { return known }
        let place = rows.count
        rows.append((key, LineSum()))
        if place >= LineBook.lookedThroughMax { places[key] = place }
        return place
    }
}
