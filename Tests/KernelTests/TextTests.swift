// Coded text: hexadecimal, base 32, barcodes, and the normal form of what people type.

import Kernel
import Testing

struct TextTests {
    @Test("Bytes come back from hexadecimal and from base 32, whatever they are")
    func roundTrip() {
        property { random in
            let bytes = random.bytes(random.int(in: 0...40))
            try hold(try Hex.decode(Hex.encode(bytes)) == bytes, "hex of \(bytes)")
            let text = Base32.encode(bytes)
            try hold(try Base32.decode(text) == bytes, "base 32 of \(bytes): \(text)")
            try hold(try Base32.decode(text.lowercased()) == bytes, "lower case \(text)")
            try hold(text.utf8.count == (bytes.count * 8 + 4) / 5, "length of \(text)")
        }
    }

    @Test("Hexadecimal is written in lower case, read in either, and nothing else is read")
    func hex() throws {
        #expect(Hex.encode([0x00, 0x9F, 0xAB]) == "009fab")
        #expect(try Hex.decode("009FaB") == [0x00, 0x9F, 0xAB])
        #expect(throws: TextFault(.wrongLength, "abc")) { try Hex.decode("abc") }
        for text in ["0g", "0x", " 0", "０0", "+1"] {
            #expect(throws: TextFault.self) { try Hex.decode(text) }
        }
    }

    @Test("Base 32 reads what people make of it, and refuses what no bytes give")
    func base32() throws {
        #expect(Base32.encode([]) == "")
        #expect(Base32.encode([0xFF]) == "ZW")
        #expect(Base32.encode(Array("hello".utf8)) == "D1JPRV3F")
        #expect(try Base32.decode("d1jp-rv3f") == Array("hello".utf8))
        #expect(try Base32.decode("OiL o") == Base32.decode("0110"))
        #expect(Base32.encode([UInt8](repeating: 0xFF, count: 16)).utf8.count == 26)
        #expect(throws: TextFault(.wrongCharacter, "U0")) { try Base32.decode("U0") }
        #expect(throws: TextFault(.wrongLength, "0")) { try Base32.decode("0") }
        #expect(throws: TextFault(.wrongLength, "000")) { try Base32.decode("000") }
        #expect(throws: TextFault(.notCanonical, "ZZ")) { try Base32.decode("ZZ") }
    }

    @Test("A barcode is thirteen digits with the right last one")
    func barcode() {
        for code in ["4006381333931", "6901234567892", "9780201379624", "0000000000000"] {
            #expect(BarcodeEAN13.isValid(code))
            #expect(BarcodeEAN13.checkDigit(of: String(code.dropLast())) == Int(code.suffix(1)))
        }
        for code in ["4006381333932", "400638133393", "40063813339310", "", "400638133393x"] {
            #expect(!BarcodeEAN13.isValid(code))
        }
        #expect(!BarcodeEAN13.isValid("４００６３８１３３３９３１"))
        #expect(BarcodeEAN13.checkDigit(of: "40063813339x") == nil)
        #expect(BarcodeEAN13.checkDigit(of: "4006381333931") == nil)
    }

    @Test("No single digit of a barcode can be misread unnoticed")
    func barcodeDigits() {
        property(cases: 200) { random in
            let twelve = (0..<12).map { _ in String(random.int(in: 0...9)) }.joined()
            guard let check = BarcodeEAN13.checkDigit(of: twelve) else {
                throw Falsified(description: twelve)
            }
            let code = Array((twelve + "\(check)").utf8)
            for index in code.indices {
                for digit in UInt8(ascii: "0")...UInt8(ascii: "9") where digit != code[index] {
                    var misread = code
                    misread[index] = digit
                    let text = String(decoding: misread, as: UTF8.self)
                    try hold(!BarcodeEAN13.isValid(text), text)
                }
            }
        }
    }

    @Test("Typed text is brought to half width and freed of space around it")
    func normal() {
        #expect(Text.fullWidthToHalf("Ａ１２％　～！") == "A12% ~!")
        #expect(Text.fullWidthToHalf("中文、。￥") == "中文、。￥")
        #expect(Text.fullWidthToHalf("plain") == "plain")
        #expect(Text.trimmed(" \t\u{3000}\u{FEFF}a b\u{200B}\u{00A0}\r\n") == "a b")
        #expect(Text.trimmed("\u{3000} ") == "")
        #expect(Text.normalized("　１２．５　") == "12.5")
        #expect(Text.isBlank(""))
        #expect(Text.isBlank(" \u{3000}\n"))
        #expect(!Text.isBlank(" 。"))
    }
}
