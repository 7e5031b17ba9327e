// Bytes that have come and are not yet understood. It must not interpret them, but for finding
// where a line ends.

/// A queue of received bytes: appended at the end, consumed from the front.
struct ByteQueue {
    /// The storage; what is before `start` is consumed.
    private(set) var bytes: [UInt8] = []
    /// The index of the first byte not yet consumed.
    private(set) var start = 0
    /// The index before which no line end was found.
    private var scanned = 0

    /// The number of bytes not yet consumed.
    var count: Int { bytes.count - start }
    /// True where everything is consumed.
    var isEmpty: Bool { start == bytes.count }
    /// What is not yet consumed.
    var rest: ArraySlice<UInt8> { bytes[start...] }

    /// Appends received bytes.
    mutating func append(_ received: UnsafeRawBufferPointer) {
        if isEmpty {
            bytes.removeAll(keepingCapacity: true)
            start = 0
            scanned = 0
        } else if start > 16 * 1024 {
            bytes.removeFirst(start)
            scanned = max(0, scanned - start)
            start = 0
        }
        bytes.append(contentsOf: received)
    }

    /// Consumes bytes from the front.
    mutating func consume(_ count: Int) {
        precondition(count >= 0 && count <= self.count, "no more is consumed than has come")
        start += count
        scanned = max(scanned, start)
    }

    /// The index of the first LF not yet consumed; each byte is looked at once.
    mutating func lineFeed() -> Int? {
        scanned = max(scanned, start)
        while scanned < bytes.count {
            if bytes[scanned] == 0x0A { return scanned }
            scanned += 1
        }
        return nil
    }

    /// Takes the next line, without its CRLF; nil where it has not come whole.
    ///
    /// Throws: `Refusal` for a line that ends with LF alone.
    mutating func line() throws(Refusal) -> ArraySlice<UInt8>? {
        guard let end = lineFeed() else { return nil }
        guard end > start, bytes[end - 1] == 0x0D else {
            throw .malformed("A line ends with LF alone.")
        }
        let line = bytes[start..<(end - 1)]
        start = end + 1
        scanned = start
        return line
    }

    /// Gives the storage back where nothing waits in it.
    mutating func releaseIfEmpty() {
        if isEmpty { self = ByteQueue() }
    }
}
