// The words under which a product is found: bigrams and single characters of its Chinese name, the
// initials of its pinyin, Latin words and its code. Written and asked by the same rules.
// No locale, no dictionary: the same words on every machine.

import Kernel

/// Words of product search.
package enum SearchWords {
    /// The longest run of initials that is kept; a longer wish is cut.
    static let initialsMax = 8
    /// The most words that a wish is looked up by.
    static let wishMax = 16

    /// A run of text of one sort.
    private enum Run {
        case ideographs([Unicode.Scalar])
        case latin(String)
    }

    /// All words of a product, separated by spaces.
    package static func words(name: String, code: String, brand: String?) -> String {
        var seen: Set<String> = []
        var words: [String] = []
        func add(_ word: String) {
            if seen.insert(word).inserted { words.append(word) }
        }
        for text in [name, code, brand ?? ""] {
            for run in runs(of: text) {
                switch run {
                case .latin(let word): add(word)
                case .ideographs(let scalars):
                    for scalar in scalars { add(String(scalar)) }
                    for (left, right) in zip(scalars, scalars.dropFirst()) {
                        add(String(left) + String(right))
                    }
                    for word in initialWords(of: scalars) { add(word) }
                }
            }
        }
        return words.joined(separator: " ")
    }

    /// The initials of a whole name in its most common reading, for ranking: `bskl` of 百事可乐.
    package static func initials(of name: String) -> String {
        var letters = ""
        for run in runs(of: name) {
            switch run {
            case .latin(let word): letters += word
            case .ideographs(let scalars):
                for scalar in scalars { letters += readings(of: scalar).prefix(1) }
            }
        }
        return letters
    }

    /// The wish as a query of FTS5: every word must be there, Latin ones as beginnings.
    ///
    /// Nil where nothing can be looked up.
    package static func query(_ wish: String) -> String? {
        var terms: [String] = []
        for run in runs(of: wish) {
            switch run {
            case .latin(let word):
                let isInitials = word.utf8.allSatisfy { (97...122).contains($0) }
                terms.append("\"\(isInitials ? String(word.prefix(initialsMax)) : word)\"*")
            case .ideographs(let scalars):
                if scalars.count == 1 { terms.append("\"\(scalars[0])\"") }
                for (left, right) in zip(scalars, scalars.dropFirst()) {
                    terms.append("\"\(left)\(right)\"")
                }
            }
        }
        return terms.isEmpty ? nil : terms.prefix(wishMax).joined(separator: " ")
    }

    /// The form in which a wish is compared with names and codes.
    package static func normalized(_ wish: String) -> String {
        Text.normalized(wish).lowercased()
    }

    private static func runs(of text: String) -> [Run] {
        var runs: [Run] = []
        var latin = ""
        var ideographs: [Unicode.Scalar] = []
        func close() {
            if !latin.isEmpty { runs.append(.latin(latin)) }
            if !ideographs.isEmpty { runs.append(.ideographs(ideographs)) }
            latin = ""
            ideographs = []
        }
        for scalar in normalized(text).unicodeScalars {
            if isIdeograph(scalar) {
                if !latin.isEmpty { close() }
                ideographs.append(scalar)
            } else if scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
                if !ideographs.isEmpty { close() }
                latin.unicodeScalars.append(scalar)
            } else {
                close()
            }
        }
        close()
        return runs
    }

    private static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x3005...0x3007, 0x3040...0x30FF, 0x3400...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF:
            true
        default: false
        }
    }

    /// The letters with which a character may be typed; none for one that the table lacks.
    static func readings(of scalar: Unicode.Scalar) -> String {
        if let several = manyReadings[scalar.value] { return several }
        let place = Int(scalar.value) - Int(PinyinTable.first)
        guard place >= 0, place < PinyinTable.letters.utf8CodeUnitCount else { return "" }
        let letter = PinyinTable.letters.utf8Start[place]
        return letter == UInt8(ascii: ".") ? "" : String(Unicode.Scalar(letter))
    }

    /// The initials from each place of a run on, in every reading while there are few.
    private static func initialWords(of scalars: [Unicode.Scalar]) -> [String] {
        var words: [String] = []
        for start in scalars.indices {
            var spelt = [""]
            for scalar in scalars[start...].prefix(initialsMax) {
                let letters = readings(of: scalar)
                if letters.isEmpty { break }
                let taken =
                    spelt.count * letters.utf8.count <= 8 ? letters : String(letters.prefix(1))
                spelt = spelt.flatMap { word in taken.map { word + String($0) } }
            }
            words += spelt.filter { !$0.isEmpty }
        }
        return words
    }

    /// Characters of goods that are typed in more than one way, the most common first.
    private static let manyReadings: [UInt32: String] = {
        let pairs = [
            "乐ly", "长cz", "重zc", "行xh", "朝cz", "参sc", "调td", "弹td", "石sd", "盛sc",
            "厦sx", "藏cz", "车cj", "茄qj", "核hg", "蔓mw", "尾wy", "奇qj", "降jx", "伽jgq",
            "虾xh", "卡kq", "圈qj", "炮pb", "膀bp", "蛤gh", "种zc", "咖kg", "校xj", "合hg",
            "叶yx", "便bp", "传cz", "单ds", "曾zc", "会hk", "给gj", "都d", "柜gj", "沈sc",
            "查cz", "仔z", "拾s", "强qj", "省sx", "刹sc", "畜cx", "泊bp", "薄b", "番fp",
        ]
        var table: [UInt32: String] = [:]
        for pair in pairs {
            guard let scalar = pair.unicodeScalars.first else { continue }
            table[scalar.value] = String(pair.unicodeScalars.dropFirst().map(Character.init))
        }
        return table
    }()
}
