// Instants, hybrid times and ids: what never goes back, what saturates, what is refused.

import Kernel
import Testing

private let latest: Int64 = 9_007_199_254_740_991

struct ClockTests {
    @Test("China's day begins at 16:00 UTC, and an instant is written in its time")
    func china() throws {
        let midnight = try WallTime(date: CivilDate(parsing: "2026-11-23"), hour: 0, minute: 0)
        #expect(midnight.milliseconds == 1_795_363_200_000)
        #expect(midnight.date().description == "2026-11-23")
        #expect(midnight.adding(milliseconds: -1).date().description == "2026-11-22")
        #expect(midnight.date(offsetMinutes: 0).description == "2026-11-22")
        let tea = midnight.adding(milliseconds: (14 * 60 + 5) * 60_000 + 9_120)
        #expect(tea.timeText() == "14:05")
        #expect(tea.minuteOfDay() == 845)
        #expect(tea.dateTimeText() == "2026-11-23 14:05:09")
        #expect(tea.description == "2026-11-23T14:05:09.120+08:00")
        #expect(WallTime(milliseconds: -1).description == "1970-01-01T07:59:59.999+08:00")
    }

    @Test("An instant is read back from its text, and other forms are refused")
    func instantText() throws {
        property { random in
            let instant = WallTime(milliseconds: random.anyInt64() >> 20)
            let text = instant.description
            guard text.utf8.count == 29, instant.date().isWithinLimit else { return }
            try hold(try WallTime(parsing: text) == instant, text)
        }
        #expect(try WallTime(parsing: "1970-01-01T00:00:00Z").milliseconds == 0)
        #expect(try WallTime(parsing: "1970-01-01T00:00:00.001-01:30").milliseconds == 5_400_001)
        for text in [
            "", "1970-01-01", "1970-01-01T00:00:00", "1970-01-01 00:00:00Z",
            "1970-01-01T00:00:00ZZ",
            "1970-01-01T00:00:00.1Z", "1970-01-01T00:00:00.", "1970-01-01T00:00:00.123",
            "1970-01-01T00:00:00+0800", "1970-01-01T00:00:00+24:00", "1970-01-01T0x:00:00Z",
            "1970-01-01T00:00:00.123+", "1970-01-01T00:00:00.123+08:0",
        ] {
            #expect(throws: DateFault(.notADate, text)) { try WallTime(parsing: text) }
        }
        for text in ["1970-01-01T24:00:00Z", "1970-01-01T23:60:00Z", "1970-02-30T00:00:00Z"] {
            #expect(throws: DateFault.self) { try WallTime(parsing: text) }
        }
    }

    @Test("Every instant has a day and a text, the least and the greatest too")
    func instantEnds() {
        for milliseconds in [Int64.min, .max] {
            let instant = WallTime(milliseconds: milliseconds)
            #expect(!instant.description.isEmpty)
            #expect((0..<1_440).contains(instant.minuteOfDay()))
            #expect(!instant.date().isWithinLimit)
        }
    }

    @Test("A stamp is held within 53 bits whatever it is made from")
    func stampRange() {
        property(cases: 5_000) { random in
            let milliseconds = random.anyInt64()
            let counter = random.anyInt64()
            let exact = Int128(milliseconds) * 4_096 + Int128(counter)
            let kept = Int64(min(max(exact, 0), Int128(latest)))
            let stamp = ClockStamp(milliseconds: milliseconds, counter: counter)
            // Both parts beyond 64 bits and of opposite signs is the one case held part by part.
            guard Int64(exactly: Int128(milliseconds) * 4_096) != nil || counter == 0 else {
                try hold(stamp.rawValue == (milliseconds < 0 ? 0 : latest), "\(milliseconds)")
                return
            }
            try hold(stamp.rawValue == kept, "\(milliseconds) ms + \(counter): \(stamp.rawValue)")
            try hold(
                ClockStamp(milliseconds: stamp.milliseconds, counter: stamp.counter) == stamp,
                "parts of \(stamp.rawValue)"
            )
            let delta = random.anyInt64()
            let moved = Int128(stamp.rawValue) + Int128(delta) * 4_096
            try hold(
                Int128(stamp.adding(milliseconds: delta).rawValue)
                    == min(max(moved, 0), Int128(latest)),
                "\(stamp.rawValue) moved by \(delta) ms"
            )
        }
    }

