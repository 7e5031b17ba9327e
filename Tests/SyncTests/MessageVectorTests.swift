// The vectors of messages in Protocol/vectors against the program. One that exists is never
// rewritten here; UPDATE_VECTORS=1 only adds what is missing.

import Foundation
import Kernel
import Replication
import Sync
import Testing
import Wire

@Suite("The vectors of messages")
struct MessageVectorTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Protocol/vectors")

    @Test("every vector is what the program makes of it, and none was edited")
    func vectors() throws {
        let isAdding = ProcessInfo.processInfo.environment["UPDATE_VECTORS"] == "1"
        let vectors = try MessageVectors.all()
        for vector in vectors {
            let bytes = Self.folder.appending(path: vector.name + ".cbor")
            let twin = Self.folder.appending(path: vector.name + ".json")
            if isAdding, !FileManager.default.fileExists(atPath: bytes.path) {
                try Data(vector.bytes).write(to: bytes)
                try vector.twin.write(to: twin, atomically: true, encoding: .utf8)
            }
            #expect(
                try Data(contentsOf: bytes) == Data(vector.bytes),
                "\(vector.name): a vector is never edited; a new shape needs a new name"
            )
            #expect(try String(contentsOf: twin, encoding: .utf8) == vector.twin, "\(vector.name)")
        }
        let names = Set(vectors.map(\.name))
        for file in try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        where file.hasPrefix("message-") && file.hasSuffix(".cbor") {
            #expect(names.contains(String(file.dropLast(5))), "\(file) is made by no code")
        }
    }

    @Test("every type of message has a vector")
    func types() throws {
        let seen = try MessageVectors.all().compactMap { try? Message(encoded: $0.bytes).type }
        for type in MessageType.allCases { #expect(seen.contains(type), "\(type)") }
    }

    @Test("what is read of a message's bytes is written as the very same bytes")
    func identity() throws {
        for vector in try MessageVectors.all() {
            guard !vector.name.hasPrefix("message-refused-"),
                let message = try? Message(encoded: vector.bytes)
            else { continue }
            let body: [UInt8]
            switch message.type {
            case .enrol: body = try EnrolRequest(body: message.body).body
            case .enrolled: body = try EnrolAnswer(body: message.body).body
            case .hello: body = try HelloRequest(body: message.body, device: 3).body
            case .greeted: body = try HelloAnswer(body: message.body).body
            case .pushed, .fileAcks: body = try PushAnswer(body: message.body).body
            case .pull: body = try PullRequest(body: message.body).body
            case .pulled: body = try PullAnswer(body: message.body).body
            case .refused: body = try RefusedAnswer(body: message.body).body
            default: continue
            }
            #expect(body == message.body, "\(vector.name)")
        }
    }

    @Test("a message that breaks one rule is read by nobody")
    func hostile() throws {
        let vectors = try MessageVectors.hostile()
        #expect(vectors.count == 8)
        for vector in vectors {
            #expect(throws: (any Error).self, "\(vector.name)") {
                let message = try Message(encoded: vector.bytes)
                _ = try RefusedAnswer(body: message.body)
            }
        }
    }

    @Test("a key that is not known is passed over")
    func unknownKeys() throws {
        guard case .map(let entries) = try CBORValue(decoding: RefusedAnswer(.lagging).body) else {
            Issue.record("a body is a map")
            return
        }
        let body = try CBORValue.map(entries + [.init(99, .text("later"))]).encoded()
        #expect(try RefusedAnswer(body: body) == RefusedAnswer(.lagging))
    }

    @Test("the protocol page names every type of message and every refusal")
    func page() throws {
        let text = try String(
            contentsOf: Self.folder.deletingLastPathComponent().appending(path: "sync.md"),
            encoding: .utf8
        )
        for type in MessageType.allCases {
            #expect(text.contains("| \(type.rawValue) |"), "message type \(type.rawValue)")
        }
        for refusal in SyncRefusal.allCases {
            #expect(
                text.contains("| \(refusal.rawValue) | \(refusal.status) |"),
                "refusal \(refusal.rawValue)"
            )
        }
    }
}
