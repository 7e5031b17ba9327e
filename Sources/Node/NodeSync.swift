// A node's side of sync: rounds over a transport, and what the engine does after each answer.
// Must not open sockets; a transport does.

import Kernel
import Replication
import SQLite
package import Sync

/// An answer as a transport brought it.
package struct TransportAnswer: Sendable {
    package let status: Int
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]

    package init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// What carries requests to headquarters.
package protocol Transport {
    /// Sends a request and waits for its answer.
    ///
    /// Throws: where no answer came; nothing is known then.
    func exchange(_ request: SyncRequest) throws -> TransportAnswer
}

/// The sync of one node.
///
/// Not thread safe: it belongs to the node's writer thread, but for the exchange itself.
package final class NodeSync {
    package let engine: NodeEngine
    package let client: SyncClient

    /// The sync of an enrolled node.
    package init(engine: NodeEngine) throws {
        self.engine = engine
        client = try SyncClient(
            log: engine.log,
            shapes: SyncWiring.shapes(engine.modules),
            random: engine.random
        )
    }

    /// One round: sends what is new, fetches what is new.
    package func round(
        _ transport: any Transport,
        progress: (RoundOutcome) -> Void = { _ in }
    ) throws -> RoundOutcome {
        client.begin(now: engine.clock.now())
        while let request = try nextRequest() {
            do {
                let answer = try transport.exchange(request)
                try take(answer)
            } catch let fault as NodeFault {
                client.fail(fault.message)
            }
            progress(client.outcome)
        }
        try settle()
        return client.outcome
    }

    /// The next request of the round; nil where it is over.
    ///
    /// On a full disk what is here is still sent, but nothing is fetched.
    package func nextRequest() throws -> SyncRequest? {
        guard let request = try client.nextRequest(now: engine.clock.now()) else { return nil }
        if engine.isShort, request.target == "/sync/v1/pull" {
            engine.lookAtSpace()
            if engine.isShort {
                client.fail("the disk here is full")
                return nil
            }
        }
        return request
    }

    /// Takes an answer, and lets the engine follow what it brought.
    package func take(_ answer: TransportAnswer) throws {
        try client.take(
            status: answer.status,
            headers: answer.headers,
            body: answer.body,
            now: engine.clock.now()
        )
        try engine.forgetErased()
        // Between two requests of a round the till goes on.
        try engine.followRecommit()
        try engine.keepWalShort()
    }

    /// Brings the views to the log's end; where commits were taken away they are derived anew.
    package func settle() throws {
        try engine.followRecommit()
        try engine.catchUp()
        try engine.refreshFacts()
        if let head = engine.log.own { engine.afterWrite(head) }
    }
}
