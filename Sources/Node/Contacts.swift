// When headquarters last heard from each branch. Not part of the log: it says when, not what.

package import Kernel
import Replication
import SQLite

extension NodeEngine {
    /// The last contact of each branch.
    package func contacts() throws -> [Int64: WallTime] {
        let statement = try log.database.statement("SELECT branch, at FROM contacts")
        var contacts: [Int64: WallTime] = [:]
        try statement.forEach { contacts[$0.integer(0)] = WallTime(milliseconds: $0.integer(1)) }
        return contacts
    }

    /// Notes that a branch was heard from.
    package func noteContact(of branch: Int64, at time: WallTime) throws {
        let statement = try log.database.statement(
            """
            INSERT INTO contacts(branch, at) VALUES(?1, ?2)
            ON CONFLICT DO UPDATE SET at = max(at, ?2)
            """
        )
        statement.bind(1, branch)
        statement.bind(2, time.milliseconds)
        try statement.run()
    }
}
