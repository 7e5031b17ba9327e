// Kernel: the check digit of the barcode on goods (商品条码).

/// A barcode of thirteen digits.
///
/// Source: GS1 General Specifications, check digit calculation; GB 12904.
package enum BarcodeEAN13 {
    /// The check digit of the first twelve digits, nothing when they are not twelve digits.
    package static func checkDigit(of twelve: String) -> Int? {
        let utf8 = twelve.utf8.span
        return utf8.count == 12 ? checkDigit(utf8) : nil
    }

    /// Whether it is thirteen ASCII digits of which the last is right.
    package static func isValid(_ code: String) -> Bool {
        let utf8 = code.utf8.span
        guard utf8.count == 13, let last = Digits.read(utf8, 12..<13) else { return false }
        return checkDigit(utf8) == last
    }

    private static func checkDigit(_ utf8: Span<UInt8>) -> Int? {
        var sum = 0
        for index in 0..<12 {
            guard let digit = Digits.read(utf8, index..<index + 1) else { return nil }
            sum += index % 2 == 0 ? digit : digit * 3
        }
        return (10 - sum % 10) % 10
    }
}
