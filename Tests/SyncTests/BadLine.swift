// A line that cuts, flips, doubles, replays, and lets a portal answer: for tests.
// Must not: change what a node or headquarters holds but by messages.

import Kernel
import Sync

/// A line with faults drawn from a seed.
final class BadLine {
    let chain: TestChain
    var random: SeededRandom
    /// Unit: of a thousand messages, how many meet a fault.
    var perMille = 300
    private var captured: [SyncRequest] = []
    private var answers: [SyncResponse] = []
    private(set) var faults = 0

    init(_ chain: TestChain, seed: UInt64) {
        self.chain = chain
        random = SeededRandom(seed: seed)
    }

    /// One round over the line.
    func sync(_ node: TestNode) throws {
        node.client.begin(now: node.now())
        for _ in 0..<400 {
            guard let request = try node.client.nextRequest(now: node.now()) else { break }
            if let response = try carry(request) {
                try node.client.take(
                    status: response.status,
                    headers: response.headers,
                    body: response.body,
                    now: node.now()
                )
            } else {
                node.client.fail("cut")
            }
            chain.wall = chain.wall.adding(milliseconds: 20)
        }
        node.events += node.client.outcome.events
    }

    private func carry(_ request: SyncRequest) throws -> SyncResponse? {
        captured.append(request)
        if captured.count > 40 { captured.removeFirst() }
        guard random.bool(chance: perMille) else { return keep(try chain.serve(request)) }
        faults += 1
        switch random.int(in: 0..<9) {
        case 0: return nil
        case 1:
            // It arrived; the answer did not.
            _ = try chain.serve(request)
            return nil
        case 2:
            _ = try chain.serve(request)
            return keep(try chain.serve(request))
        case 3:
            let old = random.pick(captured)
            _ = try chain.serve(old)
            return keep(try chain.serve(request))
        case 4: return keep(try chain.serve(flipped(request)))
        case 5:
            let answer = try chain.serve(request)
            return flipped(answer)
        case 6:
            let text = "<html>Please log in</html>"
            return SyncResponse(
                status: random.pick([200, 302, 502, 504]),
                headers: [(name: "Content-Type", value: "text/html")],
                body: Array(text.utf8)
            )
        case 7:
            _ = try chain.serve(request)
            return answers.isEmpty ? nil : random.pick(answers)
        default:
            let cut = request.body.prefix(random.int(in: 0..<max(request.body.count, 1)))
            let short = SyncRequest(
                method: request.method,
                target: request.target,
                headers: request.headers,
                body: Array(cut)
            )
            return try chain.serve(short)
        }
    }

    private func keep(_ response: SyncResponse) -> SyncResponse {
        answers.append(response)
        if answers.count > 40 { answers.removeFirst() }
        return response
    }

    private func flipped(_ request: SyncRequest) -> SyncRequest {
        var body = request.body
        var headers = request.headers
        if random.bool(chance: 700), !body.isEmpty {
            body[random.int(in: 0..<body.count)] ^= UInt8(1 << random.int(in: 0...7))
        } else {
            let place = random.int(in: 1..<headers.count)
            headers[place].value = String(headers[place].value.reversed())
        }
        return SyncRequest(
            method: request.method,
            target: request.target,
            headers: headers,
            body: body
        )
    }

    private func flipped(_ response: SyncResponse) -> SyncResponse {
        var body = response.body
        if !body.isEmpty {
            body[random.int(in: 0..<body.count)] ^= UInt8(1 << random.int(in: 0...7))
        }
        let status = random.bool(chance: 100) ? 200 : response.status
        return SyncResponse(status: status, headers: response.headers, body: body)
    }
}
