// Kernel: an instant as a device's clock showed it, and China's time of it.
// It never asks a clock: that comes from outside through `Clock`.

/// An instant on a device's clock.
///
/// Unit: milliseconds since 1970-01-01 UTC, signed. Every number is an instant.
package struct WallTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// China's offset from UTC, the whole year.
    ///
    /// Source: 北京时间, UTC+8; no summer time since 1991.
    package static let chinaOffsetMinutes = 480

    /// Milliseconds since 1970-01-01 UTC.
    package let milliseconds: Int64

    /// The instant of so many milliseconds since 1970-01-01 UTC.
    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// The instant of a civil time at an offset.
    ///
    /// Throws: `noSuchDay` for an hour, minute, second or millisecond that is none.
    package init(
        date: CivilDate,
        hour: Int,
        minute: Int,
        second: Int = 0,
        millisecond: Int = 0,
        offsetMinutes: Int = WallTime.chinaOffsetMinutes
    ) throws(DateFault) {
        guard (0..<24).contains(hour), (0..<60).contains(minute), (0..<60).contains(second),
            (0..<1_000).contains(millisecond), (-1_439...1_439).contains(offsetMinutes)
        else {
            throw DateFault(.noSuchDay, "\(hour):\(minute):\(second).\(millisecond)")
        }
        let minutes = Int64(date.dayNumber) * 1_440 + Int64(hour * 60 + minute - offsetMinutes)
        milliseconds = minutes * 60_000 + Int64(second * 1_000 + millisecond)
    }

    /// Whether the left is the earlier instant.
    package static func < (lhs: WallTime, rhs: WallTime) -> Bool {
        lhs.milliseconds < rhs.milliseconds
    }

    /// The instant so many milliseconds later; stays at the least or greatest number.
    package func adding(milliseconds delta: Int64) -> WallTime {
        let (sum, isOver) = milliseconds.addingReportingOverflow(delta)
        if isOver { return WallTime(milliseconds: delta < 0 ? .min : .max) }
        return WallTime(milliseconds: sum)
    }

    /// The day at an offset.
    package func date(offsetMinutes: Int = WallTime.chinaOffsetMinutes) -> CivilDate {
        local(offsetMinutes).date
    }

    /// The minute of the day at an offset, 0 … 1439.
    package func minuteOfDay(offsetMinutes: Int = WallTime.chinaOffsetMinutes) -> Int {
        local(offsetMinutes).millisecondOfDay / 60_000
    }

    /// The time of day to the minute: `14:05`.
    package func timeText(offsetMinutes: Int = WallTime.chinaOffsetMinutes) -> String {
        let minute = minuteOfDay(offsetMinutes: offsetMinutes)
        return "\(Digits.padded(minute / 60, 2)):\(Digits.padded(minute % 60, 2))"
    }

    /// Day and time of day to the second, for a page: `2026-11-23 14:05:09`.
    package func dateTimeText(offsetMinutes: Int = WallTime.chinaOffsetMinutes) -> String {
        let (date, millisecond) = local(offsetMinutes)
        return date.description + WallTime.clockText(millisecond, mark: " ", isFull: false)
    }

    /// The instant in China's time: `2026-11-23T14:05:09.120+08:00`.
    package var description: String {
        let (date, millisecond) = local(WallTime.chinaOffsetMinutes)
        return date.description + WallTime.clockText(millisecond, mark: "T", isFull: true)
    }

    /// A mark and the time of day to the second, or in full to the millisecond with the offset.
    private static func clockText(
        _ millisecondOfDay: Int,
        mark: Unicode.Scalar,
        isFull: Bool
    ) -> String {
        let second = millisecondOfDay / 1_000
        return String(unsafeUninitializedCapacity: 19) { buffer in
            buffer[0] = UInt8(ascii: mark)
            Digits.write(second / 3_600, 2, to: buffer, at: 1)
            buffer[3] = UInt8(ascii: ":")
            Digits.write(second / 60 % 60, 2, to: buffer, at: 4)
            buffer[6] = UInt8(ascii: ":")
            Digits.write(second % 60, 2, to: buffer, at: 7)
            guard isFull else { return 9 }
            buffer[9] = UInt8(ascii: ".")
            Digits.write(millisecondOfDay % 1_000, 3, to: buffer, at: 10)
            for (index, byte) in "+08:00".utf8.enumerated() { buffer[13 + index] = byte }
            return 19
        }
    }

    private func local(_ offsetMinutes: Int) -> (date: CivilDate, millisecondOfDay: Int) {
        let shifted = adding(milliseconds: Int64(offsetMinutes) * 60_000)
        let (day, rest) = CivilDate.floorDivision(Int(shifted.milliseconds), 86_400_000)
        return (CivilDate(dayNumber: Int32(clamping: day)), rest)
    }
}

extension WallTime {
    /// The instant written as `2026-11-23T14:05:09[.120](Z|+08:00)`.
    ///
    /// Throws: `notADate` for any other form, `noSuchDay` when there is no such time.
    package init(parsing text: String) throws(DateFault) {
        let utf8 = text.utf8.span
        guard utf8.count >= 20, utf8[10] == UInt8(ascii: "T"), utf8[13] == UInt8(ascii: ":"),
            utf8[16] == UInt8(ascii: ":"), let hour = Digits.read(utf8, 11..<13),
            let minute = Digits.read(utf8, 14..<16), let second = Digits.read(utf8, 17..<19)
        else { throw DateFault(.notADate, text) }
        var at = 19
        var millisecond = 0
        if utf8[at] == UInt8(ascii: ".") {
            guard utf8.count > 23, let read = Digits.read(utf8, 20..<23) else {
                throw DateFault(.notADate, text)
            }
            millisecond = read
            at = 23
        }
        guard let offset = WallTime.offset(utf8, at) else { throw DateFault(.notADate, text) }
        let date = try CivilDate(utf8: utf8.extracting(0..<10))
        try self.init(
            date: date,
            hour: hour,
            minute: minute,
            second: second,
            millisecond: millisecond,
            offsetMinutes: offset
        )
    }

    private static func offset(_ utf8: Span<UInt8>, _ at: Int) -> Int? {
        let sign = utf8[at]
        if sign == UInt8(ascii: "Z") { return utf8.count == at + 1 ? 0 : nil }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), utf8.count == at + 6,
            utf8[at + 3] == UInt8(ascii: ":"), let hour = Digits.read(utf8, at + 1..<at + 3),
            let minute = Digits.read(utf8, at + 4..<at + 6), hour < 24, minute < 60
        else { return nil }
        let minutes = hour * 60 + minute
        return sign == UInt8(ascii: "-") ? -minutes : minutes
    }
}
