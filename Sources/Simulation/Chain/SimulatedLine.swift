// The line between the nodes and headquarters: it loses, repeats, delays, cuts, and lies.
// Must not: make an answer that a device's key would sign.

import Kernel
import Node
import Sync

/// A line without faults, for enrolling and for the end of a run.
struct GoodLine: Transport {
    let chain: SimulatedChain

    func exchange(_ request: SyncRequest) throws -> TransportAnswer {
        guard let answer = chain.deliver(request, isProjecting: true) else {
            throw NodeFault(.unreachable, "headquarters is down", nextStep: "")
        }
        return answer
    }
}

extension SimulatedChain {
    /// Carries a request as well as the line allows; nil where no answer comes.
    func exchange(_ request: SyncRequest, of node: SimulatedNode) -> TransportAnswer? {
        if node.isCut || chance(.lostRequest) { return nil }
        if chance(.late) {
            late.append(request)
            return nil
        }
        if chance(.portal) { return portal() }
        var sent = request
        if chance(.cutShort) { sent = sent.with(body: cut(sent.body)) }
        if chance(.tampered) { sent = sent.with(body: tamper(sent.body)) }
        let isProjecting = random.bool(chance: 700)
        var answer = deliver(sent, isProjecting: isProjecting)
        if chance(.duplicated) {
            let second = deliver(sent, isProjecting: isProjecting)
            if random.bool(chance: 500) { answer = second }
        }
        guard let answer, !chance(.lostAnswer) else { return nil }
        if chance(.cutShort) {
            return random.bool(chance: 500) ? nil : answer.with(body: cut(answer.body))
        }
        if chance(.tampered) { return answer.with(body: tamper(answer.body)) }
        return answer
    }

    /// True where the dice let a fault happen.
    func chance(_ fault: SimulatedFault) -> Bool {
        let rate = isHealing ? 0 : plan.rate(fault)
        return rate > 0 && random.bool(chance: rate)
    }

    /// Headquarters takes a request; nil where it is down, or fails over it.
    func deliver(_ request: SyncRequest, isProjecting: Bool) -> TransportAnswer? {
        guard let headquarters = hq.headquarters else { return nil }
        do {
            let answer = try headquarters.answer(
                method: request.method,
                target: request.target,
                headers: request.headers,
                body: request.body
            )
            note("  \(request.target) \(answer.status) of device \(answer.device ?? 0)")
            for alert in headquarters.server.takeAlerts() { note("  alert \(alert)") }
            if isProjecting { try headquarters.engine.catchUp() }
            return TransportAnswer(
                status: answer.status,
                headers: answer.headers,
                body: answer.body
            )
        } catch {
            endProcess(of: hq, because: error)
            return nil
        }
    }

    /// One of the requests that nobody waits for any more arrives.
    func deliverLate() {
        guard !late.isEmpty else { return }
        let request = late.remove(at: random.int(in: 0..<late.count))
        let answer = deliver(request, isProjecting: false)
        note("  a late \(request.target) arrives: \(answer.map { "\($0.status)" } ?? "–")")
    }

    private func portal() -> TransportAnswer {
        let status = random.pick([200, 302, 403, 502, 511])
        let text = "<html><body>请先登录 Wi-Fi</body></html>"
        return TransportAnswer(
            status: status,
            headers: [(name: "Content-Type", value: "text/html")],
            body: random.bool(chance: 800) ? Array(text.utf8) : []
        )
    }

    private func cut(_ body: [UInt8]) -> [UInt8] {
        body.isEmpty ? [] : Array(body.prefix(random.int(in: 0..<body.count)))
    }

    private func tamper(_ body: [UInt8]) -> [UInt8] {
        if body.isEmpty { return [1] }
        var body = body
        body[random.int(in: 0..<body.count)] ^= UInt8(1 << random.int(in: 0...7))
        return body
    }
}

extension SyncRequest {
    fileprivate func with(body: [UInt8]) -> SyncRequest {
        SyncRequest(method: method, target: target, headers: headers, body: body)
    }
}

extension TransportAnswer {
    fileprivate func with(body: [UInt8]) -> TransportAnswer {
        TransportAnswer(status: status, headers: headers, body: body)
    }
}
