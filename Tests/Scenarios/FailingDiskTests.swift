// A serving node whose disk does not confirm a write: nothing is acknowledged on its word, the
// process opens its files anew, and what is asked again is there once.
// The system calls fail by strace(1); where there is none the test is skipped with a notice.

import Foundation
import Testing

@Suite("A disk that fails under a serving node", .serialized)
struct FailingDiskTests {
    private static let strace = "/usr/bin/strace"

    /// True where system calls of a child can be made to fail.
    private static let isPossible: Bool = {
        guard let program = BuiltProgram.path,
            FileManager.default.isExecutableFile(atPath: strace),
            let folder = try? folder()
        else { return false }
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let built = BuiltProgram(path: program, folder: folder)
        guard
            let traced = try? built.start(
                ["-D", "-f", "-o", folder + "/trace", "/bin/true"],
                of: strace
            ), let ended = try? built.wait(traced)
        else { return false }
        return ended.exit == 0
    }()

    private static func folder() throws -> String {
        let path = NSTemporaryDirectory() + "tributary-failing-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    /// Serves headquarters in `hq`; the fdatasync of a number fails.
    private static func serve(_ built: BuiltProgram, failing number: Int) throws
        -> BuiltProgram.Running
    {
        let running = try built.start(
            [
                "-D", "-f", "-o", built.folder + "/trace", "-e", "trace=fdatasync",
                "-e", "inject=fdatasync:error=EIO:when=\(number)", built.path, "hq",
                "--data", built.folder + "/hq", "--listen", "127.0.0.1:0",
            ],
            of: strace
        )
        for _ in 0..<3_000 {
            if output(running).contains("\"ready\"") { return running }
            usleep(10_000)
        }
        throw BuiltProgram.Fault(description: "does not listen: \(try built.wait(running))")
    }

    private static func output(_ running: BuiltProgram.Running) -> String {
        (try? String(contentsOfFile: running.output, encoding: .utf8)) ?? ""
    }

    /// Imports a product until it is said to be there; answers how often it was not.
    private static func insist(_ built: BuiltProgram, _ product: Int) throws -> Int {
        let path = built.folder + "/p\(product).csv"
        try "code,name,price\nP\(product),水\(product),3.50\n".write(
            toFile: path,
            atomically: true,
            encoding: .utf8
        )
        for attempt in 0..<50 {
            let words = ["import", "products", path, "--data", built.folder + "/hq"]
            let ended = try built.wait(built.start(words))
            if ended.exit == 0 { return attempt }
            usleep(100_000)
        }
        throw BuiltProgram.Fault(description: "product \(product) is never taken")
    }

    /// Runs a command that is killed at the system call of a number among those that write; true
    /// where it was, false where it ended before.
    private static func killed(_ built: BuiltProgram, at number: Int, _ words: [String]) throws
        -> Bool
    {
        let calls = "pwrite64,write,fdatasync,fsync,ftruncate,rename,unlink"
        let traced = try built.start(
            [
                "-D", "-f", "-o", "/dev/null", "-e", "trace=\(calls)",
                "-e", "inject=\(calls):signal=KILL:when=\(number)", built.path,
            ] + words,
            of: strace
        )
        let ended = try built.wait(traced)
        guard [0, 137].contains(ended.exit) else {
            throw BuiltProgram.Fault(description: "neither done nor killed: \(ended)")
        }
        return ended.exit == 137
    }

    @Test(
        "a kill -9 at any system call that writes leaves what the next run completes, once",
        .enabled(if: isPossible, "needs the built program (TRIBUTARY_PROGRAM) and strace(1)"),
        arguments: [("import", 5), ("rebuild", 9)]
    )
    func killedAnywhere(command: String, step: Int) throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let built = BuiltProgram(path: try #require(BuiltProgram.path), folder: folder)
        let data = folder + "/hq"
        try built.run(["hq", "--data", data, "--company", "百川", "--once"])
        var number = 1
        var product = 0
        while true {
            product += 1
            let path = folder + "/p.csv"
            try "code,name,price\nP\(product),水\(product),3.50\n".write(
                toFile: path,
                atomically: true,
                encoding: .utf8
            )
            let takes = ["import", "products", path, "--data", data]
            let words = command == "import" ? takes : [command, "--data", data]
            let wasKilled = try Self.killed(built, at: number, words)
            if command == "import" { try built.run(takes) }
            // The founding, and for each product itself and its price: nothing is there twice.
            let found = try built.run(["verify", "--data", data, "--json"]).object()
            let expected = command == "import" ? 1 + 2 * product : 1
            #expect(found["commits"] as? Int == expected, "call \(number): \(found)")
            #expect((found["problems"] as? [String]) == [], "call \(number)")
            if !wasKilled { break }
            number += step
        }
        #expect(number > 20, "the kill met many moments")
    }

    /// True where a folder can be made unwritable even for root, in a namespace of its own.
    private static let canBeReadOnly: Bool = {
        guard let program = BuiltProgram.path, let folder = try? folder() else { return false }
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let built = BuiltProgram(path: program, folder: folder)
        return (try? readOnly(built, "exit 0"))?.exit == 0
    }()

    /// Runs a script where the folder `hq` can only be read.
    private static func readOnly(
        _ built: BuiltProgram,
        _ script: String
    ) throws -> BuiltProgram.Ended {
        let hq = built.folder + "/hq"
        try FileManager.default.createDirectory(atPath: hq, withIntermediateDirectories: true)
        let mount = "mount --bind '\(hq)' '\(hq)' && mount -o remount,bind,ro '\(hq)' || exit 99\n"
        let words = ["-Urm", "sh", "-c", mount + script]
        return try built.wait(built.start(words, of: "/usr/bin/unshare"))
    }

    @Test(
        "a directory that may not be written is said to be one, and stays as it is",
        .enabled(if: canBeReadOnly, "needs the built program (TRIBUTARY_PROGRAM) and unshare(1)")
    )
    func readOnlyFolder() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let built = BuiltProgram(path: try #require(BuiltProgram.path), folder: folder)
        try built.run(["hq", "--data", folder + "/hq", "--company", "百川", "--once"])
        let log = try Data(contentsOf: URL(fileURLWithPath: folder + "/hq/log.sqlite"))
        for command in ["hq --listen 127.0.0.1:0", "verify", "report sales", "post"] {
            let script = "exec '\(built.path)' \(command) --data '\(folder)/hq'"
            let ended = try Self.readOnly(built, script)
            #expect(ended.exit != 0, "\(ended)")
            #expect(ended.error.contains(folder + "/hq"), "\(ended)")
            #expect(ended.error.contains("Read-only file system"), "\(ended)")
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/hq/log.sqlite")) == log)
        try built.run(["verify", "--data", folder + "/hq"])
    }

    @Test(
        "a sync that fails is never answered with yes; the process opens its files anew, or ends",
        .enabled(if: isPossible, "needs the built program (TRIBUTARY_PROGRAM) and strace(1)"),
        arguments: [5, 6, 8]
    )
    func failedSync(number: Int) throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let built = BuiltProgram(path: try #require(BuiltProgram.path), folder: folder)
        try built.run(["hq", "--data", folder + "/hq", "--company", "百川", "--once"])
        let running = try Self.serve(built, failing: number)
        var failures = 0
        for product in 1...6 { failures += try Self.insist(built, product) }
        #expect(failures > 0, "the sync that failed was somebody's")
        let trace = try String(contentsOfFile: folder + "/trace", encoding: .utf8)
        #expect(trace.contains("EIO"))
        // Each thread counts its own: the main thread's sync may fail too, when it opens the files.
        let said = try String(contentsOfFile: running.error, encoding: .utf8)
        #expect(said.contains("\"event\":\"disk_failed\""), "\(said)")
        let verified = try built.run(["verify", "--data", folder + "/hq"])
        #expect(verified.output.contains("everything is in order"), "\(verified)")
        kill(running.pid, SIGTERM)
        _ = try built.wait(running, seconds: 30)
        // The founding, and for each product itself and its price: nothing is there twice.
        let alone = try built.run(["verify", "--data", folder + "/hq", "--json"]).object()
        #expect(alone["commits"] as? Int == 13, "\(alone)")
    }
}