    @Test("A stamp from outside the range is refused, and one of a clock before 2020 is the first")
    func stampEnds() throws {
        #expect(throws: NumberFault.self) { try ClockStamp(checked: -1) }
        #expect(throws: NumberFault.self) { try ClockStamp(checked: latest + 1) }
        #expect(try ClockStamp(checked: latest) == .max)
        #expect(ClockStamp(wall: WallTime(milliseconds: 0)) == .zero)
        #expect(ClockStamp(wall: WallTime(milliseconds: .min)) == .zero)
        #expect(ClockStamp(wall: WallTime(milliseconds: .max)) == .max)
        let new = try WallTime(parsing: "2020-01-01T00:00:00.001Z")
        #expect(ClockStamp(wall: new).rawValue == 4_096)
        #expect(ClockStamp(wall: new).wallTime == new)
    }

    @Test("The hybrid clock never goes back, and each tick is later than all before it")
    func neverBack() {
        property(cases: 500) { random in
            var clock = HybridClock()
            var wall: Int64 = 1_700_000_000_000
            var before = clock.last
            for _ in 0..<100 {
                // The wall stands, creeps, and is set forward and back.
                switch random.int(in: 0...9) {
                case 0: wall = random.anyInt64()
                case 1...3: wall = wall &+ Int64(random.int(in: -90_000...90_000))
                case 4...6: wall = wall &+ 1
                default: break
                }
                if random.bool(chance: 200) {
                    let seen = ClockStamp(random.anyInt64() >> 12)
                    clock.advance(to: seen)
                    try hold(clock.last == max(before, seen), "advanced to \(clock.last.rawValue)")
                    before = clock.last
                }
                let tick = clock.tick(wall: WallTime(milliseconds: wall))
                try hold(
                    tick > before || tick == .max,
                    "\(tick.rawValue) after \(before.rawValue), wall \(wall)"
                )
                try hold(tick == clock.last, "the last tick is kept")
                try hold(tick >= ClockStamp(wall: WallTime(milliseconds: wall)), "behind the wall")
                before = tick
            }
        }
    }

    @Test("A full counter goes on in the next millisecond, and the end of the range holds")
    func counter() {
        let wall = WallTime(milliseconds: ClockStamp.epochMs + 7)
        var clock = HybridClock(last: ClockStamp(milliseconds: 7, counter: 4_095))
        let next = clock.tick(wall: wall)
        #expect(next.milliseconds == 8)
        #expect(next.counter == 0)
        clock.advance(to: .max)
        let ends = [clock.tick(wall: wall), clock.tick(wall: wall)]
        #expect(ends == [.max, .max])
    }

    @Test("An id is replica and sequence in 53 bits, and nothing else is valid")
    func ids() throws {
        let id = ChangeID(replica: ReplicaNumber(7), sequence: 101)
        #expect(id.rawValue == 30_064_771_173)
        #expect(id.description == "7:101")
        #expect(id.offset(by: 3)?.description == "7:104")
        #expect(id.offset(by: -102) == nil)
        #expect(ChangeID(replica: .max, sequence: .max).rawValue == latest)
        #expect(ChangeID(replica: .max, sequence: .max).offset(by: 1) == nil)
        #expect(id.offset(by: .max) == nil)
        #expect(ChangeID(replica: .max, sequence: .max).isValid)
        for wrong: Int64 in [0, -1, .min, .max, latest + 1, latest + 2, 7 << 32] {
            #expect(!ChangeID(wrong).isValid)
            #expect(throws: NumberFault.self) { try ChangeID(checked: wrong) }
        }
        #expect(throws: NumberFault.self) { try ReplicaNumber(checked: 2_097_152) }
        #expect(throws: NumberFault.self) { try ReplicaNumber(checked: -1) }
        #expect(try ReplicaNumber(checked: 2_097_151) == .max)
        property { random in
            let replica = ReplicaNumber(UInt32(random.int(in: 0...2_097_151)))
            let sequence = UInt32(random.int(in: 1...Int(UInt32.max)))
            let id = ChangeID(replica: replica, sequence: sequence)
            try hold(
                id.isValid && id.replica == replica && id.sequence == sequence,
                "\(replica):\(sequence) became \(id)"
            )
        }
    }
}
