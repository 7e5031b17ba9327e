// What the CSV reader takes, what it refuses, and on which line.

import Kernel
import Testing

@testable import Tabular

/// All rows of a text, or the fault.
func rows(
    _ text: String,
    _ options: CSVReader.Options = CSVReader.Options()
) throws(TableFault) -> [[String]] {
    try rows(Array(text.utf8), options)
}

func rows(
    _ bytes: [UInt8],
    _ options: CSVReader.Options = CSVReader.Options()
) throws(TableFault) -> [[String]] {
    let reader = try CSVReader(ByteSource(bytes), options)
    var rows: [[String]] = []
    while try reader.next() { rows.append(reader.texts) }
    return rows
}

/// The fault that reading a text to its end throws.
func fault(
    _ bytes: [UInt8],
    _ options: CSVReader.Options = CSVReader.Options()
) -> TableFault? {
    do throws(TableFault) {
        _ = try rows(bytes, options)
        return nil
    } catch {
        return error
    }
}

func fault(_ text: String, _ options: CSVReader.Options = CSVReader.Options()) -> TableFault? {
    fault(Array(text.utf8), options)
}

@Suite("CSV reader")
struct CSVReaderTests {
    @Test("the cases of RFC 4180 are read")
    func cases() throws {
        #expect(try rows("a,b\r\nc,d\r\n") == [["a", "b"], ["c", "d"]])
        #expect(try rows("a,b\nc,d") == [["a", "b"], ["c", "d"]])
        #expect(try rows("\"a,b\",\"c\"\"d\",\"\"\r\n") == [["a,b", "c\"d", ""]])
        #expect(try rows("\"two\r\nlines\",x\r\n") == [["two\r\nlines", "x"]])
        #expect(try rows(",\n") == [["", ""]])
        #expect(try rows("a,") == [["a", ""]])
        #expect(try rows("\"\"") == [[""]])
        #expect(try rows("\n\na\n\r\n\nb\n") == [["a"], ["b"]])
        #expect(try rows(" a , b ") == [[" a ", " b "]])
        #expect(try rows("") == [])
    }

    @Test("a quoted empty field on a line of its own is a row")
    func quotedEmpty() throws {
        #expect(try rows("a\n\"\"\nb\n").count == 3)
    }

    @Test("rows know the line on which they began")
    func lines() throws {
        let reader = try CSVReader(ByteSource(Array("h\n\n\"a\nb\nc\"\nd\n".utf8)))
        var lines: [Int] = []
        while try reader.next() { lines.append(reader.line) }
        #expect(lines == [1, 3, 6])
        #expect(reader.rowCount == 3)
    }

