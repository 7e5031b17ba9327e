// Demo, the run: after the reports the chain trades on, a minute in a second, until Ctrl-C.

import Glibc
import Kernel
import Ledger
import Module
import Node

extension DemoRun {
    /// How many seconds of the plan pass in one of ours.
    private static let speed: Int64 = 60

    /// Keeps SIGINT and SIGTERM for `tradeOn`; called before the first thread starts.
    package static func holdSignals() {
        var signals = heldSignals
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    private static var heldSignals: sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        return signals
    }

    /// Goes on trading and serving until a signal comes; 城东店 is online again after an hour.
    package func tradeOn() throws {
        calls.intervalMs = 600_000
        calls.outagesEnd = plan.finish.adding(milliseconds: 3_600_000)
        console.say(
            console.text(
                "总部在 http://\(address) 继续服务，门店按 \(DemoRun.speed) 倍速继续营业；按 Ctrl-C 结束。",
                "Headquarters goes on at http://\(address), the stores trade on at "
                    + "\(DemoRun.speed) times the speed; Ctrl-C ends it."
            )
        )
        let began = SystemClock().monotonicMs()
        var hour: Int64 = 0
        for event in plan.timeline() where event.at > plan.finish {
            let passed = event.at.milliseconds - plan.finish.milliseconds
            let due = began + passed / DemoRun.speed
            if DemoRun.waitForSignal(until: due) { break }
            try step(event, atOnce: true)
            if passed / 3_600_000 > hour {
                hour = passed / 3_600_000
                try tellTheTime(event.at)
            }
        }
        console.endProgress()
    }

    /// Posts what is due, and says how much the day has brought.
    private func tellTheTime(_ now: WallTime) throws {
        let sold = try headquarters.run { headquarters in
            try headquarters.engine.catchUp()
            while try headquarters.engine.perform(PostVouchers()).hasMore {}
            let today = ReportRequest(from: now.date(), to: now.date())
            return try headquarters.engine.report("branches", today)
        }
        let place = sold.table.columns.firstIndex { $0.key == "net" }
        let net = place.flatMap { sold.table.totals?[$0] }.map(ReportText.text) ?? "0.00"
        let stores = plan.branches.filter(\.isStore)
        let online = stores.filter { calls.isOnline($0.index, now) }.count
        console.say(
            console.text(
                "\(now.dateTimeText())  今日已到总部 \(net) 元，\(online)/\(stores.count) 店联网",
                "\(now.dateTimeText())  \(net) yuan of today at headquarters, "
                    + "\(online)/\(stores.count) stores online"
            )
        )
    }

    /// Waits until an instant of the steady clock; true where a signal came.
    private static func waitForSignal(until due: Int64) -> Bool {
        var signals = heldSignals
        while true {
            let left = max(0, due - SystemClock().monotonicMs())
            var wait = timespec(tv_sec: Int(left / 1_000), tv_nsec: Int(left % 1_000) * 1_000_000)
            let got = sigtimedwait(&signals, nil, &wait)
            if got > 0 { return true }
            if errno == EAGAIN { return false }
        }
    }
}
