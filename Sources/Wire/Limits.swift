// The limits of what is read from outside, each named once.
// Nothing here may depend on a machine: two nodes must agree on what they refuse.

/// The sizes, depths and times beyond which bytes and connections are refused.
package enum Limits {
    /// Size of a commit that this node writes.
    package static let commitBytesMax = 256 * 1024
    /// Size of a commit that this node accepts from others.
    package static let commitBytesReceivedMax = 1 << 20
    /// Size of a body as it travels.
    package static let bodyBytesMax = 16 << 20
    /// Size of a body after inflation.
    package static let bodyInflatedMax = 64 << 20
    /// Size of the head of a request: its first line and its fields.
    package static let headerBytesMax = 16 * 1024
    /// Number of fields in the head of a request.
    package static let headerFieldsMax = 64
    /// Size of a request target.
    package static let uriBytesMax = 8 * 1024
    /// Nesting of arrays and maps: a scalar has depth 0, an empty array depth 1.
    package static let depthMax = 32
    /// Commits of one act.
    package static let actCommitsMax = 16
    /// Time in which the head of a request must have arrived.
    package static let headerDeadlineMs: Int64 = 10_000
    /// Time after which a silent connection is closed.
    package static let idleMs: Int64 = 60_000
    /// Connections from one address.
    package static let connectionsPerAddressMax = 200
}
