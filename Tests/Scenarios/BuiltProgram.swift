// The built program as processes: run to their end, serving, or killed where they stand.
// Must not know what is tested with it.

import Foundation
import Synchronization
import Testing

/// The program that TRIBUTARY_PROGRAM names, in a folder of its own.
struct BuiltProgram: Sendable {
    static let path = ProcessInfo.processInfo.environment["TRIBUTARY_PROGRAM"].flatMap {
        FileManager.default.isExecutableFile(atPath: $0) ? $0 : nil
    }

    let path: String
    /// Where the words' relative paths are of, and what the processes print lies.
    let folder: String

    /// A process that has not ended yet.
    struct Running: Sendable {
        let pid: pid_t
        let words: [String]
        let output: String
        let error: String
    }

    /// How a process ended; a signal counts as 128 and its number.
    struct Ended: CustomStringConvertible {
        let words: [String]
        let exit: Int32
        let output: String
        let error: String

        var description: String {
            "\(words.joined(separator: " ")): exit \(exit)\n\(output.suffix(2_000))\n\(error)"
        }

        /// What was printed, as one JSON object.
        func object() throws -> [String: Any] {
            let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
            return try #require(value as? [String: Any], "\(self)")
        }
    }

    /// A process that did not end as it should.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// Starts a process; no signal is blocked in it.
    func start(_ words: [String], of other: String? = nil) throws -> Running {
        let name = folder + "/" + UUID().uuidString
        let running = Running(pid: 0, words: words, output: name + ".out", error: name + ".err")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, 1, running.output, flags, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, running.error, flags, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var environment = ProcessInfo.processInfo.environment
        environment["TRIBUTARY_LANG"] = "en"
        environment["LC_ALL"] = "C.UTF-8"
        let program = other ?? path
        var arguments = ([program] + words).map { strdup($0) } + [nil]
        var variables = environment.sorted { $0.key < $1.key }.map {
            strdup("\($0.key)=\($0.value)")
        }
        variables.append(nil)
        defer { for text in arguments + variables { free(text) } }
        var pid = pid_t()
        let code = posix_spawn(&pid, program, &actions, &attributes, &arguments, &variables)
        if code != 0 { throw Fault(description: "\(program) does not start: \(code)") }
        return Running(pid: pid, words: words, output: running.output, error: running.error)
    }

    /// Waits for the end of a process; what takes longer than `seconds` is killed.
    func wait(_ running: Running, seconds: Double = 120) throws -> Ended {
        let until = Date().addingTimeInterval(seconds)
        var status: Int32 = 0
        var wasKilled = false
        while waitpid(running.pid, &status, WNOHANG) == 0 {
            if Date() > until, !wasKilled {
                kill(running.pid, SIGKILL)
                wasKilled = true
            }
            usleep(2_000)
        }
        let signal = status & 0x7f
        let ended = Ended(
            words: running.words,
            exit: signal == 0 ? (status >> 8) & 0xff : 128 + signal,
            output: try String(contentsOfFile: running.output, encoding: .utf8),
            error: try String(contentsOfFile: running.error, encoding: .utf8)
        )
        if wasKilled { throw Fault(description: "does not end: \(ended)") }
        return ended
    }

    /// Runs a command to its end.
    ///
    /// Throws: `Fault` where it ends otherwise than expected.
    @discardableResult
    func run(_ words: [String], exit expected: Int32 = 0) throws -> Ended {
        let ended = try wait(start(words))
        if ended.exit != expected { throw Fault(description: "not \(expected): \(ended)") }
        return ended
    }

    /// Starts a node that listens, and answers where.
    func serve(_ words: [String]) throws -> (running: Running, address: String) {
        let running = try start(words)
        for _ in 0..<3_000 {
            let text = (try? String(contentsOfFile: running.output, encoding: .utf8)) ?? ""
            if text.hasSuffix("\n"), let listen = text.components(separatedBy: "listen\":\"").last {
                return (running, String(listen.prefix { $0 != "\"" }))
            }
            usleep(10_000)
        }
        kill(running.pid, SIGKILL)
        throw Fault(description: "does not listen: \(try wait(running))")
    }

    /// Ends a process as a service manager would.
    func stop(_ running: Running) throws {
        kill(running.pid, SIGTERM)
        let ended = try wait(running, seconds: 30)
        if ended.exit != 0 { throw Fault(description: "\(ended)") }
    }

    /// Does something for each item, two at a time; throws the first fault after all are done.
    static func inPairs<Item: Sendable>(
        _ items: [Item],
        _ body: @Sendable (Item) throws -> Void
    ) throws {
        let next = Mutex(0)
        let faults = Mutex<[any Error]>([])
        DispatchQueue.concurrentPerform(iterations: 2) { _ in
            while true {
                let place = next.withLock { value in
                    value += 1
                    return value - 1
                }
                guard place < items.count else { return }
                do {
                    try body(items[place])
                } catch {
                    faults.withLock { $0.append(error) }
                }
            }
        }
        if let fault = faults.withLock({ $0.first }) { throw fault }
    }
}
