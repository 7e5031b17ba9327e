// HTML as a value of its own type: text becomes markup only by being escaped.
// It must not know any page; it offers no way to turn a computed string into markup unseen.

/// A piece of HTML.
///
/// A literal is markup; what is interpolated into it is escaped, unless it is HTML itself. So
/// `"<td title=\"\(name)\">\(name)</td>"` is safe in element content and in quoted attributes,
/// whatever the name. It is not safe inside `<script>`, `<style>`, an event attribute, or an
/// unquoted attribute: put no values there; `attributeURL` guards the scheme of an address.
package struct HTML: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// The markup.
    package private(set) var text: String

    /// Nothing.
    package init() { text = "" }

    /// A literal is markup as it stands.
    package init(stringLiteral value: String) { text = value }

    /// A literal with values in it, each of them escaped.
    package init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

    /// Text, escaped.
    package init(text: String) { self.text = HTML.escape(text) }

    /// Markup that was made elsewhere, such as an embedded asset; never made of anyone's input.
    package init(trusted markup: String) { text = markup }

    /// Pieces one after the other.
    package init(_ pieces: [HTML]) { text = pieces.map(\.text).joined() }

    /// Appends a piece.
    package mutating func append(_ piece: HTML) { text += piece.text }

    /// Two pieces one after the other.
    package static func + (left: HTML, right: HTML) -> HTML { HTML([left, right]) }

    /// Appends a piece.
    package static func += (left: inout HTML, right: HTML) { left.append(right) }

    /// Text made safe for element content and quoted attributes.
    ///
    /// `&`, `<`, `>`, both quotes and the back quote are written as references; characters that
    /// no HTML document may hold (C0 controls but tab and line ends) become U+FFFD.
    package static func escape(_ text: some StringProtocol) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            switch byte {
            case 0x26: result.append(contentsOf: "&amp;".utf8)
            case 0x3C: result.append(contentsOf: "&lt;".utf8)
            case 0x3E: result.append(contentsOf: "&gt;".utf8)
            case 0x22: result.append(contentsOf: "&quot;".utf8)
            case 0x27: result.append(contentsOf: "&#39;".utf8)
            case 0x60: result.append(contentsOf: "&#96;".utf8)
            case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x80...0xFF: result.append(byte)
            default: result.append(contentsOf: "\u{FFFD}".utf8)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// An address for `href` or `src`, escaped; `#` unless it is relative, http(s), mailto or tel.
    package static func attributeURL(_ url: String) -> String {
        let shown = url.unicodeScalars.filter { $0.value > 0x20 && $0.value != 0x7F }
        let head = String(String.UnicodeScalarView(shown)).prefix {
            $0 != "/" && $0 != "?" && $0 != "#"
        }
        guard let colon = head.firstIndex(of: ":") else { return escape(url) }
        let scheme = head[..<colon].lowercased()
        return ["http", "https", "mailto", "tel"].contains(scheme) ? escape(url) : "#"
    }

    /// Collects a literal and the values between its pieces.
    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        /// Room for the pieces to come.
        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount * 16)
        }

        /// A piece of the literal: markup.
        package mutating func appendLiteral(_ literal: String) { text += literal }

        /// Text: escaped.
        package mutating func appendInterpolation(_ value: some StringProtocol) {
            text += HTML.escape(value)
        }

        /// HTML: as it stands.
        package mutating func appendInterpolation(_ value: HTML) { text += value.text }

        /// Pieces of HTML: as they stand.
        package mutating func appendInterpolation(_ pieces: [HTML]) {
            for piece in pieces { text += piece.text }
        }

        /// A number.
        package mutating func appendInterpolation(_ value: some BinaryInteger) {
            text += value.description
        }

        /// Any value that has a text, such as money or a date: its description, escaped.
        package mutating func appendInterpolation<Value: CustomStringConvertible>(_ value: Value) {
            text += HTML.escape(value.description)
        }
    }
}
