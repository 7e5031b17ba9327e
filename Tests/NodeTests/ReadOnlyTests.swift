// A data directory on a disk that takes no writes: told from other files that cannot be opened.

import Glibc
import Testing

@testable import Node

@Suite("A directory that cannot be written")
struct ReadOnlyTests {
    @Test("is told by its lock and its log, and by no other file or error")
    func isTold() {
        func isTold(_ operation: String, _ path: String, _ code: Int32) -> Bool {
            Files.Fault(operation: operation, path: path, code: code).isOfReadOnlyDirectory
        }
        for code in [EROFS, EACCES, EPERM] {
            #expect(isTold("open", "data/lock", code))
            #expect(isTold("open", "data/log.sqlite", code))
            #expect(!isTold("open", "sales.csv", code))
        }
        #expect(!isTold("open", "data/lock", ENOENT))
        #expect(!isTold("write", "data/lock", EROFS))
    }
}
