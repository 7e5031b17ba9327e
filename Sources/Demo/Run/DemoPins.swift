// Demo, the run: the staff's till PINs, hashed under their branch's pepper as headquarters does it.

import Node
import People
import Sync

/// Sets till PINs.
enum DemoPins {
    /// Sets the PIN of everyone who works at a branch.
    static func set(_ plan: ChainPlan, _ ids: ChainIDs, _ headquarters: Headquarters) throws {
        let engine = headquarters.engine
        var commands: [SetCredential] = []
        for person in plan.staff {
            guard let place = person.branch,
                let pepper = headquarters.server.keys.pepper(of: ids.branches[place])
            else { continue }
            let secret = Passwords.pinSecret(person.pin, pepper: pepper)
            guard let hash = Passwords.hash(secret, random: engine.random) else {
                throw DemoFault("this system's crypt has no yescrypt")
            }
            commands.append(SetCredential(person: ids.staff[person.index], pinHash: hash))
        }
        try engine.batch {
            for command in commands { _ = try engine.perform(command) }
        }
    }
}
