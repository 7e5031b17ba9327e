// The attacks that are cut, turned, of another shape, foreign or forged.

import Kernel
import Replication
import Sync
import Wire

extension Siege {
    /// Cut lines and turned bits.
    func damage() throws -> [WireAttack] {
        let sent = good.body
        return [
            .cut("a request cut in its head", Array(good.bytes.prefix(60))),
            .cut("a request cut in its body", Array(good.bytes.dropLast(20))),
            .stranger("a body that is cut", good.changed(body: Array(sent.dropLast(9)))),
            .stranger("a body with a bit turned", good.changed(body: sent.flipped(40))),
            .stranger("a body with something after it", good.changed(body: sent + [0])),
            .refused(
                "a signed body that is cut",
                hand.request("push", Array(sent.dropLast(9))),
                .malformed,
                says: "truncated"
            ),
            .refused(
                "a signed body with something after it",
                hand.request("push", sent + [0]),
                .malformed,
                says: "trailingBytes"
            ),
            .refused("no body", hand.request("push", []), .malformed, says: "truncated"),
        ]
    }

    /// What is signed, and is not what belongs there.
    func shapes() throws -> [WireAttack] {
        let message = try Message(deflated: good.body)
        var version = try Deflate.inflate(good.body, limit: 1 << 20)
        // [5 items, text of 9, version …]
        version[11] = 2
        return [
            .refused(
                "another version",
                hand.request("push", try Deflate.compress(version)),
                .version
            ),
            .refused(
                "the nonce of another request",
                try hand.request(
                    .push,
                    "push",
                    message.body,
                    nonce: [UInt8](repeating: 8, count: 16)
                ),
                .malformed,
                says: "nonce"
            ),
            .refused(
                "a pull where a push belongs",
                try hand.request(.pull, "push", PullRequest().body),
                .malformed
            ),
            .refused(
                "a body that is no map",
                try hand.request(.push, "push", [0x80]),
                .malformed,
                says: "wrongType"
            ),
            .notTaken(
                "a commit with a bit turned",
                try push([altered { $0[1] = $0[1].flipped($0[1].count - 3) }]),
                .broken
            ),
        ]
    }

    /// Who is not known, or does not sign as it should.
    func strangers() throws -> [WireAttack] {
        var forger = hand
        forger.key = [UInt8](repeating: 1, count: 32)
        var foreigner = hand
        foreigner.realm = [UInt8](repeating: 9, count: 16)
        let body = try Message(deflated: good.body).body
        let nonceField = (name: SyncHeader.nonce, value: Hex.encode(hand.nonce))
        let zeros = String(repeating: "0", count: 64)
        return [
            .stranger("a forged key", try forger.request(.push, "push", body)),
            .stranger("another company", try foreigner.request(.push, "push", body)),
            .stranger(
                "another device's name",
                good.changed(field: (SyncHeader.device, "\(stranger.device)"))
            ),
            .stranger("no such device", good.changed(field: (SyncHeader.device, "77"))),
            .stranger("a device with a zero", good.changed(field: (SyncHeader.device, "07"))),
            .stranger("no signature", good.changed(field: (SyncHeader.mac, ""))),
            .stranger("a signature of zeros", good.changed(field: (SyncHeader.mac, zeros))),
            .stranger("a field that stands twice", good.changed(again: nonceField)),
            .stranger("another address", good.changed(target: "/sync/v1/pull")),
            .stranger("with a query", good.changed(target: "/sync/v1/push?x=1")),
            .stranger("another method", good.changed(method: "PUT"), 404),
            .stranger("no such address", good.changed(target: "/sync/v1/grab"), 404),
            .stranger("not yet served", good.changed(target: "/sync/v1/relay"), 501),
            .stranger("a code nobody gave", good.changed(target: "/sync/v1/enrol"), 400),
        ]
    }

    /// What a known device says and is not so.
    func lies() throws -> [WireAttack] {
        var thief = hand
        thief.session = stranger.session
        let body = try Message(deflated: good.body).body
        return [
            .refused(
                "another device's session",
                try thief.request(.push, "push", body),
                .staleSession
            ),
            .notTaken(
                "what comes later alone",
                try push([later()]),
                .gap
            ),
            .notTaken(
                "two commits in the other order",
                try push([altered { $0.swapAt(0, 1) }]),
                .broken
            ),
            .notTaken(
                "a commit left out",
                try push([altered { $0.remove(at: 1) }]),
                .broken
            ),
            .notTaken("under another's number", try push([stolen()]), .fork),
            .notTaken(
                "another incarnation",
                try push([reborn()]),
                .otherIncarnation
            ),
            .notTaken(
                "another's batch under this key",
                try push([claimed()]),
                .unsigned
            ),
            .notTaken("another history", try push([rewritten()]), .fork),
        ]
    }
}
