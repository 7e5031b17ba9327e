// The attacks that go over a limit, each with the limit and the value that the answer must name.

import Kernel
import Replication
import Sync
import Wire

extension Siege {
    /// What the listener itself answers.
    func limitsOfHTTP() -> [WireAttack] {
        let start = "POST /sync/v1/push HTTP/1.1\r\nHost: a\r\n"
        let fields = (0..<65).map { "x\($0): 1\r\n" }.joined()
        let long = (0..<3).map { "x\($0): \(String(repeating: "a", count: 6_000))\r\n" }
        let target = String(repeating: "a", count: 8_192)
        return [
            .head(
                "a target over 8 KiB",
                414,
                "POST /\(target) HTTP/1.1\r\nHost: a\r\n\r\n",
                says: "uriBytesMax = 8192 bytes"
            ),
            .head("65 fields", 431, start + fields, says: "headerFieldsMax = 64 fields"),
            .head(
                "fields over 16 KiB",
                431,
                start + long.joined(),
                says: "headerBytesMax = 16384 bytes"
            ),
            .head(
                "a body announced over 16 MiB",
                413,
                start + "Content-Length: 16777217\r\n\r\n",
                says: "bodyBytesMax = 16777216 bytes"
            ),
            .head(
                "a chunk over 16 MiB",
                413,
                start + "Transfer-Encoding: chunked\r\n\r\n1000001\r\n",
                says: "bodyBytesMax = 16777216 bytes"
            ),
        ]
    }

    /// What is answered once the body is there.
    func limitsOfMessages() throws -> [WireAttack] {
        let bomb = try Deflate.compress([UInt8](repeating: 0, count: 64 << 20 + 1))
        let small = try Deflate.compress([UInt8](repeating: 0, count: 64 << 10 + 1))
        let nested = [0xA1, 0x09] + [UInt8](repeating: 0x81, count: 32) + [0x00]
        var hello = HelloRequest()
        hello.kept = (1...65).map { LogPoint(position: $0, hash: .zero) }
        var greeting = hand
        greeting.session = Signature.noSession
        func enrol(_ body: [UInt8]) -> [UInt8] {
            good.changed(target: "/sync/v1/enrol", body: body).bytes
        }
        return [
            WireAttack(
                "an enrolment over 64 KiB as sent",
                413,
                enrol([UInt8](repeating: 1, count: 64 << 10 + 1)),
                says: "enrolBytesMax = 65536 bytes"
            ),
            WireAttack(
                "an enrolment over 64 KiB inflated",
                413,
                enrol(small),
                says: "enrolBytesMax = 65536 bytes"
            ),
            .refused(
                "a body over 64 MiB inflated",
                hand.request("push", bomb),
                .tooLarge,
                says: "bodyInflatedMax = 67108864 bytes"
            ),
            .refused(
                "a body nested 33 deep",
                try hand.request(.push, "push", nested),
                .malformed,
                says: "depthMax = 32 levels"
            ),
            .refused(
                "65 kept points",
                try greeting.request(.hello, "hello", hello.body),
                .tooLarge,
                says: "longer than its place allows"
            ),
            .notTaken("a commit over 1 MiB", try push([fat()]), .broken),
        ]
    }
}
