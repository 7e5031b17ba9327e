// Inflates a zlib stream that arrives in pieces, and stops at a limit while it streams.
// It owns zlib's state, which must not move in memory, and frees it.

import CZlib

/// A zlib stream being inflated.
package struct Inflater: ~Copyable {
    /// Size of a produced chunk: what comes out is at most this much ahead of the limit.
    private static let chunkBytes = 64 * 1024

    private let stream: UnsafeMutablePointer<z_stream>
    private let chunk: UnsafeMutablePointer<UInt8>
    private let limit: Int
    private var consumed = 0
    /// Bytes that have come out so far.
    package private(set) var produced = 0
    /// Whether the stream has come to its end, its checksum included.
    package private(set) var isComplete = false

    /// A stream that may inflate to so many bytes at most.
    ///
    /// Throws: `outOfMemory`.
    package init(limit: Int) throws(WireFault) {
        precondition(limit >= 0, "a limit is not negative")
        self.limit = limit
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        chunk = .allocate(capacity: Inflater.chunkBytes)
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit_(stream, ZLIB_VERSION, size) == Z_OK else {
            throw WireFault(.outOfMemory, offset: 0)
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        chunk.deallocate()
    }

    /// Takes a piece of the stream, and hands out what it inflates to, chunk by chunk.
    ///
    /// Throws: `inflateLimit`, `trailingBytes`, `badStream`, `badChecksum`, `outOfMemory`, or what
    /// `sink` throws; the stream is of no use afterwards.
    package mutating func feed(
        _ piece: UnsafeRawBufferPointer,
        _ sink: (UnsafeRawBufferPointer) throws(WireFault) -> Void
    ) throws(WireFault) {
        guard let base = piece.bindMemory(to: UInt8.self).baseAddress, piece.count > 0 else {
            return
        }
        if isComplete { throw WireFault(.trailingBytes, offset: consumed) }
        var taken = 0
        while taken < piece.count, !isComplete {
            // zlib counts in 32 bits; a piece may be longer.
            let offered = min(piece.count - taken, Int(UInt32.max))
            stream.pointee.next_in = UnsafeMutablePointer(mutating: base + taken)
            stream.pointee.avail_in = UInt32(offered)
            try drain(sink)
            let used = offered - Int(stream.pointee.avail_in)
            taken += used
            consumed += used
        }
        if taken < piece.count { throw WireFault(.trailingBytes, offset: consumed) }
    }

    /// Refuses a stream that has not come to its end.
    package func finish() throws(WireFault) {
        if !isComplete { throw WireFault(.truncated, offset: consumed) }
    }

    /// Runs zlib until it wants more input or the stream ends.
    private mutating func drain(
        _ sink: (UnsafeRawBufferPointer) throws(WireFault) -> Void
    ) throws(WireFault) {
        let start = stream.pointee.avail_in
        while true {
            stream.pointee.next_out = chunk
            stream.pointee.avail_out = UInt32(Inflater.chunkBytes)
            let status = inflate(stream, Z_NO_FLUSH)
            let count = Inflater.chunkBytes - Int(stream.pointee.avail_out)
            let place = consumed + Int(start - stream.pointee.avail_in)
            guard count <= limit - produced else {
                throw WireFault(.inflateLimit, offset: place)
            }
            produced += count
            if count > 0 { try sink(UnsafeRawBufferPointer(start: chunk, count: count)) }
            switch status {
            case Z_STREAM_END:
                isComplete = true
                return
            case Z_OK:
                if stream.pointee.avail_in == 0, stream.pointee.avail_out > 0 { return }
            case Z_BUF_ERROR: return
            case Z_MEM_ERROR: throw WireFault(.outOfMemory, offset: place)
            default: throw WireFault(damage, offset: place)
            }
        }
    }

    /// What zlib found wrong with the stream.
    private var damage: WireFault.Reason {
        guard let message = stream.pointee.msg else { return .badStream }
        return String(cString: message) == "incorrect data check" ? .badChecksum : .badStream
    }
}
