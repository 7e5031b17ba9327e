// Ledger: the numbers of its kinds of change, and the limits of what a change may carry.
// All are rulings of headquarters. The numbers are for ever.

package import Replication

/// The kinds of change of Ledger.
package enum LedgerKind {
    /// The number of the module.
    package static let module: UInt8 = 5
    /// Effects became vouchers (记账).
    package static let voucherPosted = Kind(module: module, 224)
    /// A month of the books was closed (结账).
    package static let periodClosed = Kind(module: module, 225)
    /// A closed month was opened again (反结账).
    package static let periodReopened = Kind(module: module, 226)
}

/// Bounds of what the bodies carry.
package enum LedgerLimits {
    /// A summary or reason, in bytes of UTF-8.
    package static let textBytesMax = 1_000
    /// An account's code, in bytes.
    package static let codeBytesMax = 16
    /// The word of a series of vouchers, in bytes of UTF-8.
    package static let seriesBytesMax = 16
    /// Ranges of ids that the poster puts into one posting: its commit stays below 256 KiB.
    package static let rangesMax = 6_000
    /// Bytes of postings that the poster puts into one commit.
    package static let commitBytesMax = 160 * 1_024
}

/// The series of vouchers (凭证字).
package enum VoucherSeries {
    /// The one general series: 记.
    package static let general = "记"
}
