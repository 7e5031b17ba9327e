// Kernel: what money, quantities, prices, costs and rates have in common: an Int64 of a small unit.
// `public` with inlinable bodies, because a `package` generic is not specialised across rooms.
// Nothing here may wrap around or go through floating point.

/// A number held as a whole count of a small decimal unit.
///
/// Arithmetic traps on overflow: values from outside are made by the throwing initialisers and are
/// checked against the limit of their type, sums of many go through `Int128`.
public protocol FixedPoint: AdditiveArithmetic, Hashable, Comparable, Sendable,
    CustomStringConvertible
{
    /// The count of the small unit.
    var rawValue: Int64 { get }

    /// The value of `rawValue` small units.
    init(_ rawValue: Int64)

    /// The digits after the point: 10 to this power small units make one.
    static var scale: Int { get }

    /// The largest magnitude that a record may carry, in the small unit.
    static var limit: Int64 { get }
}

extension FixedPoint {
    /// Nothing.
    @inlinable public static var zero: Self { Self(0) }

    /// The sum.
    @inlinable public static func + (lhs: Self, rhs: Self) -> Self {
        let (value, isOver) = lhs.rawValue.addingReportingOverflow(rhs.rawValue)
        precondition(!isOver, "a sum of two amounts left the range of 64 bits")
        return Self(value)
    }

    /// The difference.
    @inlinable public static func - (lhs: Self, rhs: Self) -> Self {
        let (value, isOver) = lhs.rawValue.subtractingReportingOverflow(rhs.rawValue)
        precondition(!isOver, "a difference of two amounts left the range of 64 bits")
        return Self(value)
    }

    /// The same magnitude with the other sign.
    @inlinable public static prefix func - (value: Self) -> Self { .zero - value }

    /// Whether the left is smaller.
    @inlinable public static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }

    /// Whether the magnitude is one that a record may carry.
    @inlinable public var isWithinLimit: Bool {
        rawValue >= -Self.limit && rawValue <= Self.limit
    }

    /// Whether it is below zero.
    @inlinable public var isNegative: Bool { rawValue < 0 }

    /// Whether it is exactly zero.
    @inlinable public var isZero: Bool { rawValue == 0 }

    /// The value without its sign.
    @inlinable public var magnitude: Self { rawValue < 0 ? -self : self }
}
