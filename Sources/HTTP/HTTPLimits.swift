// Every number at which the server says no. It must hold numbers only: what is done when one is
// reached stands in the parser (sizes) and in the loop (time and connections).

/// The limits of one server; each refusal names the one that was reached, and its value.
package struct HTTPLimits: Sendable {
    /// A body limit for the paths under a prefix.
    package struct BodyRule: Sendable, Hashable {
        /// The beginning of the decoded path, such as `/sync/v1/`.
        package let pathPrefix: String
        /// Unit: bytes of the body as sent, without its transfer coding.
        package let bytesMax: Int

        /// A rule.
        package init(pathPrefix: String, bytesMax: Int) {
            self.pathPrefix = pathPrefix
            self.bytesMax = bytesMax
        }
    }

    /// Size of all header lines together, their line ends included; more is answered 431.
    package var headerBytesMax = 16 * 1024
    /// Number of header fields; more is answered 431.
    package var headerFieldsMax = 64
    /// Size of the request target; more is answered 414.
    package var uriBytesMax = 8 * 1024
    /// Size of a body as sent where no rule says otherwise; more is answered 413.
    package var bodyBytesMax = 1024 * 1024
    /// Other body limits by path; of several that fit the longest prefix holds.
    package var bodyRules: [BodyRule] = []
    /// Size of all bodies being received at one time; a body that does not fit is answered 503.
    package var bodyBytesInFlightMax = 256 * 1024 * 1024
    /// Time from the first byte of a request to the end of its header; more is answered 408.
    package var headerDeadlineMs: Int64 = 10_000
    /// Time a body or an answer may take beyond what `bytesPerSecondMin` gives it.
    package var transferGraceMs: Int64 = 10_000
    /// Slowest rate of a body, whatever came before (answered 408 below it), and of a peer that
    /// reads an answer (closed).
    package var bytesPerSecondMin: Int64 = 1024
    /// Time a connection may wait for its next request before it is closed.
    package var idleMs: Int64 = 60_000
    /// Time given to a peer to read a refusal before its connection is closed.
    package var lingerMs: Int64 = 1_000
    /// Time that `stop` waits for answers under way.
    package var stopGraceMs: Int64 = 2_000
    /// Connections from one address at one time; the next is answered 503.
    package var connectionsPerAddressMax = 200
    /// Addresses without that limit: the proxy in front, which stands for many.
    package var unlimitedAddresses: [String] = []
    /// Connections of all addresses at one time; the next is closed.
    package var connectionsMax = 12_000

    /// The limits of the design.
    package init() {}

    /// The body limit of a path.
    package func bodyBytesMax(path: String) -> Int {
        var best: BodyRule?
        for rule in bodyRules where path.hasPrefix(rule.pathPrefix) {
            if rule.pathPrefix.utf8.count >= (best?.pathPrefix.utf8.count ?? 0) { best = rule }
        }
        return best?.bytesMax ?? bodyBytesMax
    }
}
