// The zlib format (RFC 1950) over whole arrays; the only user of CZlib together with Inflater.
// It must never produce more than the caller allowed, whatever the input declares.

import CZlib

/// Bodies of the sync, deflated and inflated.
package enum Deflate {
    /// The version of the library beneath.
    package static var libraryVersion: String { String(cString: zlibVersion()) }

    /// The bytes in zlib format.
    ///
    /// Why: level 1 costs a third of level 6, and sends an eighth more bytes.
    /// Throws: `outOfMemory`.
    package static func compress(_ bytes: [UInt8], level: Int32 = 1) throws(WireFault) -> [UInt8] {
        precondition((-1...9).contains(level), "a level of zlib is between -1 and 9")
        precondition(bytes.count <= Int(UInt32.max), "a body is far below 4 GiB")
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        guard deflateInit_(&stream, level, ZLIB_VERSION, size) == Z_OK else {
            throw WireFault(.outOfMemory, offset: 0)
        }
        defer { deflateEnd(&stream) }
        let bound = Int(deflateBound(&stream, UInt(bytes.count)))
        var isComplete = false
        let result = [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            bytes.withUnsafeBufferPointer { input in
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(bound)
                isComplete = deflate(&stream, Z_FINISH) == Z_STREAM_END
            }
            count = bound - Int(stream.avail_out)
        }
        guard isComplete else { throw WireFault(.outOfMemory, offset: bytes.count) }
        return result
    }

    /// What a stream in zlib format inflates to.
    ///
    /// Throws: `inflateLimit` as soon as more than `limit` bytes come out, `trailingBytes` when
    /// anything follows the stream, `truncated`, `badStream`, `badChecksum`, `outOfMemory`.
    /// Cost: memory for what really comes out, never for what is declared.
    package static func inflate(_ bytes: [UInt8], limit: Int) throws(WireFault) -> [UInt8] {
        try bytes.withUnsafeBufferPointer { (input) throws(WireFault) -> [UInt8] in
            try inflate(UnsafeRawBufferPointer(input), limit: limit)
        }
    }

    /// What a stream in zlib format inflates to.
    package static func inflate(
        _ bytes: UnsafeRawBufferPointer,
        limit: Int
    ) throws(WireFault) -> [UInt8] {
        var inflater = try Inflater(limit: limit)
        var result: [UInt8] = []
        try inflater.feed(bytes) { (chunk) throws(WireFault) in
            result.append(contentsOf: chunk)
        }
        try inflater.finish()
        return result
    }
}
