// The machine that measures: what it is, one core for all rounds, and a stopwatch.
// Must not know what is measured.

import CLinux
import CSQLite
import Glibc
import Wire

/// What the figures were measured on.
struct Machine {
    let entries: [(key: String, value: String)]

    /// Reads what /proc and the libraries say.
    static func describe() -> Machine {
        let cpu = line("/proc/cpuinfo", after: "model name") ?? "unknown"
        let memory = line("/proc/meminfo", after: "MemTotal") ?? "unknown"
        let kernel = read("/proc/sys/kernel/osrelease") ?? "unknown"
        return Machine(entries: [
            ("cpu", cpu), ("cores", "\(sysconf(Int32(_SC_NPROCESSORS_ONLN)))"),
            ("memory", memory), ("kernel", trimmed(kernel)),
            ("sqlite", String(cString: sqlite3_libversion())),
            ("zlib", Deflate.libraryVersion), ("swift", swiftVersion),
            ("commit", commit()), ("build", isOptimised ? "release" : "debug"),
        ])
    }

    private static var swiftVersion: String {
        #if compiler(>=6.3)
            "6.3 or newer"
        #else
            "older than 6.3"
        #endif
    }

    static var isOptimised: Bool {
        #if DEBUG
            false
        #else
            true
        #endif
    }

    /// The commit of the working copy that the program stands in, where there is one.
    private static func commit() -> String {
        guard let head = read(".git/HEAD") else { return "unknown" }
        let text = trimmed(head)
        guard text.hasPrefix("ref: ") else { return text }
        return read(".git/" + text.dropFirst(5)).map(trimmed) ?? "unknown"
    }

    static func line(_ path: String, after key: String) -> String? {
        guard let text = read(path) else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix(key) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            return trimmed(String(line[line.index(after: colon)...]))
        }
        return nil
    }

    private static func trimmed(_ text: String) -> String {
        text.split(whereSeparator: { $0 == " " || $0 == "\n" || $0 == "\t" })
            .joined(separator: " ")
    }

    static func read(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// Keeps this thread on the last core, so that rounds do not wander; false where it cannot.
    static func pinToOneCore() -> Bool {
        tributary_pin(Int32(truncatingIfNeeded: sysconf(Int32(_SC_NPROCESSORS_ONLN)) - 1)) == 0
    }

    /// Runs `body` with all cores, for what it starts inherits them; pins again where it was.
    static func onAllCores<Value>(
        _ isPinned: Bool,
        _ body: () throws -> Value
    ) rethrows -> Value {
        if isPinned { _ = tributary_unpin() }
        defer { if isPinned { _ = pinToOneCore() } }
        return try body()
    }

    /// The path of this program itself.
    static func ownPath() -> String? {
        var name = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &name, name.count)
        let bytes = name.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// The memory this process holds now, in bytes.
    static func residentBytes() -> Int {
        guard let text = read("/proc/self/statm") else { return 0 }
        let fields = text.split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
    }

    /// The seconds that `body` takes.
    static func seconds(_ body: () throws -> Void) rethrows -> Double {
        let start = now()
        try body()
        return now() - start
    }

    /// The seconds that `body` takes, and those of a core's time in them: a machine that is busy
    /// otherwise, and a disk that is waited for, do not show in the second.
    static func timed(_ body: () throws -> Void) rethrows -> (seconds: Double, core: Double) {
        let start = (now(), time(CLOCK_PROCESS_CPUTIME_ID))
        try body()
        return (now() - start.0, time(CLOCK_PROCESS_CPUTIME_ID) - start.1)
    }

    static func now() -> Double { time(CLOCK_MONOTONIC) }

    private static func time(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
