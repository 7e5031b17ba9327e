// Where the published vectors lie, and how their files are read.
// They are not part of the repository: without TRIBUTARY_DATA the tests that need them are skipped.

import Foundation
import Kernel
import Testing

/// The published vectors in the folder `crypto-vectors` of TRIBUTARY_DATA.
enum Vectors {
    static let folder = ProcessInfo.processInfo.environment["TRIBUTARY_DATA"]
        .map { $0 + "/crypto-vectors/" }

    /// Whether the vectors are there; a test that needs them says so when it is skipped.
    static var areThere: Bool {
        guard let folder else { return false }
        return FileManager.default.fileExists(atPath: folder)
    }

    static let notice: Comment = "needs the published vectors: set TRIBUTARY_DATA"

    static func data(_ name: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: (folder ?? "") + name))
    }

    /// The records of a NIST or RFC file: runs of `Name = value` lines between empty lines.
    static func records(_ name: String) throws -> [[String: String]] {
        let text = String(decoding: try data(name), as: UTF8.self)
            .replacingOccurrences(of: "\r\n", with: "\n")
        return text.components(separatedBy: "\n\n").compactMap { paragraph in
            var record: [String: String] = [:]
            for line in paragraph.split(separator: "\n") where !line.hasPrefix("#") {
                let parts = line.components(separatedBy: " = ")
                if parts.count == 2 { record[parts[0]] = parts[1] }
            }
            return record.isEmpty ? nil : record
        }
    }
}

/// Bytes from hexadecimal digits; nil for anything else.
func bytes(hex: String) -> [UInt8]? { try? Hex.decode(hex) }

func hex(_ bytes: [UInt8]) -> String { Hex.encode(bytes) }

extension SeededRandom {
    /// A number from 0 up to, not including, the bound.
    mutating func below(_ bound: Int) -> Int { int(in: 0..<bound) }
}
