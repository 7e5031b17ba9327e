// The data directory of a node on a simulated disk.
// Must not: know what is in the files.
import Node
package import SQLite

/// The files of a node on a simulated disk.
package struct SimulatedStorage: NodeStorage {
    let disk: SimulatedDisk
    /// True in the canary that answers before the disk has kept what was written.
    let isCareless: Bool
    /// Unit: bytes set aside for the end of the day; 0 sets nothing aside.
    let reserveBytes: Int

    private static let folder = "data/"

    /// The directory `data` of a disk.
    package init(disk: SimulatedDisk, isCareless: Bool = false, reserveBytes: Int = 0) {
        self.disk = disk
        self.isCareless = isCareless
        self.reserveBytes = reserveBytes
    }

    package func database(_ name: String, _ options: Database.Options) throws -> Database {
        var options = options
        options.vfs = disk.name
        options.cacheKiB = 2_048
        options.busyTimeoutMs = 0
        if isCareless { options.synchronous = .off }
        return try Database(path: SimulatedStorage.folder + name, options: options)
    }

    package func names() throws -> [String] {
        disk.list(prefix: SimulatedStorage.folder)
            .map { String($0.dropFirst(SimulatedStorage.folder.count)) }
    }

    package func remove(_ name: String) throws {
        let path = SimulatedStorage.folder + name
        if disk.list(prefix: path).contains(path) { try disk.remove(path) }
    }

    package func read(_ name: String) throws -> [UInt8]? {
        try disk.read(SimulatedStorage.folder + name)
    }

    package func write(_ name: String, _ content: [UInt8], isDurable: Bool) throws {
        let path = SimulatedStorage.folder + name
        if isDurable { try disk.replace(path, content) } else { try disk.write(path, content) }
    }

    /// Sets the reserve aside, where there is to be one.
    package func makeReserve() -> Bool {
        if reserveBytes == 0 { return true }
        if let kept = try? read("reserve"), kept.count >= reserveBytes { return true }
        if let capacity = disk.capacityBytes, disk.usedBytes + reserveBytes > capacity {
            return false
        }
        let content = [UInt8](repeating: 0, count: reserveBytes)
        return (try? write("reserve", content, isDurable: true)) != nil
    }

    /// Gives the reserve free.
    package func freeReserve() -> Bool {
        guard let kept = try? read("reserve"), !kept.isEmpty else { return false }
        return (try? write("reserve", [], isDurable: true)) != nil
    }
}
