// Commit files at work: a node without a line writes one, headquarters takes it and writes the
// answer. What follows a round of sync follows a file too. Must not touch the disk itself.

import Kernel
import Replication
import SQLite
package import Sync

extension Headquarters {
    /// Takes a file that a node wrote, projects what it brought, and notes when it was heard of.
    ///
    /// Throws: `FileFault`; nothing was written then.
    package func importFile(_ bytes: [UInt8]) throws -> FileOutcome {
        let now = engine.clock.now()
        let outcome = try server.importFile(bytes, now: now)
        if let device = try engine.log.device(outcome.header.device), device.branch != 0 {
            // The branch was there when the file was written, not when it arrived.
            let wall = min(outcome.header.wall.milliseconds, now.milliseconds)
            try engine.noteContact(of: device.branch, at: WallTime(milliseconds: wall))
        }
        try engine.forgetErased()
        try engine.catchUp()
        return outcome
    }

    /// The file for a device: acknowledgements, and what it may see from where its last file said
    /// it stands.
    ///
    /// Throws: `FileFault.foreign` where there is no such device, or it is revoked.
    package func exportFile(for device: Int64) throws -> [UInt8] {
        try engine.catchUp()
        return try server.exportFile(toDevice: device, now: engine.clock.now())
    }
}

extension NodeSync {
    /// A file with everything that headquarters has not acknowledged.
    ///
    /// With `handBack` also all that headquarters once handed out, for one that was restored.
    package func exportFile(handBack: Bool = false) throws -> [UInt8] {
        try client.exportFile(handBack: handBack, now: engine.clock.now())
    }

    /// Takes headquarters' answer file, and lets the views follow.
    ///
    /// Throws: `FileFault`; nothing was written then.
    package func importFile(_ bytes: [UInt8]) throws -> FileOutcome {
        let outcome = try client.importFile(bytes, now: engine.clock.now())
        try engine.forgetErased()
        try settle()
        return outcome
    }
}
