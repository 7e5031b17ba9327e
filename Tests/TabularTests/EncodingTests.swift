// Encodings of files: found, given, and refused.

import Foundation
import Kernel
import Testing

@testable import Tabular

@Suite("Text encodings")
struct EncodingTests {
    /// 名称,价格 and 矿泉水,2.00 in GB18030.
    static let gb18030: [UInt8] = [
        0xC3, 0xFB, 0xB3, 0xC6, 0x2C, 0xBC, 0xDB, 0xB8, 0xF1, 0x0A,
        0xBF, 0xF3, 0xC8, 0xAA, 0xCB, 0xAE, 0x2C, 0x32, 0x2E, 0x30, 0x30, 0x0A,
    ]

    @Test("GB18030 is found where the start is not UTF-8, or taken as given")
    func chinese() throws {
        let expected = [["名称", "价格"], ["矿泉水", "2.00"]]
        #expect(try rows(Self.gb18030) == expected)
        #expect(try rows(Self.gb18030, CSVReader.Options(encoding: .gb18030)) == expected)
        #expect(try CSVReader(ByteSource(Self.gb18030)).encoding == .gb18030)
        #expect(fault(Self.gb18030, CSVReader.Options(encoding: .utf8))?.reason == .encoding)
    }

    @Test("four-byte characters of GB18030 are read, also across chunks")
    func fourBytes() throws {
        // U+20BB7 is 0x95 0x32 0x82 0x36.
        for shift in 0..<5 {
            let before = [UInt8](repeating: UInt8(ascii: "a"), count: 65_520 + shift)
            let bytes =
                [0xBC, 0xDB, 0x0A] + before + [0x0A]
                + Array(
                    repeating: [0x95, 0x34, 0xB2, 0x35] as [UInt8],
                    count: 8
                ).joined()
            let read = try rows(bytes)
            #expect(read.last == [String(repeating: "𠮷", count: 8)])
        }
    }

    @Test("byte order marks are passed over, UTF-16 is refused")
    func marks() throws {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        #expect(try rows(mark + Array("a,b".utf8)) == [["a", "b"]])
        #expect(try rows(mark + mark + Array("\"a\",b".utf8)) == [["a", "b"]])
        #expect(fault([0xFF, 0xFE, 0x61, 0x00])?.reason == .encoding)
        #expect(fault([0xFE, 0xFF, 0x00, 0x61])?.detail.contains("UTF-16") == true)
    }

    @Test("a file whose first 64 KiB are UTF-8 is never taken for another encoding")
    func lateBytes() {
        let ascii = String(repeating: "a,b\n", count: 20_000)
        let found = fault(Array(ascii.utf8) + Self.gb18030)
        #expect(found?.reason == .encoding)
        #expect(found?.line == 20_001)
        #expect(found?.detail.contains("gb18030") == true)
    }

    @Test("bytes of no encoding are refused with their line")
    func neither() {
        let found = fault([0xBC, 0xDB, 0x0A, 0x61, 0xFF, 0xFF, 0x0A])
        #expect(found?.reason == .encoding)
        #expect(found?.line == 2)
        #expect(fault([0x61, 0x0A, 0x62, 0xBC])?.line == 2)
    }

    @Test("a character cut by the end of a chunk of UTF-8 is read whole")
    func cutUTF8() throws {
        for shift in 0..<5 {
            let text = String(repeating: "a", count: 65_532 + shift) + "\n数𠮷é\n"
            let reader = try CSVReader(ByteSource(Array(text.utf8)))
            #expect(try reader.next() && reader.next())
            #expect(reader.encoding == .utf8)
            #expect(reader.texts == ["数𠮷é"])
        }
        let cut = Array("a\n数".utf8.dropLast())
        #expect(fault(cut, CSVReader.Options(encoding: .utf8))?.line == 2)
    }

    @Test("the check of UTF-8 agrees with the standard library on drawn bytes (seeded)")
    func agreesWithStandardLibrary() {
        let interesting: [UInt8] = [
            0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xED,
            0xEF, 0xF0, 0xF1, 0xF4, 0xF5, 0xFF,
        ]
        var random = SeededRandom(seed: 7)
        for round in 0..<30_000 {
            let bytes = (0..<random.int(in: 1...5)).map { _ in random.pick(interesting) }
            let isValid = String(validating: bytes, as: UTF8.self) != nil
            let end = UTF8Check.validPrefix(of: bytes, from: 0)
            #expect((end == bytes.count) == isValid, "\(bytes), round \(round) of seed 7")
            #expect(String(validating: bytes[..<end], as: UTF8.self) != nil)
            if UTF8Check.isCut(bytes, at: end) {
                let tails: [[UInt8]] = [[0x80], [0x80, 0x80], [0x80, 0x80, 0x80]]
                let isCut =
                    tails.contains { String(validating: bytes + $0, as: UTF8.self) != nil }
                    || [0x90, 0xA0].contains { second in
                        bytes.count - end == 1
                            && [[], [0x80], [0x80, 0x80]].contains { rest in
                                String(validating: bytes + [second] + rest, as: UTF8.self) != nil
                            }
                    }
                #expect(isCut, "\(bytes)")
            }
        }
    }

    @Test("a file is read by its path, and what is none is refused")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("tabular-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("a.csv")
        let text = String(repeating: "数量,1\n", count: 50_000)
        try Data(text.utf8).write(to: file)
        let reader = try CSVReader(ByteSource(path: file.path))
        var count = 0
        while try reader.next() { count += reader.texts == ["数量", "1"] ? 1 : 0 }
        try reader.rewind()
        while try reader.next() { count += 1 }
        #expect(count == 100_000)
        #expect(throws: TableFault.self) { try ByteSource(path: folder.path) }
        #expect(throws: TableFault.self) { try ByteSource(path: folder.path + "/none") }
        #expect(throws: TableFault.self) { try ByteSource(path: "/dev/zero") }
    }

    @Test("encodings are known by the names people use")
    func names() {
        #expect(TextEncoding(name: "GBK") == .gb18030)
        #expect(TextEncoding(name: "UTF8") == .utf8)
        #expect(TextEncoding(name: "latin1") == nil)
    }
}
