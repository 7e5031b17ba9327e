// Days from punches: night shifts, breaks, presses twice, and what may still be on its way.

import Kernel
import Module
import People
import Replication
import SQLite
import Support
import Testing
import Wire

@Suite("People: day sheet")
struct DaySheetTests {
    /// Days of one person from punches such as `in 20T21:55`.
    private func days(_ punches: [String]) throws -> [DaySheetRow] {
        let kinds: [Substring: PunchKind] = [
            "in": .in, "out": .out, "pause": .breakStart, "resume": .breakEnd,
        ]
        let rows = try punches.map { text in
            let parts = text.split(separator: " ")
            return PunchRow(
                person: 1,
                at: try WallTime(parsing: "2026-11-\(parts[1]):00+08:00"),
                kind: try #require(kinds[parts[0]])
            )
        }
        return DaySheet.fold(rows, branch: 9)
    }

    private func text(_ day: DaySheetRow) -> String {
        let times = [day.firstIn, day.lastOut].map { $0?.timeText() ?? "-" }
        return "\(day.date.day) \(times[0]) \(times[1]) \(day.breakMinutes) \(day.workedMinutes) "
            + "\(day.state)"
    }

    @Test(
        "punches fold into days",
        arguments: [
            (["in 20T09:00", "out 20T18:00"], ["20 09:00 18:00 0 540 whole"]),
            (
                ["in 20T09:00", "pause 20T12:00", "resume 20T12:45", "out 20T18:00"],
                ["20 09:00 18:00 45 495 whole"]
            ),
            // Split shift.
            (
                ["in 20T09:00", "out 20T12:00", "in 20T15:00", "out 20T20:30"],
                ["20 09:00 20:30 0 510 whole"]
            ),
            // Night shift.
            (["in 20T21:55", "out 21T06:05"], ["20 21:55 06:05 0 490 whole"]),
            (
                ["in 20T22:00", "pause 20T23:50", "resume 21T00:20", "out 21T06:00"],
                ["20 22:00 06:00 30 450 whole"]
            ),
            // Pressed twice.
            (
                ["in 20T09:00", "in 20T09:03", "out 20T18:00", "out 20T18:02"],
                ["20 09:00 18:00 0 540 whole"]
            ),
            // The out at noon is missing: the morning counts nothing.
            (
                ["in 20T09:00", "in 20T13:00", "out 20T18:00"],
                ["20 09:00 18:00 0 300 missingOut"]
            ),
            (
                ["in 20T09:00", "in 21T09:00", "out 21T17:00"],
                [
                    "20 09:00 - 0 0 missingOut", "21 09:00 17:00 0 480 whole",
                ]
            ),
            (["out 20T18:00"], ["20 - 18:00 0 0 missingIn"]),
            // Over 16 hours is not one span.
            (
                ["in 20T09:00", "out 21T01:01"],
                [
                    "20 09:00 - 0 0 missingOut", "21 - 01:01 0 0 missingIn",
                ]
            ),
            (["in 20T09:00", "out 21T01:00"], ["20 09:00 01:00 0 960 whole"]),
            // A break that never ended is no break.
            (["in 20T09:00", "pause 20T12:00", "out 20T18:00"], ["20 09:00 18:00 0 540 whole"]),
            (["pause 20T12:00", "resume 20T13:00"], []),
            ([], []),
        ] as [([String], [String])]
    )
    func folding(punches: [String], expected: [String]) throws {
        #expect(try days(punches).map(text) == expected)
    }

    private func world(_ punches: [(Int64, PunchKind, String)]) throws -> (PeopleWorld, Int64) {
        let world = try PeopleWorld()
        let person = try world.run(
            HirePerson(
                code: "E002",
                name: "李四",
                branch: 9,
                from: CivilDate(parsing: "2026-01-01")
            )
        )
        for (branch, kind, time) in punches {
            _ = try world.run(
                Punch(person: person, branch: branch, kind: kind, method: .pin),
                at: try WallTime(parsing: "2026-11-\(time):00+08:00")
            )
        }
        return (world, person)
    }

    @Test("nothing is called missing while it may still be on its way")
    func notSynced() throws {
        let (world, _) = try world([
            (9, .in, "20T21:55"), (9, .out, "21T06:05"), (9, .in, "21T21:58"),
        ])
        let from = try CivilDate(parsing: "2026-11-20")
        func states(_ through: CivilDate?) throws -> [DaySheetRow.State] {
            try DaySheet.rows(
                branch: 9,
                from: from,
                to: from.adding(days: 1),
                completeThrough: through,
                world.node.views
            ).map(\.state)
        }
        #expect(try states(nil) == [.whole, .unknown])
        #expect(try states(from) == [.whole, .unknown])
        // The out of the night of the 21st may be punched on the 22nd.
        #expect(try states(from.adding(days: 1)) == [.whole, .unknown])
        #expect(try states(from.adding(days: 2)) == [.whole, .missingOut])
        // The out on the morning of the 21st belongs to the night before the period.
        let second = try DaySheet.rows(
            branch: 9,
            from: from.adding(days: 1),
            to: from.adding(days: 1),
            completeThrough: from.adding(days: 5),
            world.node.views
        )
        #expect(second.map(\.lastOut) == [nil])
    }

    /// Who worked when at two branches; the second has no tills.
    private func twoBranches() throws -> (PeopleWorld, Int64) {
        try world([
            (9, .in, "20T09:00"), (9, .out, "20T18:00"), (9, .in, "21T09:00"),
            (10, .in, "19T09:00"),
        ])
    }

