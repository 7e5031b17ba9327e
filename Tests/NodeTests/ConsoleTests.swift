// What a person at a terminal sees of a command that works long.

import Node
import Synchronization
import Testing

@Suite("The console")
struct ConsoleTests {
    /// What was written to either stream, in order.
    private final class Screen: Sendable {
        let text = Mutex("")

        func console(isTerminal: Bool) -> Console {
            Console(
                language: .english,
                isTerminal: isTerminal,
                output: { more in self.text.withLock { $0 += more } },
                error: { more in self.text.withLock { $0 += more } }
            )
        }

        var shown: String { text.withLock { $0 } }
    }

    private static let clear = "\r\u{1b}[K"

    @Test("a command that says nothing for a second is seen to work, and its result stands alone")
    func silent() {
        let screen = Screen()
        let console = screen.console(isTerminal: true)
        let now = SystemClock().monotonicMs()
        console.tick(nowMs: now + 400)
        #expect(screen.shown.isEmpty)
        console.tick(nowMs: now + 2_500)
        #expect(screen.shown == "\(Self.clear)… 2 s")
        console.say("done")
        #expect(screen.shown == "\(Self.clear)… 2 s\(Self.clear)done\n")
        console.endTicks()
        console.tick(nowMs: now + 9_000)
        #expect(screen.shown.hasSuffix("done\n"))
    }

    @Test("progress that stands still says for how long, and a warning takes its line")
    func standing() {
        let screen = Screen()
        let console = screen.console(isTerminal: true)
        console.progress("taking 1/2")
        console.tick(nowMs: SystemClock().monotonicMs() + 3_200)
        #expect(screen.shown == "\(Self.clear)taking 1/2\(Self.clear)taking 1/2 … 3 s")
        console.tell("! a warning")
        #expect(screen.shown.hasSuffix(" s\(Self.clear)! a warning\n"))
        console.say("one")
        #expect(screen.shown.hasSuffix("warning\none\n"))
    }

    @Test("where nobody watches, only results are written")
    func unwatched() {
        let screen = Screen()
        let console = screen.console(isTerminal: false)
        console.progress("taking 1/2")
        console.tick(nowMs: .max)
        console.endProgress()
        #expect(screen.shown.isEmpty)
        console.say("done")
        #expect(screen.shown == "done\n")
    }
}
