// The repository as Tidy reads it: files, lines, and the ratchet that may only shrink.

import Foundation

/// A line of a file that breaks a rule.
struct Breach: Hashable, CustomStringConvertible {
    let rule: String
    let file: String
    let line: Int
    let remedy: String

    var description: String { "\(file):\(line): \(remedy)" }
}

/// A text file of the repository.
struct SourceFile {
    let path: String
    let lines: [Substring]

    var folder: String { path.split(separator: "/").dropLast().joined(separator: "/") }
    var isSource: Bool { path.hasPrefix("Sources/") && path.hasSuffix(".swift") }
    var isTest: Bool { path.hasPrefix("Tests/") && path.hasSuffix(".swift") }

    /// The room: the target's name.
    var room: String {
        let parts = path.split(separator: "/").map(String.init)
        guard parts.count > 2 else { return "" }
        return parts[1] == "Modules" ? parts[2] : parts[1]
    }

    /// Code without comments, strings kept; good enough to look for words.
    func code(_ line: Substring) -> Substring {
        let trimmed = line.drop(while: { $0 == " " })
        if trimmed.hasPrefix("//") { return "" }
        guard let comment = line.range(of: " // ") else { return line }
        return line[..<comment.lowerBound]
    }
}

/// Everything that git would commit.
enum Repository {
    static let root: String = {
        let here = URL(fileURLWithPath: #filePath)
        return here.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
    }()

    static let paths: [String] = {
        let text = run(["git", "ls-files", "--cached", "--others", "--exclude-standard"]).output
        let all = text.split(separator: "\n").map(String.init)
        return all.filter { FileManager.default.fileExists(atPath: root + "/" + $0) }.sorted()
    }()

    static let swift: [SourceFile] = files { $0.hasSuffix(".swift") }

    static func files(_ isWanted: (String) -> Bool) -> [SourceFile] {
        paths.filter(isWanted).compactMap { path in
            guard let text = try? String(contentsOfFile: root + "/" + path, encoding: .utf8) else {
                return nil
            }
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            return SourceFile(path: path, lines: lines)
        }
    }

    /// Runs a program in the root and waits for it.
    static func run(_ words: [String]) -> (output: String, code: Int32) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.currentDirectoryURL = URL(fileURLWithPath: root)
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        // A child of a Dispatch thread would inherit a mask that blocks every signal.
        var empty = sigset_t()
        var before = sigset_t()
        sigemptyset(&empty)
        pthread_sigmask(SIG_SETMASK, &empty, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        guard (try? process.run()) != nil else { return ("", 127) }
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (String(decoding: data, as: UTF8.self), process.terminationStatus)
    }

    /// How many breaches of a rule a file may still have, from the committed baseline.
    static let baseline: [String: Int] = {
        let path = root + "/Tests/Tidy/baseline.txt"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        var allowed: [String: Int] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: " ")
            guard parts.count == 3, let count = Int(parts[0]) else { continue }
            allowed["\(parts[1]) \(parts[2])"] = count
        }
        return allowed
    }()
}
