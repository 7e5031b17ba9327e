// The number of a kind of change. It says by itself whether the change is a fact, a register write
// or a ruling, so that old software can store and forward what it does not know.
// Must not know any module.

/// The number of a kind of change, `module × 256 + n`, never reused and never re-meant.
package struct Kind: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// The kind `number` of `module`.
    package init(module: UInt8, _ number: UInt8) {
        rawValue = UInt16(module) << 8 | UInt16(number)
    }

    /// The module that owns the kind.
    package var module: UInt8 { UInt8(rawValue >> 8) }

    /// The number within its module.
    package var number: UInt8 { UInt8(truncatingIfNeeded: rawValue) }

    /// Something that happened.
    package var isFact: Bool { number < 128 }

    /// A write of master data, last write wins.
    package var isRegister: Bool { number >= 128 && number < 224 }

    /// A grant, or a decision of headquarters.
    package var isRuling: Bool { number >= 224 }

    package static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }

    package var description: String { "\(module):\(number)" }
}