    @Test("the delimiter is found in the first lines, or taken as given")
    func delimiters() throws {
        for delimiter in [",", ";", "\t", "|"] {
            let text = "a\(delimiter)b c\n1\(delimiter)\"x,;\t|\"\n"
            #expect(try rows(text) == [["a", "b c"], ["1", "x,;\t|"]], "\(delimiter)")
        }
        #expect(
            try rows("price;note\n1,5;a,b\n2,5;c,d\n") == [
                ["price", "note"], ["1,5", "a,b"], ["2,5", "c,d"],
            ]
        )
        #expect(
            try rows("a;b,c\n", CSVReader.Options(delimiter: UInt8(ascii: ";"))) == [
                ["a", "b,c"]
            ]
        )
        #expect(try rows("alone\nand alone\n") == [["alone"], ["and alone"]])
        #expect(CSVReader.delimiter(named: "tab") == 9)
        #expect(CSVReader.delimiter(named: ":") == nil)
    }

    @Test("NUL, open quotes, stray quotes and stray returns are refused with their line")
    func refused() {
        #expect(fault("a\nb\0c\n")?.reason == .nul)
        #expect(fault("a\nb\0c\n")?.line == 2)
        #expect(fault("a\n\"x\n\0\"\n")?.line == 3)
        let open = fault("a\nb\n\"c\nd\n")
        #expect(open?.reason == .unterminatedQuote)
        #expect(open?.line == 3)
        #expect(fault("a\nb\"c\n")?.reason == .strayQuote)
        #expect(fault("a\n\"b\"c\n")?.line == 2)
        #expect(fault("a\rb\n")?.reason == .strayReturn)
        #expect(fault("a\n\"b\"\r")?.line == 2)
        #expect(fault("a\nb\"c\n")?.description.hasPrefix("line 2, column 1: strayQuote: ") == true)
    }

    @Test("a row with a stray quote is lost alone, the next is read")
    func goesOn() throws {
        let text = "a,b\n1,x\"y\n\"2\"z,\"\"\n3,4\n\"5\",6\n"
        let reader = try CSVReader(ByteSource(Array(text.utf8)))
        var seen: [String] = []
        while true {
            do throws(TableFault) {
                guard try reader.next() else { break }
                seen.append(reader.texts.joined(separator: "|"))
            } catch {
                #expect(error.isOfOneRow)
                seen.append("\(error.line)")
            }
        }
        #expect(seen == ["a|b", "2", "3", "3|4", "5|6"])
        #expect(reader.rowCount == 5)
    }

    @Test("loose quotes are read when allowed, and mean one thing only")
    func looseQuotes() throws {
        let options = CSVReader.Options(allowsLooseQuotes: true)
        #expect(try rows("\"a\"\t,b \"c\" d,\"e\" \r\n", options) == [["a", "b \"c\" d", "e"]])
        #expect(fault("\"a\"b,c\n", options)?.reason == .strayQuote)
        #expect(fault("\"a\"\t,c\n")?.reason == .strayQuote)
    }

    @Test("a field and a row are read up to their limits, and refused one beyond")
    func limits() throws {
        let long = String(repeating: "x", count: 65_536)
        #expect(try rows("\(long),b\n").first?.first?.utf8.count == 65_536)
        #expect(fault("\(long)x,b\n")?.reason == .fieldTooLong)
        #expect(fault("a\n\"\(long)x\"\n")?.line == 2)
        let commas = String(repeating: ",", count: 1_023)
        #expect(try rows(commas + "\n").first?.count == 1_024)
        #expect(fault("a\n" + commas + ",\n")?.reason == .tooManyColumns)
        let after = try CSVReader(ByteSource(Array("\(long)x,\"a\nb\",\(long)y\nc\n".utf8)))
        #expect(throws: TableFault.self) { try after.next() }
        #expect(try after.next())
        #expect(after.texts == ["c"])
        #expect(after.line == 3)
    }

    @Test("what a writer wrote with any delimiter is read again, wherever chunks end (seeded)")
    func roundTrip() throws {
        let alphabet = ["a", "\"", ",", ";", "\t", "|", "\n", "\r\n", " ", "数", "𠮷", "é", "'"]
        for seed in 1...60 as ClosedRange<UInt64> {
            var random = SeededRandom(seed: seed)
            let delimiter = random.pick([44, 59, 9, 124] as [UInt8])
            let width = random.int(in: 1...6)
            var table: [[String]] = []
            var writer = CSVWriter(delimiter: delimiter, hasMark: random.bool(chance: 500))
            for _ in 0..<random.int(in: 1...60) {
                let cells = (0..<width).map { _ in
                    // Texts that begin with a letter are written without an apostrophe.
                    "x"
                        + (0..<random.int(in: 0...(seed % 4 == 0 ? 900 : 12)))
                        .map { _ in random.pick(alphabet) }.joined()
                }
                table.append(cells)
                writer.row(texts: cells)
            }
            let read = try rows(writer.bytes, CSVReader.Options(delimiter: delimiter))
            #expect(read == table, "seed \(seed): repeat with SeededRandom(seed: \(seed))")
        }
    }

    @Test("a defect is told with the same line wherever it lies among the chunks")
    func defectsAnywhere() {
        for count in [0, 1, 13_106, 13_107, 13_108, 40_000] {
            let text = String(repeating: "ab,c\n", count: count)
            #expect(fault(text + "x\0\n")?.line == count + 1, "\(count) lines before")
            let bytes = Array(text.utf8) + [0x61, 0xFF, 0x0A]
            let found = fault(bytes, CSVReader.Options(encoding: .utf8))
            #expect(found?.line == count + 1, "\(count) lines before")
            #expect(found?.reason == .encoding)
        }
    }

    @Test("going back gives the same rows again")
    func rewind() throws {
        let text = String(repeating: "数,\"a\nb\"\r\n", count: 20_000)
        let reader = try CSVReader(ByteSource(Array(text.utf8)))
        var first: [UInt8] = []
        while try reader.next() { reader.appendRow(to: &first) }
        try reader.rewind()
        var second: [UInt8] = []
        while try reader.next() { reader.appendRow(to: &second) }
        #expect(first == second)
        #expect(reader.rowCount == 20_000)
        #expect(reader.line == 40_001)
    }

    @Test("equal rows give equal bytes, and other rows others")
    func rowBytes() throws {
        func bytes(_ text: String) throws -> [UInt8] {
            let reader = try CSVReader(ByteSource(Array(text.utf8)))
            var bytes: [UInt8] = []
            while try reader.next() { reader.appendRow(to: &bytes) }
            return bytes
        }
        #expect(try bytes("a,b\n") == bytes("\"a\",\"b\""))
        #expect(try bytes("a;b\n") == bytes("a,b\n"))
        #expect(try bytes("ab,\n") != bytes("a,b\n"))
    }
}
