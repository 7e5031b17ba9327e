// Who may write what, and to whom: the part of judging that looks at audiences alone.

import Kernel
import Testing

@testable import Replication

@Suite("The right to write")
struct WriteRightsTests {
    @Test("rows that a device took are told to its own branch, and to nobody else's")
    func rowsTaken() {
        let rights = WriteRights([:])
        func may(_ audiences: [Audience]) -> Bool {
            rights.allow(LogKind.rowsTaken, branch: 5, audiences)
        }
        #expect(may([.branch(5)]))
        #expect(may([.neighbours(of: 5)]))
        #expect(may([.headquarters, .branch(5)]))
        #expect(!may([.branch(6)]))
        #expect(!may([.neighbours(of: 6)]))
        #expect(!may([.branch(5), .branch(6)]))
        #expect(!may([.everyone]))
        #expect(!may([.headquarters]))
        #expect(!rights.allow(LogKind.clockRuled, branch: 5, [.branch(5)]))
    }
}
