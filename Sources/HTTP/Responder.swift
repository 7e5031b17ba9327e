// The way back from a handler to its connection, from any thread. It must not touch a connection:
// it hands the answer to the loop that owns it.

internal import CLinux
package import Page
internal import Synchronization

/// Takes the one answer to one request.
///
/// The first `send` counts; one that is dropped without an answer answers 500 by itself, so that
/// no peer waits for what cannot come.
package final class Responder: Sendable {
    private let loop: Loop
    private let ticket: Ticket
    private let isSent = Atomic<Bool>(false)

    init(loop: Loop, ticket: Ticket) {
        self.loop = loop
        self.ticket = ticket
    }

    deinit {
        if !isSent.load(ordering: .acquiring) {
            loop.deliver(
                .text("500 Internal Server Error: the request was left unanswered.\n", status: 500),
                to: ticket
            )
        }
    }

    /// Answers the request; false where it was already answered.
    ///
    /// Cost: on the thread of the handler call none beyond writing; elsewhere one lock, and one
    /// system call where the loop sleeps.
    @discardableResult
    package func send(_ response: Response) -> Bool {
        let (isFirst, _) = isSent.compareExchange(
            expected: false,
            desired: true,
            ordering: .acquiringAndReleasing
        )
        if isFirst { loop.deliver(response, to: ticket) }
        return isFirst
    }
}

/// Names one request of one connection; an answer to another is dropped.
struct Ticket: Equatable, Sendable {
    let socket: Int32
    let generation: UInt32
    let exchange: UInt32
}

/// What other threads want of a loop: a locked list, and an eventfd that wakes it.
final class Mailbox: Sendable {
    /// One wish.
    enum Message: Sendable {
        case adopt(socket: Int32, address: String, refusal: Refusal?)
        case answer(Ticket, Response)
        case stop
    }

    private struct Box {
        var messages: [Message] = []
        var isSignalled = false
        var isClosed = false
    }

    /// The eventfd, for the loop's epoll.
    let descriptor: Int32
    private let box = Mutex(Box())

    init() throws(SocketFault) {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard descriptor >= 0 else { throw .system("eventfd") }
    }

    deinit { _ = CLinux.close(descriptor) }

    /// Adds a message; false where the loop has ended.
    @discardableResult
    func post(_ message: Message) -> Bool {
        let (isTaken, isToSignal) = box.withLock { box in
            if box.isClosed { return (false, false) }
            box.messages.append(message)
            defer { box.isSignalled = true }
            return (true, !box.isSignalled)
        }
        if isToSignal {
            var one: UInt64 = 1
            _ = write(descriptor, &one, 8)
        }
        return isTaken
    }

    /// Takes all messages at once.
    func take() -> [Message] {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
        return box.withLock { box in
            box.isSignalled = false
            return swapped(&box.messages)
        }
    }

    /// Takes what is left, and nothing from then on.
    func close() -> [Message] {
        box.withLock { box in
            box.isClosed = true
            return swapped(&box.messages)
        }
    }

    private func swapped(_ messages: inout [Message]) -> [Message] {
        var taken: [Message] = []
        swap(&taken, &messages)
        return taken
    }
}
