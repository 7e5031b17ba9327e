// Stock: what a batch adds to the rows of the view, by key.

import Kernel
import Module

/// A product at a place.
struct PlaceKey: Hashable, Comparable {
    let place: Int64
    let product: Int64

    static func < (left: PlaceKey, right: PlaceKey) -> Bool {
        (left.place, left.product) < (right.place, right.product)
    }
}

/// What a batch adds to a product at a place.
struct PlaceSums {
    private var quantity: Int128 = 0
    private var received: Int128 = 0
    private var sold: Int128 = 0
    private var lastReceived: Int32 = -1
    private var lastSold: Int32 = -1

    mutating func add(_ signed: Int128, _ reason: StockReason, _ day: Int32) {
        quantity += signed
        switch reason {
        case .goodsReceipt:
            received += signed
            if signed > 0 { lastReceived = max(lastReceived, day) }
        case .sale:
            sold -= signed
            if signed < 0 { lastSold = max(lastSold, day) }
        case .salesReturn, .saleVoided: sold -= signed
        case .goodsReturn, .transferDispatch, .transferReceipt, .count, .waste, .adjustment: break
        }
    }

    func lay(into values: inout [Int128]) {
        values[0] = quantity
        values[1] = received
        values[2] = sold
        values[3] = Int128(lastReceived)
        values[4] = Int128(lastSold)
    }
}

/// A reason for which a product moved at a branch on a business date.
struct MovementKey: Hashable, Comparable {
    let branch: Int64
    let date: Int32
    let product: Int64
    let reason: Int64

    func lay(into key: inout [Int64]) {
        key[0] = branch
        key[1] = Int64(date)
        key[2] = product
        key[3] = reason
    }

    static func < (left: MovementKey, right: MovementKey) -> Bool {
        (left.branch, left.date, left.product, left.reason)
            < (right.branch, right.date, right.product, right.reason)
    }
}

/// What a batch adds to a movement; neither is negative.
struct MovementSums {
    private(set) var came: Int128 = 0
    private(set) var went: Int128 = 0

    mutating func add(_ signed: Int128) {
        if signed > 0 { came += signed } else { went -= signed }
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
