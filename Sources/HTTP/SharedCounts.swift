// What the loops of one server count together. Locks are held for a few instructions only.

internal import Synchronization

/// Connections by address, and bytes of bodies under way.
final class SharedCounts: Sendable {
    /// What a new connection is told.
    enum Admission {
        case admitted
        case addressFull
        case serverFull
    }

    private struct Connections {
        var total = 0
        var byAddress: [String: Int] = [:]
    }

    private let connections = Mutex(Connections())
    private let bodyBytes = Atomic<Int>(0)
    private let limits: HTTPLimits

    init(limits: HTTPLimits) { self.limits = limits }

    /// Counts a new connection in; one whose address is full is counted without its address.
    func enter(_ address: String) -> Admission {
        let isLimited = !limits.unlimitedAddresses.contains(address)
        return connections.withLock { counts in
            guard counts.total < limits.connectionsMax else { return .serverFull }
            counts.total += 1
            guard isLimited else { return .admitted }
            let held = counts.byAddress[address] ?? 0
            guard held < limits.connectionsPerAddressMax else { return .addressFull }
            counts.byAddress[address] = held + 1
            return .admitted
        }
    }

    /// Counts a connection out.
    func leave(_ address: String, countedByAddress: Bool) {
        connections.withLock { counts in
            counts.total -= 1
            guard countedByAddress, let held = counts.byAddress[address] else { return }
            counts.byAddress[address] = held > 1 ? held - 1 : nil
        }
    }

    /// Adds to the bytes of bodies under way; false, and nothing added, where they do not fit.
    func holdBody(_ count: Int) -> Bool {
        let (_, sum) = bodyBytes.add(count, ordering: .relaxed)
        if count > 0 && sum > limits.bodyBytesInFlightMax {
            bodyBytes.subtract(count, ordering: .relaxed)
            return false
        }
        return true
    }

    /// Gives bytes of bodies back.
    func releaseBody(_ count: Int) {
        bodyBytes.subtract(count, ordering: .relaxed)
    }
}
