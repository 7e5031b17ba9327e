// Whether this node holds what headquarters delivered to its audiences: once a day the digests are
// compared, a difference is bisected by ids, named, and mended by fetching again what lacks.
// Must not drop a commit: what headquarters does not have is only named.

import Kernel
import Replication
import Wire

/// A comparison while it runs.
struct DigestCheck {
    /// Unit: milliseconds between two comparisons.
    static let everyMs: Int64 = 86_400_000
    /// Comparisons in one round, each of which mended something.
    static let passesMax = 32

    /// True where a person wants it now.
    var isDue = false
    /// What is asked next.
    var questions: [DigestQuestion] = []
    /// Mended here, to be told to headquarters.
    var mended: [ChangeID] = []
    var passes = 0
    /// True where nothing more is compared in this round.
    var isDone = false

    init(isDue: Bool = false) { self.isDue = isDue }

    /// True while an answer is owed.
    var isOpen: Bool { !questions.isEmpty || !mended.isEmpty }
}

extension SyncClient {
    /// The next round compares, whenever it was done last.
    package func mustCheck() { check.isDue = true }

    /// Adds the questions of a comparison to a pull, where one is due or under way.
    func ask(_ pull: inout PullRequest, _ now: WallTime) throws {
        pull.mended = Array(check.mended.prefix(PullRequest.mendedMax))
        if check.questions.isEmpty, !check.isDone, try isCheckDue(now) {
            let audiences = try state.audiences.prefix(DigestQuestion.questionsMax)
            check.questions = audiences.map { DigestQuestion($0) }
        }
        pull.questions = check.questions
    }

    private func isCheckDue(_ now: WallTime) throws -> Bool {
        if check.isDue || check.passes > 0 { return true }
        guard let last = try state.checkedAt else { return true }
        let age = now.milliseconds - last
        return age < 0 || age >= DigestCheck.everyMs
    }

    /// Compares what an answer adds up to with what is held, and says what to ask next.
    ///
    /// Called inside `write`, after the answer's commits were taken.
    func compare(_ answer: PullAnswer, _ now: WallTime) throws {
        guard case .pull(nil) = step else { return }
        check.mended = []
        let asked = check.questions
        check.questions = []
        // Before the end nothing is compared; the pull goes on and asks again.
        if asked.isEmpty || answer.hasMore || answer.backfill != nil { return }
        if answer.rows.isEmpty {
            check.isDone = true
            return
        }
        try state.setWithheld(answer.withheld)
        let named = try mend(answer.named)
        let audiences = Set(answer.rows.map(\.audience)).sorted()
        let digests = try log.digests(of: audiences, leavingOut: Set(answer.withheld))
        for row in answer.rows {
            guard let digest = digests.first(where: { $0.audience == row.audience }),
                digest.part(row.part.ids) != row.part
            else { continue }
            if asked.contains(DigestQuestion(row.audience, row.part.ids, parts: 0)) {
                for share in digest.shares(in: row.part.ids) where !named.contains(share.id) {
                    note(.unmatched(row.audience, share.id))
                }
            } else if check.questions.count < DigestQuestion.questionsMax {
                let isFew = row.part.count <= DigestQuestion.commitsMax
                let parts = isFew ? 0 : DigestQuestion.questionsMax
                check.questions.append(DigestQuestion(row.audience, row.part.ids, parts: parts))
            }
        }
        if !check.questions.isEmpty { return }
        if !check.mended.isEmpty, check.passes < DigestCheck.passesMax {
            // Once more from the top: more may be lacking, and headquarters hears what was.
            check.passes += 1
            return
        }
        check.isDone = true
        check.isDue = false
        try state.setChecked(now)
    }

    /// Takes the commits that were asked for; answers their ids.
    private func mend(_ commits: [StampedCommit]) throws -> Set<ChangeID> {
        var named: Set<ChangeID> = []
        for commit in commits {
            guard let previous = commit.previous else {
                throw LogFault.envelope(nil, WireFault(.invalidValue, offset: 0))
            }
            let isMended = try commit.bytes.withUnsafeBytes { bytes in
                let id = try CommitCodec.envelope(of: bytes).id
                named.insert(id)
                guard try log.mend(bytes, previous: previous, stamp: commit.stamp) else {
                    return nil as ChangeID?
                }
                return id
            }
            if let isMended {
                check.mended.append(isMended)
                note(.mended(isMended))
            }
        }
        return named
    }
}
