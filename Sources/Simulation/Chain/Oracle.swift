// What stands outside all nodes and remembers what they promised to people.
// Must not: ask a node what it should have promised.

import Kernel
import Node
import Replication
import SQLite

/// What a node answered to a command.
struct Answer {
    let id: ChangeID
    var label: ReceiptLabel?
    var total: Fen?
}

/// A command that a person asked for once, by its request key.
final class Promise {
    enum State {
        /// No answer came: wholly in or wholly out, nobody knows yet.
        case open
        /// It was answered: it must be there, once.
        case acknowledged
        /// It was refused: it must not be there.
        case refused
    }

    let number: Int
    let node: String
    let what: String
    var state = State.open
    var answer: Answer?
    /// True where the only disks that held it are gone: nothing can bring it back.
    var isExcused = false
    /// Asks for it, with the request key or without.
    var run: (NodeEngine, String?) throws -> Answer = { _, _ in
        preconditionFailure("a promise is asked for after it has its command")
    }

    init(_ number: Int, node: String, what: String) {
        self.number = number
        self.node = node
        self.what = what
    }

    var key: String { Oracle.key(number) }
}

/// All promises, and what became of them.
final class Oracle {
    private(set) var promises: [Promise] = []
    /// The value that each register of headquarters was last given, by product.
    var names: [Int64: String] = [:]
    /// Persons who were erased, and the texts that must be nowhere any more.
    var erased: [Int64: String] = [:]
    /// Changes that were put into logs behind the program's back, by their text.
    var poison: Set<Int> = []

    private static let prefix = Array("sim".utf8)
    private static let digits = 6

    /// The text by which a command is found in the bytes of a log.
    static func key(_ number: Int) -> String {
        let text = String(number)
        return "sim" + String(repeating: "0", count: digits - text.count) + text
    }

    /// Keeps a promise that is about to be asked for.
    func promise(node: String, what: String) -> Promise {
        let promise = Promise(nextNumber(), node: node, what: what)
        promises.append(promise)
        return promise
    }

    private var lastNumber = 0

    /// A number for a text that must be found again.
    func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    /// The numbers whose texts stand in some bytes.
    static func numbers(in bytes: UnsafeRawBufferPointer) -> [Int] {
        var found: [Int] = []
        let length = prefix.count + digits
        var index = 0
        while index + length <= bytes.count {
            if bytes[index] == prefix[0], bytes[index + 1] == prefix[1],
                bytes[index + 2] == prefix[2],
                let number = number(in: bytes, at: index + prefix.count)
            {
                found.append(number)
                index += length
            } else {
                index += 1
            }
        }
        return found
    }

    private static func number(in bytes: UnsafeRawBufferPointer, at start: Int) -> Int? {
        var number = 0
        for index in start..<start + digits {
            let digit = Int(bytes[index]) - 48
            guard (0...9).contains(digit) else { return nil }
            number = number * 10 + digit
        }
        return number
    }

    /// Everything that the disk of a log still knows of: in its chains, aside or waiting.
    static func known(to log: Log) throws -> Set<Int> {
        var known: Set<Int> = []
        for sql: StaticString in [
            "SELECT bytes FROM commits", "SELECT bytes FROM waiting", "SELECT bytes FROM forked",
        ] {
            let statement = try log.database.statement(sql)
            try statement.forEach { row in known.formUnion(numbers(in: row.borrowedBytes(0))) }
        }
        return known
    }

    /// Excuses what stood on a disk that is gone and stands on no other.
    func excuse(_ lost: Set<Int>) {
        for promise in promises where lost.contains(promise.number) { promise.isExcused = true }
    }
}
