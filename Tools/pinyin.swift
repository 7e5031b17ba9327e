// Writes the table of pinyin initials, Sources/Modules/Catalog/PinyinTable.swift:
//   swift Tools/pinyin.swift > Sources/Modules/Catalog/PinyinTable.swift
// GB 2312's first level is ordered by pinyin, so its letters come from ranges of its code; all
// other ideographs take the reading that the system's transliteration gives them.

import Foundation

let gb18030 = String.Encoding(rawValue: 0x8000_0632)

/// Where each letter begins in the first level.
let starts: [(UInt16, Character)] = [
    (0xB0A1, "a"), (0xB0C5, "b"), (0xB2C1, "c"), (0xB4EE, "d"), (0xB6EA, "e"), (0xB7A2, "f"),
    (0xB8C1, "g"), (0xB9FE, "h"), (0xBBF7, "j"), (0xBFA6, "k"), (0xC0AC, "l"), (0xC2E8, "m"),
    (0xC4C3, "n"), (0xC5B6, "o"), (0xC5BE, "p"), (0xC6DA, "q"), (0xC8BB, "r"), (0xC8F6, "s"),
    (0xCBFA, "t"), (0xCDDA, "w"), (0xCEF4, "x"), (0xD1B9, "y"), (0xD4D1, "z"),
]

func letter(_ scalar: Unicode.Scalar) -> Character {
    let text = String(Character(scalar))
    if let bytes = text.data(using: gb18030), bytes.count == 2 {
        let code = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        if (0xB0A1...0xD7F9).contains(code), bytes[1] >= 0xA1 {
            return starts.last { $0.0 <= code }?.1 ?? " "
        }
    }
    let latin = text.applyingTransform(.toLatin, reverse: false) ?? ""
    let plain = latin.folding(options: [.diacriticInsensitive, .caseInsensitive], locale: nil)
    guard let first = plain.first, ("a"..."z").contains(first) else { return "." }
    return first
}

let letters = (0x4E00...0x9FA5).compactMap { Unicode.Scalar(UInt32($0)) }.map(letter)
print(
    """
    // The first letter of the pinyin of each ideograph from U+4E00 to U+9FA5, in order; a point
    // where there is none. Written by Tools/pinyin.swift; not to be edited.

    /// First letters of pinyin.
    enum PinyinTable {
        /// The ideograph of the first letter.
        static let first: UInt32 = 0x4E00

        /// One letter for each ideograph.
        static let letters: StaticString = \"\"\"
    """
)
for start in stride(from: 0, to: letters.count, by: 88) {
    let line = String(letters[start..<min(start + 88, letters.count)])
    let isLast = start + 88 >= letters.count
    print("        \(line)\(isLast ? "" : "\\")")
}
print("        \"\"\"\n}")
