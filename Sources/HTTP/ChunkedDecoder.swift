// The chunked transfer coding (RFC 9112, section 7.1), read strictly. It must not keep trailers:
// they are checked and dropped, for no field of a trailer may change what was understood.

/// Reads one chunked body, piece by piece.
struct ChunkedDecoder {
    private enum State {
        case size
        case data(remaining: Int)
        case dataEnd
        case trailers(bytes: Int, fields: Int)
    }

    /// The longest line that may announce a chunk.
    static let lineBytesMax = 256

    private var state = State.size
    private let headerBytesMax: Int
    private let headerFieldsMax: Int

    /// A decoder whose trailers are held to the limits of a header.
    init(headerBytesMax: Int, headerFieldsMax: Int) {
        self.headerBytesMax = headerBytesMax
        self.headerFieldsMax = headerFieldsMax
    }

    /// Moves what has come into the body; true once the body is whole.
    ///
    /// Throws: `Refusal`: 413 over `bytesMax`, 431 for trailers, 400 for the grammar.
    mutating func read(
        _ queue: inout ByteQueue,
        into body: inout [UInt8],
        bytesMax: Int
    ) throws(Refusal) -> Bool {
        while true {
            switch state {
            case .size:
                guard let size = try chunkSize(&queue) else { return false }
                guard size <= bytesMax - body.count else {
                    throw .limit(413, "The body", "bodyBytesMax", "\(bytesMax) bytes")
                }
                state = size == 0 ? .trailers(bytes: 0, fields: 0) : .data(remaining: size)
            case .data(let remaining):
                let piece = queue.rest.prefix(remaining)
                guard !piece.isEmpty else { return false }
                body.append(contentsOf: piece)
                let count = piece.count
                queue.consume(count)
                state = count == remaining ? .dataEnd : .data(remaining: remaining - count)
            case .dataEnd:
                let end = queue.rest.prefix(2)
                if let first = end.first, first != 0x0D {
                    throw .malformed("A chunk is longer than it says.")
                }
                guard end.count == 2 else { return false }
                guard end.last == 0x0A else { throw .malformed("A chunk does not end with CRLF.") }
                queue.consume(2)
                state = .size
            case .trailers(let bytes, let fields):
                guard let line = try trailer(&queue, bytes) else { return false }
                if line.isEmpty { return true }
                guard fields < headerFieldsMax else {
                    throw .limit(431, "The trailer", "headerFieldsMax", "\(headerFieldsMax) fields")
                }
                _ = try FieldSyntax.field(line)
                state = .trailers(bytes: bytes + line.count + 2, fields: fields + 1)
            }
        }
    }

    private func chunkSize(_ queue: inout ByteQueue) throws(Refusal) -> Int? {
        guard let line = try queue.line() else {
            guard queue.count <= ChunkedDecoder.lineBytesMax else { throw lineTooLong }
            return nil
        }
        guard line.count <= ChunkedDecoder.lineBytesMax else { throw lineTooLong }
        var size = 0
        var digits = 0
        for byte in line {
            guard let digit = ChunkedDecoder.hexDigit(byte) else { break }
            guard size <= Int.max >> 4 else { throw .malformed("A chunk size is too large.") }
            size = size << 4 | digit
            digits += 1
        }
        guard digits > 0 else { throw .malformed("A chunk size is not a hexadecimal number.") }
        let extensions = line.dropFirst(digits)
        guard extensions.isEmpty || extensions.first == 0x3B else {
            throw .malformed("A chunk size is followed by something that is no extension.")
        }
        for byte in extensions where (byte < 0x20 && byte != 0x09) || byte == 0x7F {
            throw .malformed("A chunk extension holds a control character.")
        }
        return size
    }

    private func trailer(
        _ queue: inout ByteQueue,
        _ bytes: Int
    ) throws(Refusal) -> ArraySlice<UInt8>? {
        let line = try queue.line()
        guard bytes + (line.map { $0.count + 2 } ?? queue.count) <= headerBytesMax else {
            throw .limit(431, "The trailer", "headerBytesMax", "\(headerBytesMax) bytes")
        }
        return line
    }

    private var lineTooLong: Refusal {
        .limit(400, "A chunk line", "chunkLineBytesMax", "\(ChunkedDecoder.lineBytesMax) bytes")
    }

    private static func hexDigit(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte) - 0x30
        case 0x41...0x46: Int(byte) - 0x41 + 10
        case 0x61...0x66: Int(byte) - 0x61 + 10
        default: nil
        }
    }
}
