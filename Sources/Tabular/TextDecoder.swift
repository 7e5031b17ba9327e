// Tabular: the bytes of a file as UTF-8 text, strictly: what is not of the encoding is refused.
// Must not repair or guess inside a file: the encoding is settled by its first 64 KiB.

import CLinux
import Glibc

/// How a text file is encoded.
package enum TextEncoding: String, Sendable, CaseIterable {
    /// UTF-8 where the first 64 KiB are, else GB18030.
    case detect
    case utf8 = "utf-8"
    /// GB18030, which also reads GBK and GB2312.
    case gb18030

    /// The encoding by a name people give it, nil for one that is not read.
    package init?(name: String) {
        switch name.lowercased() {
        case "auto", "detect": self = .detect
        case "utf-8", "utf8": self = .utf8
        case "gb18030", "gbk", "gb2312", "cp936": self = .gb18030
        default: return nil
        }
    }
}

/// A file's text, chunk by chunk.
///
/// A defect is thrown only after all text before it was handed out, so that whoever counts lines
/// knows where it is.
///
/// Cost: constant memory: one chunk of bytes, one of text.
final class TextDecoder {
    static let chunkBytes = 1 << 16

    /// The encoding that was asked for or found.
    let encoding: TextEncoding
    /// The first chunk, decoded, for who must look ahead.
    private(set) var start: [UInt8] = []
    private let source: ByteSource
    private var converter: iconv_t?
    /// Bytes read; those before `used` are decoded.
    private var raw: [UInt8] = []
    private var used = 0
    private var isAtEnd = false
    private var isStartPending = false
    private var defect: TableFault?

    /// Throws: `encoding` for an encoding that is not read; `unreadable`.
    init(_ source: ByteSource, _ asked: TextEncoding) throws(TableFault) {
        self.source = source
        let head = try Self.fill([], from: source)
        let isUTF16 = head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF])
        if isUTF16 {
            throw TableFault(.encoding, line: 1, "UTF-16 is not read: save the file as UTF-8")
        }
        switch asked {
        case .utf8, .gb18030: encoding = asked
        case .detect:
            let valid = UTF8Check.validPrefix(of: head, from: 0)
            let isCut = head.count - valid < 4 && UTF8Check.isCut(head, at: valid)
            let isUTF8 = valid == head.count || isCut && head.count >= Self.chunkBytes
            encoding = isUTF8 ? .utf8 : .gb18030
        }
        if encoding == .gb18030 {
            let opened = iconv_open("UTF-8", "GB18030")
            guard opened != iconv_t(bitPattern: -1) else {
                throw TableFault(.encoding, line: 0, "this machine has no tables for GB18030")
            }
            converter = opened
        }
        raw = head
        used = Self.marksLength(head)
        start = try decodeNext()
        isStartPending = true
    }

    deinit {
        if let converter { iconv_close(converter) }
    }

    /// The next text, empty at the end.
    ///
    /// Throws: `encoding` with the line 0, which the caller knows; `unreadable`.
    func next() throws(TableFault) -> [UInt8] {
        if isStartPending {
            isStartPending = false
            return start
        }
        return try decodeNext()
    }

    /// Goes back to the start of the file.
    func rewind() throws(TableFault) {
        try source.rewind()
        raw = try Self.fill([], from: source)
        used = Self.marksLength(raw)
        isAtEnd = false
        isStartPending = false
        defect = nil
        if let converter { iconv(converter, nil, nil, nil, nil) }
    }

    private func decodeNext() throws(TableFault) -> [UInt8] {
        if let defect { throw defect }
        while true {
            let text = converter == nil ? takeUTF8() : takeConverted()
            if !text.isEmpty { return text }
            if let defect { throw defect }
            if isAtEnd { return [] }
            let rest = Array(raw[used...])
            raw = try Self.fill(rest, from: source)
            used = 0
            if raw.count == rest.count {
                isAtEnd = true
                if !rest.isEmpty { note("the file ends inside a character") }
            }
        }
    }

    private func note(_ detail: String) {
        defect = TableFault(.encoding, line: 0, detail)
    }

    private func takeUTF8() -> [UInt8] {
        let end = UTF8Check.validPrefix(of: raw, from: used)
        let text = used == 0 && end == raw.count ? raw : Array(raw[used..<end])
        used = end
        if end < raw.count, !UTF8Check.isCut(raw, at: end) {
            note("byte \(Self.hex(raw[end])) is not UTF-8; for GBK say --encoding gb18030")
        }
        return text
    }

    private func takeConverted() -> [UInt8] {
        guard used < raw.count, let converter else { return [] }
        var text = [UInt8](repeating: 0, count: (raw.count - used) * 3)
        var outLeft = text.count
        var inLeft = raw.count - used
        let failure: Int32 = raw.withUnsafeMutableBytes { input in
            text.withUnsafeMutableBytes { output in
                var from = input.baseAddress?.advanced(by: used)
                    .assumingMemoryBound(to: CChar.self)
                var to = output.baseAddress?.assumingMemoryBound(to: CChar.self)
                let result = iconv(converter, &from, &inLeft, &to, &outLeft)
                return result == -1 ? tributary_errno() : 0
            }
        }
        used = raw.count - inLeft
        text.removeLast(outLeft)
        if failure == EILSEQ {
            note("byte \(Self.hex(raw[used])) is not GB18030")
        }
        return text
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return "0x" + (digits.count == 1 ? "0" : "") + digits
    }

    /// The bytes given and more of the source, up to a chunk.
    private static func fill(
        _ bytes: [UInt8],
        from source: ByteSource
    ) throws(TableFault) -> [UInt8] {
        var all = bytes
        while all.count < chunkBytes {
            if try source.read(upTo: chunkBytes - all.count, appendingTo: &all) == 0 { break }
        }
        return all
    }

    /// The length of the byte order marks at the start: some programs write two.
    private static func marksLength(_ bytes: [UInt8]) -> Int {
        var length = 0
        while bytes[length...].starts(with: [0xEF, 0xBB, 0xBF]) { length += 3 }
        return length
    }
}
