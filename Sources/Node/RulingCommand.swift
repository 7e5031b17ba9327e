// A ruling of headquarters, made by a person at its terminal.

package import Kernel
package import Module
package import Replication

/// Writes one ruling of module 0 for headquarters and everyone it concerns.
package struct RulingCommand: Command {
    package let kind: Kind
    package let body: [UInt8]

    package init(kind: Kind, body: [UInt8]) {
        precondition(kind.module == 0 && kind.isRuling, "only rulings of module 0")
        self.kind = kind
        self.body = body
    }

    package func decide(_ context: DecideContext, _ act: inout Act) throws -> ChangeID {
        try context.requireHeadquarters()
        act.begin([.everyone])
        return act.add(kind, body)
    }
}
