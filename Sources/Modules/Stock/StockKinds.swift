// Stock: the numbers of its kinds of change, and the limits of what a change may carry.
// The numbers are for ever; those of `reserved` are kept for what they name.

package import Replication

/// The kinds of change of Stock.
package enum StockKind {
    /// The number of the module.
    package static let module: UInt8 = 3
    /// Goods came from a supplier (收货).
    package static let goodsReceived = Kind(module: module, 1)
    /// Goods were found, missed or wasted (库存调整, 报损).
    package static let stockAdjusted = Kind(module: module, 2)

    /// Numbers that no other kind may take, with what they are for.
    package static let reserved: [(kind: Kind, name: String)] = [
        (Kind(module: module, 3), "transfer.dispatched"),
        (Kind(module: module, 4), "transfer.received"),
        (Kind(module: module, 5), "transfer.cancelled"),
        (Kind(module: module, 6), "count.opened"),
        (Kind(module: module, 7), "stock.counted"),
        (Kind(module: module, 8), "count.approved"),
    ]
}

/// Bounds of what the bodies carry.
package enum StockLimits {
    /// Lines of one receipt or adjustment: its commit stays below 256 KiB.
    package static let linesMax = 4_000
    /// A name, note or reason, in bytes of UTF-8.
    package static let noteBytesMax = 1_000
    /// A label of another paper or of an imported row, in bytes of UTF-8.
    package static let labelBytesMax = 128
}
