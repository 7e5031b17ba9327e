// What can go wrong between two machines. It must not be swallowed: who asked is told what was
// being done, and why it could not be.

internal import CLinux

/// A fault of a socket, or of what came through it.
package struct SocketFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of cause.
    package enum Reason: Hashable, Sendable {
        /// The operating system said no; `code` is its number.
        case system
        /// The address cannot be read, or names nobody.
        case address
        /// The time allowed is over.
        case timeout
        /// The peer closed before it had said everything.
        case closed
        /// The peer does not speak HTTP/1.1.
        case malformed
        /// The peer said more than is read.
        case limit
    }

    /// What was being done, such as `connect 127.0.0.1:8080`.
    package let operation: String
    /// The kind of cause.
    package let reason: Reason
    /// The system's error number; 0 where it was not the system.
    package let code: Int32
    /// The cause in words.
    package let message: String

    /// A fault of its parts.
    package init(operation: String, reason: Reason, code: Int32 = 0, message: String) {
        self.operation = operation
        self.reason = reason
        self.code = code
        self.message = message
    }

    /// A fault that the operating system has just reported in `errno`.
    static func system(_ operation: String, _ code: Int32 = tributary_errno()) -> SocketFault {
        SocketFault(
            operation: operation,
            reason: code == ETIMEDOUT ? .timeout : .system,
            code: code,
            message: tributary_error_text(code).map { String(cString: $0) } ?? "error \(code)"
        )
    }

    /// One line for the log.
    package var description: String { "\(operation): \(message)" }
}
