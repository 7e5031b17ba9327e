// What headquarters delivered, added up for who asks: sums, runs, and the commits of a run by name.
// Must not scan more than the commits of the audiences asked after.

import Kernel
import Replication
import Wire

extension SyncServer {
    /// More than this withheld, and nothing is compared: a person has other work first.
    private static var withheldMax: Int { 1_000 }

    /// Answers the questions of a pull that came to the end.
    ///
    /// Why only there: what is withheld is known of now, and of no position before.
    func addDigests(
        _ pull: PullRequest,
        to device: DeviceRecord,
        _ answer: inout PullAnswer
    ) throws {
        let position = answer.point.position
        guard !pull.questions.isEmpty, !answer.isShrunk, !answer.hasMore, answer.backfill == nil,
            position == min(surroundings.judgedThrough(), log.end),
            position == surroundings.projectedThrough()
        else { return }
        let withheld = try surroundings.withheld()
        if withheld.count > SyncServer.withheldMax { return }
        let audiences = Set(answer.audiences)
        let delivery = Delivery(server: self, device: device, own: [], audiences: audiences)
        for id in withheld.sorted() {
            guard let header = try log.reader.commit(id)?.header, try delivery.maySee(header)
            else { continue }
            answer.withheld.append(id)
        }
        let asked = Set(pull.questions.map(\.audience)).intersection(audiences).sorted()
        let digests = try log.digests(of: asked, through: position, leavingOut: withheld)
        var room = min(max(pull.bytesMax, 1), SyncServer.pullBytesMax)
        for question in pull.questions {
            guard let digest = digests.first(where: { $0.audience == question.audience }) else {
                continue
            }
            if question.parts == 0 {
                if room <= 0 { continue }
                for share in digest.shares(in: question.ids) {
                    room -= try addNamed(share, &answer)
                    if room <= 0 { break }
                }
            }
            let parts =
                question.parts > 1
                ? digest.parts(of: question.ids, limit: question.parts)
                : [digest.part(question.ids)]
            answer.rows += parts.map { DigestRow(question.audience, $0) }
        }
    }

    private func addNamed(_ share: DigestShare, _ answer: inout PullAnswer) throws -> Int {
        guard let commit = try log.reader.commit(share.id) else { return 0 }
        answer.named.append(
            StampedCommit(
                previous: try log.previousHash(of: share.id),
                stamp: Signature.stamp(share.id, share.hash, key: keys.stampKey),
                bytes: commit.bytes
            )
        )
        return commit.bytes.count + 64
    }
}
