// Tabular: where the bytes of a file come from: a descriptor read in chunks, or bytes in memory.
// Must not look into the bytes.

import CLinux
import Glibc

/// The bytes of a file, chunk by chunk, from the start as often as needed.
package final class ByteSource {
    private let file: Int32
    private let ownsFile: Bool
    private let memory: [UInt8]
    private var position = 0

    /// The bytes of a file by its path.
    ///
    /// Throws: `unreadable` when it cannot be opened, or is no regular file.
    package convenience init(path: String) throws(TableFault) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw TableFault(.unreadable, line: 0, "cannot open \(path): \(Self.errorText(errno))")
        }
        var info = stat()
        guard fstat(file, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
            close(file)
            throw TableFault(.unreadable, line: 0, "\(path) is no regular file")
        }
        self.init(descriptor: file, owned: true)
    }

    /// The bytes of an open descriptor; it is closed with this object when `owned`.
    package init(descriptor: Int32, owned: Bool) {
        file = descriptor
        ownsFile = owned
        memory = []
    }

    /// The bytes given.
    package init(_ bytes: [UInt8]) {
        file = -1
        ownsFile = false
        memory = bytes
    }

    deinit {
        if ownsFile { close(file) }
    }

    /// Appends the next bytes; how many there were, 0 at the end.
    ///
    /// Throws: `unreadable`.
    func read(upTo sizeBytesMax: Int, appendingTo bytes: inout [UInt8]) throws(TableFault) -> Int {
        if file < 0 {
            let count = min(sizeBytesMax, memory.count - position)
            bytes += memory[position..<(position + count)]
            position += count
            return count
        }
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: sizeBytesMax))
        while true {
            let (got, code) = bytes.withUnsafeMutableBytes { buffer in
                let got = Glibc.read(
                    file,
                    buffer.baseAddress?.advanced(by: start),
                    sizeBytesMax
                )
                return (got, errno)
            }
            if got < 0, code == EINTR { continue }
            bytes.removeLast(sizeBytesMax - max(got, 0))
            guard got >= 0 else {
                throw TableFault(.unreadable, line: 0, "cannot read: \(Self.errorText(code))")
            }
            return got
        }
    }

    /// Goes back to the first byte.
    ///
    /// Throws: `unreadable` for what cannot be read twice, such as a pipe.
    func rewind() throws(TableFault) {
        position = 0
        guard file < 0 || lseek(file, 0, SEEK_SET) == 0 else {
            throw TableFault(.unreadable, line: 0, "cannot go back: \(Self.errorText(errno))")
        }
    }

    private static func errorText(_ code: Int32) -> String {
        tributary_error_text(code).map { String(cString: $0) } ?? "error \(code)"
    }
}
