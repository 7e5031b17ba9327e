// What a person decides at headquarters about single commits and persons, written as rulings.
// Must not decide by itself: each call is somebody's word.

package import Kernel
import Module
import Replication
import SQLite

/// What headquarters refuses to rule.
package enum RulingRefusal: Refusal, Hashable {
    case nothingHeld(ChangeID)
    case notSetAside(ChangeID)
    case notInReview(ReplicaNumber)
    case noHole(ReplicaNumber)
    case reasonMissing
    case mayComeBack(Int64)

    package var code: Int {
        switch self {
        case .nothingHeld: 5
        case .notSetAside: 6
        case .notInReview: 7
        case .noHole: 8
        case .reasonMissing: 9
        case .mayComeBack: 10
        }
    }

    package var chinese: String {
        switch self {
        case .nothingHeld(let id): "\(id.rawValue) 没有因超出权限而待处理。请看 tributary rule list。"
        case .notSetAside(let id): "\(id.rawValue) 没有被搁置。请看 tributary rule list。"
        case .notInReview(let number): "编号 \(number) 没有待核实的记录。请看 tributary rule list。"
        case .noHole(let number): "编号 \(number) 没有缺口。请看 tributary rule list。"
        case .reasonMissing: "请说明原因（--reason）。"
        case .mayComeBack(let device):
            "设备 \(device) 还可能补齐：请等待它同步；确已损毁则先吊销（tributary device revoke \(device)）。"
        }
    }

    package var english: String {
        switch self {
        case .nothingHeld(let id):
            "\(id.rawValue) does not wait for want of rights. See tributary rule list."
        case .notSetAside(let id): "\(id.rawValue) is not set aside. See tributary rule list."
        case .notInReview(let number):
            "Nothing of number \(number) waits for review. See tributary rule list."
        case .noHole(let number): "Number \(number) has no hole. See tributary rule list."
        case .reasonMissing: "Say why (--reason)."
        case .mayComeBack(let device):
            "Device \(device) may still fill it: wait for its sync, or revoke it first, if it is "
                + "gone for good (tributary device revoke \(device))."
        }
    }
}

extension NodeEngine {
    /// Lets in a fact that is beyond its device's rights.
    package func admit(_ commit: ChangeID) throws {
        let held = try log.reader.heldCommits()
        guard held.contains(where: { $0.id == commit && $0.verdict == .beyondRights }) else {
            throw RulingRefusal.nothingHeld(commit)
        }
        try log.write {
            try log.admit([commit], at: clock.now())
            try forgetWithheld([commit])
        }
        try catchUp()
    }

    /// Undoes the rulings that set a commit aside: it is projected again.
    package func release(_ commit: ChangeID) throws {
        let rulings = try log.reader.rulings(holding: commit)
        if rulings.isEmpty { throw RulingRefusal.notSetAside(commit) }
        for ruling in rulings {
            let body = RulingBody.released([commit], from: ruling)
            _ = try perform(RulingCommand(kind: LogKind.commitReleased, body: body))
        }
        try catchUp()
    }

    /// How many personal values of a subject this node still holds.
    package func personalValues(of subject: Int64) throws -> Int {
        let statement = try log.database.statement(
            "SELECT count(*) FROM personal WHERE subject = ?1"
        )
        statement.bind(1, subject)
        return Int(try statement.firstInteger() ?? 0)
    }

    /// Erases a person's personal values here at once, and everywhere as the ruling arrives.
    ///
    /// Final: no backup, commit file or node brings them back. Answers false where it was ruled
    /// before; nothing is written then.
    package func erase(person subject: Int64) throws -> Bool {
        if try log.isErased(subject) { return false }
        let body = SubjectErased(subject: subject).body
        _ = try perform(RulingCommand(kind: LogKind.personErased, body: body))
        return true
    }
}
