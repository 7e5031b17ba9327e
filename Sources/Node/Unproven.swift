// A directory that may be a copy: restored, cloned, or moved to another machine. It never goes on
// under its old number, for another may be writing under that too. Must not drop anything.

package import Kernel
import Module
package import Replication
import SQLite

/// How a node whose history is not proven goes on.
package enum GoingOn: Hashable, Sendable {
    /// Under a spare number that it held; what stands under the old one is kept and sent.
    case underSpare(ReplicaNumber)
    /// Nothing is written until headquarters has given a number at the next sync.
    case waitsForNumber
    /// Headquarters: under a number of a fresh block, careful until a person confirms.
    case careful(ReplicaNumber)
}

extension Log {
    /// True while this node may write nothing: it may be a copy, and holds no spare number.
    package var isUnproven: Bool {
        get throws { try reader.metaInteger("unproven") == 1 }
    }

    /// Leaves the present number, for another copy of this directory may write under it.
    ///
    /// Called inside `write`.
    package func leaveUnprovenNumber(at wall: WallTime) throws -> GoingOn {
        if isHeadquarters {
            try becomeRestored(at: wall)
            return .careful(own?.replica ?? ReplicaNumber(0))
        }
        if let number = try takeSpare() {
            try reader.clearMeta("unproven")
            return .underSpare(number)
        }
        try reader.setMeta("unproven", integer: 1)
        return .waitsForNumber
    }

    /// True where this device has written nothing yet: then there is no history to prove.
    package var isUnwritten: Bool {
        get throws { try ownHeads().allSatisfy { $0.last == 0 } }
    }
}

/// Why a node that works otherwise writes nothing for now.
package enum NodeRefusal: Refusal {
    /// The directory may be a copy, and no spare number is left.
    case unproven
    /// The disk is full: only what ends the day is written.
    case diskFull
    /// Headquarters was restored, and nobody has confirmed what it hands out.
    case careful

    package var code: Int {
        switch self {
        case .unproven: 11
        case .diskFull: 12
        case .careful: 13
        }
    }

    package var chinese: String {
        switch self {
        case .unproven: "此目录可能是副本，且没有备用编号：请先同步一次（tributary sync），再录入。"
        case .diskFull: "磁盘已满：尚未收款，请清理空间后重试；日结和封存仍可完成。"
        case .careful: "总部处于恢复后的谨慎状态：核对设备并运行 tributary confirm 之后再试。"
        }
    }

    package var english: String {
        switch self {
        case .unproven:
            "This directory may be a copy and holds no spare number: sync once, then go on."
        case .diskFull:
            "The disk is full: nothing was taken. Free some space; closing the day still works."
        case .careful:
            "Headquarters is careful after a restore: look at its devices, then `confirm`."
        }
    }

    package var isTransient: Bool { true }
}

extension Act {
    /// True where it hands out rights or posts: what a careful headquarters does not do.
    var isForConfirmedOnly: Bool {
        commits.contains { commit in
            commit.changes.contains { $0.kind.number >= 224 && $0.kind.module != 0 }
        }
    }
}
