// The label on paper: its check finds every misread character and every swap of neighbours.

import Kernel
import Testing

private func draw(_ random: inout SeededRandom) throws -> ReceiptLabel {
    let firsts = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    let branch =
        String(random.pick(firsts)) + String("\(1_000 + random.int(in: 0...999))".dropFirst())
    return try ReceiptLabel(
        branch: branch,
        till: String("\(100 + random.int(in: 0...99))".dropFirst()),
        series: ReceiptLabel.series(random.int(in: 0...800)),
        date: CivilDate(dayNumber: Int32(random.int(in: 10_957...47_481))),
        sequence: random.int(in: 1...99_999)
    )
}

private func isRead(_ characters: [UInt8]) -> Bool {
    (try? ReceiptLabel(parsing: String(decoding: characters, as: UTF8.self))) != nil
}

struct ReceiptLabelTests {
    @Test("A label is written with its check, as reckoned independently")
    func written() throws {
        let label = try ReceiptLabel(
            branch: "S001",
            till: "01",
            series: "A",
            date: CivilDate(parsing: "2026-11-23"),
            sequence: 17
        )
        #expect(label.description == "S00101A-261123-00017-77")
        let late = try ReceiptLabel(
            branch: "0101",
            till: "02",
            series: "AB",
            date: CivilDate(parsing: "2026-01-01"),
            sequence: 99_999
        )
        #expect(late.description == "010102AB-260101-99999-93")
    }

    @Test("A label is read back as it was written, with its hyphens or without any")
    func roundTrip() {
        property { random in
            let label = try draw(&random)
            let text = label.description
            try hold(try ReceiptLabel(parsing: text) == label, text)
            let joined = String(text.filter { $0 != "-" })
            try hold(try ReceiptLabel(parsing: joined) == label, joined)
        }
    }

    @Test("No single character can be misread unnoticed")
    func singleCharacter() {
        let signs = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcoil- .".utf8)
        property(cases: 150) { random in
            let text = try draw(&random).description
            for joined in [text, text.filter { $0 != "-" }] {
                let characters = Array(joined.utf8)
                for index in characters.indices {
                    for sign in signs where sign != characters[index] {
                        var misread = characters
                        misread[index] = sign
                        try hold(
                            !isRead(misread),
                            "\(joined) read as \(String(decoding: misread, as: UTF8.self))"
                        )
                    }
                }
            }
        }
    }

    @Test("No two neighbours can be swapped unnoticed")
    func transposition() {
        property(cases: 2_000) { random in
            let text = try draw(&random).description
            for joined in [text, text.filter { $0 != "-" }] {
                let characters = Array(joined.utf8)
                for index in 1..<characters.count
                where characters[index] != characters[index - 1] {
                    var swapped = characters
                    swapped.swapAt(index, index - 1)
                    try hold(
                        !isRead(swapped),
                        "\(joined) read as \(String(decoding: swapped, as: UTF8.self))"
                    )
                }
            }
        }
    }

    @Test("The second writing that a check has modulo 97 is refused")
    func canonicalCheck() throws {
        let twins = ["97": "00", "98": "01", "02": "99"]
        var seen: Set<String> = []
        for sequence in 1...2_000 {
            let label = try ReceiptLabel(
                branch: "S001",
                till: "01",
                series: "A",
                date: CivilDate(parsing: "2026-11-23"),
                sequence: sequence
            )
            guard let twin = twins[label.check] else { continue }
            let text = label.description.dropLast(2) + twin
            #expect(throws: TextFault(.checkFailed, String(text))) {
                try ReceiptLabel(parsing: String(text))
            }
            seen.insert(twin)
        }
        #expect(seen.count == 3)
    }

    @Test("Parts without a place on the label are refused")
    func parts() throws {
        let date = try CivilDate(parsing: "2026-11-23")
        for branch in ["", "S01", "S0011", "SH01", "s001", "Ｓ001", "S0-1", "S00A"] {
            #expect(throws: TextFault(.wrongCharacter, branch)) {
                try ReceiptLabel(branch: branch, till: "01", series: "A", date: date, sequence: 1)
            }
        }
        for till in ["", "1", "A1", "001", "-1"] {
            #expect(throws: TextFault(.wrongCharacter, till)) {
                try ReceiptLabel(branch: "S001", till: till, series: "A", date: date, sequence: 1)
            }
        }
        for series in ["", "1", "a", "AAAAA", "A1"] {
            #expect(throws: TextFault(.wrongCharacter, series)) {
                try ReceiptLabel(
                    branch: "S001",
                    till: "01",
                    series: series,
                    date: date,
                    sequence: 1
                )
            }
        }
        for sequence in [0, -1, 100_000] {
            #expect(throws: TextFault(.outOfRange, "\(sequence)")) {
                try ReceiptLabel(
                    branch: "S001",
                    till: "01",
                    series: "A",
                    date: date,
                    sequence: sequence
                )
            }
        }
        #expect(throws: TextFault(.outOfRange, "1999-12-31")) {
            try ReceiptLabel(
                branch: "S001",
                till: "01",
                series: "A",
                date: CivilDate(parsing: "1999-12-31"),
                sequence: 1
            )
        }
    }

    @Test("Any text whatever is read or refused, never a crash")
    func anything() {
        property(cases: 5_000) { random in
            var characters = Array(try draw(&random).description.utf8)
            for _ in 0..<random.int(in: 1...6) {
                let index = random.int(in: 0..<characters.count + 1)
                if random.bool(chance: 500) {
                    characters.insert(UInt8(random.int(in: 0...255)), at: index)
                } else if index < characters.count {
                    characters.remove(at: index)
                }
            }
            _ = isRead(characters)
        }
        for text in ["", "-", "---", String(repeating: "0", count: 20), "-------"] {
            #expect(throws: TextFault.self) { try ReceiptLabel(parsing: text) }
        }
    }

    @Test("Series count on from Z to AA and from ZZ to AAA")
    func series() throws {
        #expect(try ReceiptLabel.series(0) == "A")
        #expect(try ReceiptLabel.series(25) == "Z")
        #expect(try ReceiptLabel.series(26) == "AA")
        #expect(try ReceiptLabel.series(701) == "ZZ")
        #expect(try ReceiptLabel.series(702) == "AAA")
        #expect(try ReceiptLabel.series(475_253) == "ZZZZ")
        #expect(throws: TextFault.self) { try ReceiptLabel.series(475_254) }
        #expect(throws: TextFault.self) { try ReceiptLabel.series(-1) }
    }
}
