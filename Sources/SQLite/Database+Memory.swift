// What the owner of some tables remembers of them, kept with the connection that writes them.
// Must not survive a rollback, or exist on a connection under which another one writes.

extension Database {
    /// What is remembered here under a type; nil on a connection that only reads.
    ///
    /// Order: whoever writes the tables calls `forget` before.
    package func memory<Kept: AnyObject>(_ type: Kept.Type, _ make: () -> Kept) -> Kept? {
        if options.role != .writer { return nil }
        if let kept = memories[ObjectIdentifier(type)] as? Kept { return kept }
        let fresh = make()
        memories[ObjectIdentifier(type)] = fresh
        return fresh
    }

    /// Forgets what is remembered under a type: its tables are about to change.
    package func forget<Kept: AnyObject>(_ type: Kept.Type) {
        memories[ObjectIdentifier(type)] = nil
    }

    /// Forgets everything: the tables are as they were before.
    func forgetAll() {
        if !memories.isEmpty { memories = [:] }
    }
}
