// The built program at work in a folder of its own, as a person or a script would run it.
// Where TRIBUTARY_PROGRAM names no program, the tests that need it are skipped with a notice.

import Foundation
import Testing

/// The program under test.
enum RecoveryProgram {
    static let path = ProcessInfo.processInfo.environment["TRIBUTARY_PROGRAM"]
    static var isThere: Bool {
        path.map { FileManager.default.isExecutableFile(atPath: $0) } ?? false
    }
    static let notice: Comment = "needs the built program: set TRIBUTARY_PROGRAM to its path"
}

/// What a command printed, and how it ended.
struct ProgramAnswer: CustomStringConvertible {
    let exit: Int32
    let output: String
    let error: String

    var description: String { "exit \(exit)\n\(output)\n\(error)" }
}

/// A folder with nodes, gone when the test is.
final class ProgramFolder {
    let path: String
    private var serving: [Process] = []

    init() throws {
        path = NSTemporaryDirectory() + "tributary-recovery-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// Ends what still serves, and removes the folder.
    func end() {
        for process in serving where process.isRunning {
            process.terminate()
            process.waitUntilExit()
        }
        try? FileManager.default.removeItem(atPath: path)
    }

    private func process(_ words: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(RecoveryProgram.path))
        process.arguments = words
        process.currentDirectoryURL = URL(fileURLWithPath: path)
        var environment = ProcessInfo.processInfo.environment
        environment["TRIBUTARY_LANG"] = "en"
        process.environment = environment
        return process
    }

    /// Starts a process with no signal blocked: it inherits the mask of the thread that starts it.
    private func start(_ process: Process) throws {
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try process.run()
    }

    /// Runs a command to its end; its words are separated by spaces.
    @discardableResult
    func run(_ line: String, exit expected: Int32? = 0) throws -> ProgramAnswer {
        let process = try process(line.split(separator: " ").map(String.init))
        let output = file("out-\(UUID().uuidString)")
        let error = file("err-\(UUID().uuidString)")
        for name in [output, error] { try Data().write(to: URL(fileURLWithPath: name)) }
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: error)
        try start(process)
        process.waitUntilExit()
        let answer = ProgramAnswer(
            exit: process.terminationStatus,
            output: try String(contentsOfFile: output, encoding: .utf8),
            error: try String(contentsOfFile: error, encoding: .utf8)
        )
        if let expected { #expect(answer.exit == expected, "\(line): \(answer)") }
        return answer
    }

    /// Serves a node, and answers where it listens.
    func serve(_ line: String) throws -> String {
        let process = try process(line.split(separator: " ").map(String.init))
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try start(process)
        serving.append(process)
        var text = ""
        while !text.contains("\n") {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { break }
            text += String(decoding: data, as: UTF8.self)
        }
        let parts = text.components(separatedBy: "\"listen\":\"")
        return try #require(parts.last?.components(separatedBy: "\"").first, "\(text)")
    }

    /// Ends everything that serves, as a service manager would.
    func stopServing() {
        for process in serving where process.isRunning {
            process.terminate()
            process.waitUntilExit()
        }
        serving = []
    }

    func file(_ name: String) -> String { path + "/" + name }

    func write(_ text: String, to name: String) throws {
        try text.write(toFile: file(name), atomically: true, encoding: .utf8)
    }

    func copy(_ name: String, to other: String) throws {
        try FileManager.default.copyItem(atPath: file(name), toPath: file(other))
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: file(name))
    }

    func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: file(name))))
    }
}
