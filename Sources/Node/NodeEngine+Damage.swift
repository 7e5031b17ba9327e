// Damaged views: whatever stands in them is in the log, from which they are derived anew.
// Must not touch a damaged log, which only a backup and headquarters can make whole.

import Replication
import SQLite

extension NodeEngine {
    /// True for an error that says a file is damaged.
    static func isDamage(_ error: any Error) -> Bool {
        switch error {
        case let fault as StorageFault: fault.isCorrupt
        case let undecided as CommitUndecided: undecided.fault.isCorrupt
        case ProjectionFault.storage(let fault): fault.isCorrupt
        default: false
        }
    }

    /// How often it is tried.
    ///
    /// Why: where the log is what is damaged, or the disk goes on damaging, it helps nobody.
    private static let mendsMax = 3

    /// Derives the views anew after an error that may be theirs; false where it was not tried.
    func mendViews(after error: any Error) throws -> Bool {
        guard NodeEngine.isDamage(error), mended < NodeEngine.mendsMax else { return false }
        mended += 1
        try rebuild()
        return true
    }
}
