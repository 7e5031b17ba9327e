// Protocol/openapi.json against the program: every address of the server stands in it, and nothing
// else; its limits are the program's; what it says of statuses is what a serving node answers.

import Foundation
import HTTP
import Kernel
import Node
import Page
import Sync
import Testing
import Wire

@Suite("The description of the addresses")
struct OpenAPITests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Protocol")

    let document: [String: Any]

    init() throws {
        let data = try Data(contentsOf: Self.folder.appending(path: "openapi.json"))
        document = try #require(
            try JSONSerialization.jsonObject(with: data) as? [String: Any],
            "openapi.json is JSON"
        )
    }

    /// The operations by what they answer.
    private func operations() throws -> [Front.Route: [String: Any]] {
        var found: [Front.Route: [String: Any]] = [:]
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        let methods = ["get", "put", "post", "delete", "patch", "head", "options", "trace"]
        for (path, item) in paths {
            for (method, operation) in item where methods.contains(method) {
                found[Front.Route(method.uppercased(), path)] = operation as? [String: Any]
            }
        }
        return found
    }

    @Test("every address of the server is described, and every described one exists")
    func addresses() throws {
        #expect(document["openapi"] as? String == "3.1.0")
        let described = Set(try operations().keys)
        let served = Set(Front.routes)
        #expect(served.count == Front.routes.count, "no address stands twice")
        #expect(described.subtracting(served).isEmpty, "described, and not served")
        #expect(served.subtracting(described).isEmpty, "served, and not described")
    }

    @Test("every reference leads somewhere, and every vector that is named exists")
    func references() throws {
        var count = 0
        func walk(_ value: Any) throws {
            if let list = value as? [Any] { for item in list { try walk(item) } }
            guard let map = value as? [String: Any] else { return }
            if let text = map["$ref"] as? String {
                count += 1
                var place: Any? = document
                for part in text.dropFirst(2).split(separator: "/") {
                    place = (place as? [String: Any])?[String(part)]
                }
                #expect(text.hasPrefix("#/") && place != nil, "\(text) leads nowhere")
            }
            if let vector = map["x-vector"] as? String {
                let file = Self.folder.appending(path: vector + ".cbor").path
                #expect(FileManager.default.fileExists(atPath: file), "\(vector)")
            }
            for item in map.values { try walk(item) }
        }
        try walk(document)
        #expect(count > 50)
    }

    @Test("its limits are the program's")
    func limits() throws {
        let limits = try #require(document["x-limits"] as? [String: Int])
        let served = Front.limits
        let own = [
            "bodyBytesMax": served.bodyBytesMax(path: "/sync/v1/push"),
            "bodyInflatedMax": Limits.bodyInflatedMax,
            "enrolBytesMax": SyncServer.enrolBytesMax,
            "commitBytesMax": Limits.commitBytesMax,
            "commitBytesReceivedMax": Limits.commitBytesReceivedMax,
            "headerBytesMax": served.headerBytesMax,
            "headerFieldsMax": served.headerFieldsMax,
            "uriBytesMax": served.uriBytesMax,
            "depthMax": Limits.depthMax,
            "headerDeadlineMs": Int(served.headerDeadlineMs),
            "idleMs": Int(served.idleMs),
            "connectionsPerAddressMax": served.connectionsPerAddressMax,
        ]
        #expect(limits == own)
    }

    @Test("every refusal has its code and status where it can be answered")
    func refusals() throws {
        let components = try #require(document["components"] as? [String: Any])
        let responses = try #require(components["responses"] as? [String: [String: Any]])
        var statuses: [Int: Set<Int>] = [:]
        for operation in try operations().values {
            for (status, value) in try #require(operation["responses"] as? [String: Any]) {
                guard let text = (value as? [String: Any])?["$ref"] as? String,
                    let name = text.split(separator: "/").last.map(String.init)
                else { continue }
                for code in responses[name]?["x-codes"] as? [Int] ?? [] {
                    statuses[code, default: []].insert(try #require(Int(status)))
                }
            }
        }
        for refusal in SyncRefusal.allCases {
            let code = Int(refusal.rawValue)
            #expect(statuses[code] == [refusal.status], "code \(code)")
        }
    }

    @Test("a serving headquarters answers each address with a status that is described")
    func live() throws {
        let headquarters = try ServedHeadquarters()
        try headquarters.start()
        for (route, operation) in try operations().sorted(by: { "\($0.key)" < "\($1.key)" }) {
            let responses = try #require(operation["responses"] as? [String: Any])
            let hash = String(repeating: "0", count: 64)
            let target = route.path.replacing("{hash}", with: hash)
            let answer = try headquarters.ask(
                SyncRequest(method: route.method, target: target, headers: [], body: [0x78])
            )
            #expect(responses["\(answer.status)"] != nil, "\(route) answered \(answer.status)")
            let isServed = SyncAddress.all.first { $0.path == route.path }?.isServed ?? true
            #expect((answer.status == 501) != isServed, "\(route) answered \(answer.status)")
        }
        for (method, target) in [("POST", "/sync/v1/other"), ("GET", "/sync/v1/push")] {
            let answer = try headquarters.ask(
                SyncRequest(method: method, target: target, headers: [], body: [])
            )
            #expect(answer.status == 404, "\(method) \(target)")
        }
    }
}
