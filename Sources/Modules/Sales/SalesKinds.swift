// Sales: the numbers of its kinds of change, and the limits of what a change may carry.
// The numbers are for ever; 20 to 29 are kept for shifts, 30 to 39 for exchanges.

package import Replication

/// The kinds of change of Sales.
package enum SalesKind {
    /// The number of the module.
    package static let module: UInt8 = 2
    /// A till opened a business day (开班).
    package static let dayOpened = Kind(module: module, 1)
    /// A till closed its day, with the cash counted blind or not counted (收班).
    package static let dayClosed = Kind(module: module, 2)
    /// A till's statement for a closed day (日结封存).
    package static let daySealed = Kind(module: module, 3)
    /// A ticket was paid (销售).
    package static let saleClosed = Kind(module: module, 10)
    /// Goods came back (退货).
    package static let saleReturned = Kind(module: module, 11)
    /// A ticket was undone before the seal (作废).
    package static let saleVoided = Kind(module: module, 12)
    /// What became of an electronic payment (支付状态).
    package static let paymentChanged = Kind(module: module, 13)
    /// Headquarters treats a day as complete (免封).
    package static let dayWaived = Kind(module: module, 224)
}

/// Bounds of texts in the bodies.
enum SalesLimits {
    /// A reason or note, in bytes of UTF-8.
    static let reasonBytesMax = 1_000
    /// A reference of a payment, in bytes of UTF-8.
    static let referenceBytesMax = 128
    /// A printed label, in bytes.
    static let labelBytesMax = 32
    /// The code on paper: the first bytes of the commit's hash.
    static let paperCodeBytes = 4
    /// A receipt's number in its series; the label holds five digits.
    static let sequenceMax: Int64 = 9_999_999
    /// A receipt's number in the life of its till.
    static let lifetimeMax: Int64 = 1 << 40
    /// How many replica numbers a till may have used.
    static let seriesMax: Int64 = 1 << 21
}
