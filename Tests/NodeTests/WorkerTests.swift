// The one thread that owns the files: what goes first, and how long work lets others pass.

import Dispatch
import Glibc
import Node
import Synchronization
import Testing

@Suite("The worker")
struct WorkerTests {
    final class Diary: Sendable {
        private let lines = Mutex<[String]>([])

        func write(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    @Test("a long job that breathes lets a person's wish and a request pass, in this order")
    func breathes() {
        let diary = Diary()
        let worker = Worker { false }
        let isLong = DispatchSemaphore(value: 0)
        let haveCome = DispatchSemaphore(value: 0)
        worker.submit(isUrgent: true) {
            diary.write("import begins")
            isLong.signal()
            haveCome.wait()
            diary.write("between two transactions")
            worker.breathe()
            diary.write("import ends")
        }
        worker.start()
        isLong.wait()
        worker.submit { diary.write("a device syncs") }
        worker.submit(isUrgent: true) { diary.write("a person sells") }
        haveCome.signal()
        worker.stop()
        #expect(
            diary.all == [
                "import begins", "between two transactions", "a person sells", "a device syncs",
                "import ends",
            ]
        )
    }

    @Test("every job runs once and in order, and stopping waits for them")
    func order() {
        let diary = Diary()
        let worker = Worker { false }
        for number in 0..<100 { worker.submit { diary.write("\(number)") } }
        worker.start()
        worker.stop()
        #expect(diary.all == (0..<100).map(String.init))
    }

    @Test("it rests once after work, also between jobs that come again and again, and not before")
    func rests() {
        let diary = Diary()
        let worker = Worker(
            restAfterMs: 200,
            rest: { diary.write("rest") },
            idle: { false }
        )
        worker.start()
        usleep(500_000)
        #expect(diary.all == [], "there was no work to rest from")
        worker.run { diary.write("work") }
        usleep(600_000)
        #expect(diary.all == ["work", "rest"])
        for _ in 0..<12 {
            worker.run {}
            usleep(50_000)
        }
        #expect(diary.all.count { $0 == "rest" } >= 2, "short gaps are rests too")
        worker.stop()
    }
}
