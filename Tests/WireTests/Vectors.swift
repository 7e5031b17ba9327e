// Where the published vectors lie, and how their files are read.
// They are not part of the repository: without TRIBUTARY_DATA the tests that need them are skipped.

import Foundation
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
func bytes(hex: String) -> [UInt8]? {
    let digits = Array(hex.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var result: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
        let pair = String(decoding: digits[index...index + 1], as: UTF8.self)
        guard let byte = UInt8(pair, radix: 16) else { return nil }
        result.append(byte)
    }
    return result
}

func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// splitmix64: what a property test draws from; the same seed gives the same run everywhere.
struct Draw {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}
