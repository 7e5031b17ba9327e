// The program itself, as a process that serves a directory: started, asked, weighed and ended.
// Must not reach into it in any other way than its users do.

import CLinux
import Glibc
import Node
import Sync

/// A process that serves a node.
package final class ServedNode {
    /// Unit: bytes.
    package struct Memory {
        /// All pages that the process holds, those of shared libraries among them.
        package let resident: Double
        /// The same, with shared pages divided among those who share them.
        package let proportional: Double
    }

    private let pid: pid_t
    /// Unit: seconds from the start of the process to the first answer.
    let startSeconds: Double

    /// Starts `program` on a branch's directory, and waits until it answers.
    init(program: String, folder: String) throws {
        let begun = Machine.now()
        let words = ["branch", "--data", folder, "--listen", "127.0.0.1:0"]
        let child = try ServedNode.spawn(program, words, listening: true)
        pid = child.pid
        var isServing = false
        defer {
            close(child.output)
            if !isServing { kill(child.pid, SIGKILL) }
        }
        let address = try ServedNode.address(child.output)
        let line = HTTPTransport(try HeadquartersAddress("http://" + address))
        let health = SyncRequest(method: "GET", target: "/health", headers: [], body: [])
        let answer = try line.exchange(health)
        guard answer.status == 200 else {
            throw MeasurementFault(description: "/health answers \(answer.status)")
        }
        startSeconds = Machine.now() - begun
        isServing = true
    }

    /// Reads where the node listens from what it prints.
    private static func address(_ output: Int32) throws -> String {
        var text: [UInt8] = []
        var byte: UInt8 = 0
        while read(output, &byte, 1) == 1 {
            if byte != UInt8(ascii: "\n") {
                text.append(byte)
                continue
            }
            let line = String(decoding: text, as: UTF8.self)
            let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
            if let key = parts.firstIndex(of: "listen"), key + 2 < parts.count {
                return String(parts[key + 2])
            }
            text = []
        }
        throw MeasurementFault(description: "the node ended before it listened")
    }

    /// Runs a command of the program to its end, and answers its exit code.
    @discardableResult
    static func run(_ program: String, _ words: [String]) throws -> Int32 {
        wait(for: try spawn(program, words, listening: false).pid)
    }

    /// Starts a command of the program without waiting for its end.
    static func start(_ program: String, _ words: [String]) throws -> pid_t {
        try spawn(program, words, listening: false).pid
    }

    private static func spawn(
        _ program: String,
        _ words: [String],
        listening: Bool
    ) throws -> (pid: pid_t, output: Int32) {
        var ends: [Int32] = [-1, -1]
        if listening, pipe(&ends) != 0 {
            throw MeasurementFault(description: "no pipe can be made")
        }
        if listening { for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        if listening {
            posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        } else {
            posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var arguments = ([program] + words).map { strdup($0) } + [nil]
        defer { for text in arguments { free(text) } }
        var pid = pid_t()
        let code = posix_spawn(&pid, program, &actions, nil, &arguments, environ)
        if listening { close(ends[1]) }
        guard code == 0 else {
            if listening { close(ends[0]) }
            throw MeasurementFault(description: "\(program) does not start (\(code))")
        }
        return (pid, ends[0])
    }

    /// What the process holds now.
    func memory() throws -> Memory {
        func bytes(_ file: String, _ key: String) throws -> Double {
            let words = Machine.line("/proc/\(pid)/\(file)", after: key)?.split(separator: " ")
            guard let first = words?.first, let kibibytes = Double(first) else {
                throw MeasurementFault(description: "/proc/\(pid)/\(file) says nothing of \(key)")
            }
            return kibibytes * 1_024
        }
        return Memory(
            resident: try bytes("status", "VmRSS"),
            proportional: try bytes("smaps_rollup", "Pss")
        )
    }

    /// Ends the process, in order or as a power cut would.
    func end(inOrder: Bool) throws {
        kill(pid, inOrder ? SIGTERM : SIGKILL)
        let code = ServedNode.wait(for: pid)
        if inOrder, code != 0 {
            throw MeasurementFault(description: "the node ended with \(code)")
        }
    }

    /// Waits for the end of a process; a signal counts as 128 and its number.
    @discardableResult
    static func wait(for pid: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }
}
