// The addresses of the protocol in one table: the server routes by it, openapi.json describes it.
// Must not know what an address does.

/// An address of the protocol.
package struct SyncAddress: Hashable, Sendable {
    package let method: String
    /// The path; `{hash}` stands for what differs from request to request.
    package let path: String
    /// False for what is specified and not yet served.
    package let isServed: Bool

    /// Every address, served or specified.
    package static let all = [
        SyncAddress("POST", "enrol"), SyncAddress("POST", "hello"), SyncAddress("POST", "push"),
        SyncAddress("POST", "pull"), SyncAddress("GET", "base", isServed: false),
        SyncAddress("GET", "blob/{hash}", isServed: false),
        SyncAddress("PUT", "blob/{hash}", isServed: false),
        SyncAddress("POST", "relay", isServed: false),
        SyncAddress("POST", "escrow", isServed: false),
    ]

    /// What all of them begin with.
    package static let prefix = "/sync/v1/"

    private init(_ method: String, _ name: String, isServed: Bool = true) {
        self.method = method
        path = SyncAddress.prefix + name
        self.isServed = isServed
    }

    /// The addresses of a path as it was asked for; empty where there is none.
    static func of(_ path: String) -> [SyncAddress] {
        all.filter { address in
            guard let open = address.path.firstIndex(of: "{") else { return address.path == path }
            return path.hasPrefix(address.path[..<open])
        }
    }
}
