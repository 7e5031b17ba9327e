// What a request says of the device that sent it, for those who watch over the chain's sync.
// Must not decide anything: it is told, not proven.

package import Kernel

/// What a good request told of its device.
package struct DeviceNews: Hashable, Sendable {
    package let device: Int64
    /// The ends of the chains that the device says it has; empty where it said nothing of them.
    package var ends: [(replica: ReplicaNumber, last: UInt32)] = []
    /// The position of headquarters' order up to which everything was handed to it.
    package var handed: Int64?
    /// How far its clock is ahead of headquarters'.
    ///
    /// Unit: milliseconds.
    package var aheadMs: Int64?

    init(device: Int64) { self.device = device }

    package static func == (left: DeviceNews, right: DeviceNews) -> Bool {
        left.device == right.device && left.handed == right.handed
            && left.aheadMs == right.aheadMs && left.ends.elementsEqual(right.ends, by: ==)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(device) }
}