    /// The report's rows as text: sealed `through` a date, and the branches `heard` of last.
    private func lines(
        _ world: PeopleWorld,
        _ through: String?,
        heard: String? = nil,
        branch: Int64? = nil
    ) throws -> [String] {
        world.through = try through.map { try CivilDate(parsing: "2026-11-\($0)") }
        let contacts = try [9, 10].map { branch in
            BranchCompleteness(
                branch: branch,
                code: "\(branch)",
                name: "店\(branch)",
                through: nil,
                lastContact: try heard.map { try WallTime(parsing: "2026-11-\($0):00+08:00") },
                state: .silent
            )
        }
        let request = ReportRequest(
            from: try CivilDate(parsing: "2026-11-19"),
            to: try CivilDate(parsing: "2026-11-21"),
            branch: branch
        )
        let table = try AttendanceReport().run(request, world.reportContext(contacts))
        #expect(table.rows.allSatisfy { $0.count == table.columns.count })
        return table.rows.map { row in
            [0, 2, 3, 4, 8, 9].map { column in
                switch row[column] {
                case .text(let text): text
                case .words(let text): text.chinese
                case .date(let date): "\(date.day)"
                case .integer(let number): "\(number)"
                default: "?"
                }
            }.joined(separator: " ")
        }
    }

    @Test("the report shows names, hours and states, and 已删除 for who was erased")
    func report() throws {
        let (world, person) = try twoBranches()
        #expect(
            try lines(world, "20") == [
                "S001 20 E002 李四 540 正常", "S001 21 E002 李四 0 未知(待同步)",
                "D001 19 E002 李四 0 未知(待同步)",
            ]
        )
        try world.node.log.write { try world.node.log.erase(person) }
        #expect(try lines(world, nil, branch: 10) == ["D001 19 E002 已删除 0 未知(待同步)"])
    }

    @Test("nobody is missing until the branch is sealed, and was heard of after the day's end")
    func punchesAfterTheSeal() throws {
        let (world, _) = try twoBranches()
        // Who punches out after the seal is not missing before the branch is heard of again.
        #expect(
            try lines(world, "22", heard: "21T23:59") == [
                "S001 20 E002 李四 540 正常", "S001 21 E002 李四 0 未知(待同步)",
                "D001 19 E002 李四 0 缺卡(下班)",
            ]
        )
        let whole = "S001 20 E002 李四 540 正常"
        #expect(
            try lines(world, "22", heard: "23T00:00", branch: 9) == [
                whole, "S001 21 E002 李四 0 缺卡(下班)",
            ]
        )
        #expect(
            try lines(world, "20", heard: "23T00:00", branch: 9) == [
                whole, "S001 21 E002 李四 0 未知(待同步)",
            ]
        )
        // A branch without tills is complete as far as its node was heard of.
        for (heard, state) in [("20T23:59", "未知(待同步)"), ("21T00:00", "缺卡(下班)")] {
            #expect(
                try lines(world, nil, heard: heard, branch: 10)
                    == ["D001 19 E002 李四 0 \(state)"]
            )
        }
    }

    @Test("hours are told by date, and not at all while a punch may be on its way")
    func workedMinutes() throws {
        let (world, _) = try twoBranches()
        let first = try CivilDate(parsing: "2026-11-20")
        let second = first.adding(days: 1)
        func minutes(
            _ branch: Int64,
            to: CivilDate,
            heard: String? = nil
        ) throws -> [CivilDate: Int64]? {
            let contact = BranchCompleteness(
                branch: branch,
                code: "S001",
                name: "店",
                through: nil,
                lastContact: try heard.map { try WallTime(parsing: "2026-11-\($0):00+08:00") },
                state: .silent
            )
            return try world.people.workedMinutes(
                branch: branch,
                ReportPeriod(from: first, to: to),
                world.reportContext([contact])
            )
        }
        #expect(try minutes(9, to: first) == [first: 540])
        #expect(try minutes(9, to: second) == nil)
        world.through = first.adding(days: 2)
        #expect(try minutes(9, to: second, heard: "23T00:00") == [first: 540, second: 0])
        #expect(try minutes(10, to: second) == [:])
    }

    @Test("whatever is punched, nobody works longer than from first in to last out")
    func anyPunches() {
        forAll { random in
            var at: Int64 = 1_795_000_000_000
            let punches = (0..<random.int(in: 0...60)).map { _ in
                at += Int64(random.int(in: 0...10 * 3_600_000))
                return PunchRow(
                    person: 1,
                    at: WallTime(milliseconds: at),
                    kind: random.pick(PunchKind.allCases)
                )
            }
            let days = DaySheet.fold(punches, branch: 9)
            if Set(days.map(\.date)).count != days.count { throw Broken("a date comes twice") }
            for day in days {
                if day.workedMinutes < 0 || day.breakMinutes < 0 { throw Broken("below zero") }
                if day.state == .whole, day.firstIn == nil || day.lastOut == nil {
                    throw Broken("a whole day lacks a punch")
                }
                guard let first = day.firstIn, let last = day.lastOut else {
                    if day.workedMinutes > 0 { throw Broken("worked without in and out") }
                    continue
                }
                let span = (last.milliseconds - first.milliseconds) / 60_000
                if day.state == .whole, day.workedMinutes + day.breakMinutes > span {
                    throw Broken("\(day.workedMinutes) minutes in \(span)")
                }
            }
        }
    }
}
