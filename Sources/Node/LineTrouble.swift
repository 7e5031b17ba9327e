// Why headquarters could not be asked, in words of both languages, with what to do about it.
// Must not decide whether to try again: whoever asks does.

import HTTP

/// What was in the way of an answer.
package enum LineTrouble: Error, Hashable {
    /// Nobody listens, the name is unknown, the line is cut: what the system says of it.
    case noLine(String)
    /// No answer within the time allowed.
    case silent
    /// A certificate that cannot be believed: what the library says of it.
    case certificate(String)
    /// No TLS is spoken there.
    case notSecure(String)
    /// Something answers, and not in HTTP.
    case notHTTP(String)
    /// The answer is larger than a node reads.
    case tooLarge(String)
    /// Sent on to another address, which a node never follows by itself.
    case movedTo(String)

    private typealias Words = (message: String, nextStep: String)

    /// The fault for the person at the terminal.
    package func fault(at address: HeadquartersAddress) -> NodeFault {
        let words = english(address)
        return NodeFault(
            .unreachable,
            words.message,
            nextStep: words.nextStep,
            chinese: chinese(address)
        )
    }

    private func english(_ address: HeadquartersAddress) -> Words {
        let place = address.text
        let later = "nothing is lost; it is tried again later"
        return switch self {
        case .noLine(let why): ("\(place) does not answer (\(why))", later)
        case .silent: ("\(place) does not answer within the time allowed", later)
        case .certificate(let why):
            (
                "the certificate of \(place) cannot be believed (\(why))",
                "it must be in date and made out to \(address.host), by an authority this machine "
                    + "knows; one of your own goes into \(LineTrouble.authorities), then: sudo "
                    + "update-ca-certificates"
            )
        case .notSecure(let why):
            (
                "\(place) does not speak https (\(why))",
                "check the port; without TLS, on a network you trust, it is \(plain(address))"
            )
        case .notHTTP(let why), .tooLarge(let why):
            ("what answers at \(place) is no headquarters (\(why))", "check the address")
        case .movedTo(let target):
            (
                "\(place) sends on to \(target), and that is never followed",
                "if headquarters is there, give its address by --hq; in a public network, sign in "
                    + "to it first"
            )
        }
    }

    private func chinese(_ address: HeadquartersAddress) -> Words {
        let place = address.text
        let later = "数据都在本机，稍后会再试"
        return switch self {
        case .noLine(let why): ("\(place) 没有应答（\(why)）", later)
        case .silent: ("\(place) 没有在规定时间内应答", later)
        case .certificate(let why):
            (
                "\(place) 的证书不可信（\(why)）",
                "证书须在有效期内、签发给 \(address.host)，签发机构须为本机所信任；自建机构的证书请放入 "
                    + "\(LineTrouble.authorities)，再运行 sudo update-ca-certificates"
            )
        case .notSecure(let why):
            (
                "\(place) 不支持 https（\(why)）",
                "请检查端口；在可信网络内不使用 TLS 时，地址是 \(plain(address))"
            )
        case .notHTTP(let why), .tooLarge(let why):
            ("\(place) 的应答不是总部发出的（\(why)）", "请检查地址")
        case .movedTo(let target):
            (
                "\(place) 要求转到 \(target)，程序不会跟随",
                "如果总部确在那里，请用 --hq 写明它的地址；如果是公共网络，请先登录该网络"
            )
        }
    }

    private static let authorities = "/usr/local/share/ca-certificates/NAME.crt"

    private func plain(_ address: HeadquartersAddress) -> String {
        HeadquartersAddress(host: address.host, port: address.port, isSecure: false).text
    }

    /// Where an answer sends on to; nil where it does not.
    package static func moved(_ answer: TransportAnswer) -> LineTrouble? {
        guard (300...399).contains(answer.status), answer.status != 304 else { return nil }
        let field = answer.headers.first { $0.name.lowercased() == "location" }
        // It is shown on a terminal: nothing but what an address is made of.
        let shown = (field?.value ?? "").unicodeScalars.filter {
            $0.value > 0x20 && $0.value < 0x7f
        }
        var text = ""
        text.unicodeScalars.append(contentsOf: shown.prefix(200))
        return .movedTo(text.isEmpty ? "another address" : text)
    }

    /// The trouble that TLS met, told apart by the library's words: it has one code for all.
    static func ofLibrary(_ text: String) -> LineTrouble {
        func says(_ parts: String...) -> Bool { parts.contains { text.contains($0) } }
        if says("certificate", "alternative name") { return .certificate(text) }
        if says("wrong version number", "unsupported protocol", "no protocols available") {
            return .notSecure(text)
        }
        if says("HTTP/0.9", "Failed writing header", "chunk", "illegal", "nvalid") {
            return .notHTTP(text)
        }
        return .noLine(text)
    }

    /// The trouble that the plain client met.
    init(_ fault: SocketFault) {
        self =
            switch fault.reason {
            case .timeout: .silent
            case .malformed: .notHTTP(fault.message)
            case .limit: .tooLarge(fault.message)
            default: .noLine("\(fault)")
            }
    }
}
