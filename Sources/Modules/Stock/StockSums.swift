// Stock: what is kept of a product at a place, and the costs of a batch.

import Kernel
import Module
import SQLite

/// What is kept of a product at a place: for each reason what came less what went, and when goods
/// were last received and sold.
struct StockSums {
    /// Day number of the last receipt and 1, or 0.
    static let lastReceived = 0
    /// Day number of the last sale and 1, or 0.
    static let lastSold = 1
    /// The first reason's sum; those of the others follow by number.
    private static let firstReason = 2
    static let rules: [SumRule] =
        [.greatest, .greatest] + Array(repeating: .sum, count: StockReason.allCases.count)

    private let values: [Int128]

    /// Takes an entry's values over.
    init(_ values: UnsafeBufferPointer<Int128>) { self.values = Array(values) }

    /// Adds a movement to the values of a batch.
    static func add(
        _ signed: Int128,
        _ reason: StockReason,
        _ day: Int32,
        to values: UnsafeMutableBufferPointer<Int128>
    ) {
        values[firstReason + Int(reason.rawValue) - 1] += signed
        if reason == .goodsReceipt, signed > 0 {
            values[lastReceived] = max(values[lastReceived], Int128(day) + 1)
        } else if reason == .sale, signed < 0 {
            values[lastSold] = max(values[lastSold], Int128(day) + 1)
        }
    }

    /// What is there: below zero where more went than came.
    var quantity: Int128 { values[Self.firstReason...].reduce(0, +) }

    /// What came less what went for a reason.
    func net(_ reason: StockReason) -> Int128 {
        values[Self.firstReason + Int(reason.rawValue) - 1]
    }

    /// The reasons with a sum that is not zero, by number.
    var reasons: [(reason: StockReason, net: Int128)] {
        StockReason.allCases.map { ($0, net($0)) }.filter { $0.1 != 0 }
    }

    /// The date at a place of the values, nil where there never was one.
    func date(_ place: Int) -> CivilDate? {
        values[place] == 0
            ? nil : CivilDate(dayNumber: Int32(truncatingIfNeeded: values[place] - 1))
    }
}

/// What a line of a receipt says of a product's cost.
struct CostRow {
    let id: ChangeID
    let line: Int32
    let branch: Int64
    let product: Int64
    let clock: ClockStamp
    let time: ClockStamp
    let cost: UnitCost
}
