// Serving a node: founding where the directory is empty, then listening until told to stop.

import Glibc
import Kernel
import Module
import Node
import Replication

/// `tributary hq` and `tributary branch`.
struct ServeCommand {
    let dispatcher: Dispatcher

    func run(_ arguments: Arguments, _ console: Console) throws -> ExitCode {
        let folder = try arguments.required("data")
        let isNew = !Files.exists(folder + "/log.sqlite")
        if isNew, arguments.command == "branch" {
            throw NodeFault(
                .usage,
                LocalText("\(folder) 不是数据目录", "\(folder) holds no node"),
                nextStep: LocalText(
                    "先注册：tributary enrol --data \(folder) --hq URL --code 代码",
                    "enrol it first: tributary enrol --data \(folder) --hq URL --code CODE"
                )
            )
        }
        if isNew { try found(folder, arguments, console) }
        if isNew, arguments.has("once") {
            console.say(console.text("公司已建立", "the company is founded"))
            return .done
        }
        let opened = try open(folder, arguments, console)
        guard case .here(let directory) = opened else {
            if arguments.has("once") {
                console.say(console.text("目录正在服务", "the directory is being served"))
                return .done
            }
            throw NodeFault(
                .busy,
                LocalText("\(folder) 已有进程在服务", "\(folder) is served by another process"),
                nextStep: LocalText(
                    "停止那个进程，或使用别的目录",
                    "stop that process, or use another directory"
                )
            )
        }
        let isHeadquarters = directory.engine.log.isHeadquarters
        guard isHeadquarters == (arguments.command == "hq") else {
            throw NodeFault(
                .usage,
                LocalText(
                    "\(folder) 是\(isHeadquarters ? "总部" : "门店设备")的数据目录",
                    "\(folder) is \(isHeadquarters ? "headquarters" : "a branch node")"
                ),
                nextStep: LocalText(
                    "用 tributary \(isHeadquarters ? "hq" : "branch")",
                    "use `tributary \(isHeadquarters ? "hq" : "branch")`"
                )
            )
        }
        if arguments.has("once") {
            try directory.close()
            console.say(console.text("目录正常", "the directory opens"))
            return .done
        }
        return try serve(directory, arguments)
    }

    private func open(
        _ folder: String,
        _ arguments: Arguments,
        _ console: Console
    ) throws -> NodeDirectory.Opened {
        defer { console.endTicks() }
        return try NodeDirectory.open(
            folder,
            anchor: arguments.value("anchor"),
            modules: .standard,
            clock: SystemClock(),
            random: SystemRandom(),
            progress: { done, all in
                console.progress(console.text("重建视图", "deriving views") + " \(done)/\(all)")
            }
        )
    }

    private func found(_ folder: String, _ arguments: Arguments, _ console: Console) throws {
        guard let company = arguments.value("company"), !company.isEmpty else {
            throw UsageFault(
                "\(folder) 是空的：用 --company 名称 建立公司",
                "\(folder) is empty: --company NAME founds the company",
                "hq"
            )
        }
        let standard = arguments.value("standard") ?? "small"
        let taxpayer = arguments.value("taxpayer") ?? "general"
        guard ["small", "asbe"].contains(standard), ["general", "small"].contains(taxpayer) else {
            throw UsageFault(
                "--standard 是 small 或 asbe，--taxpayer 是 general 或 small",
                "--standard is small or asbe, --taxpayer general or small",
                "hq"
            )
        }
        let lock = try NodeDirectory.prepare(folder)
        let clock = SystemClock()
        let engine = try NodeEngine.found(
            FoundingWish(
                company: company,
                standard: standard == "small" ? 1 : 2,
                taxpayer: taxpayer == "general" ? .general : .smallScale
            ),
            storage: FolderStorage(folder: folder),
            modules: .standard,
            clock: clock,
            random: SystemRandom()
        )
        let anchor = Anchor(path: arguments.value("anchor") ?? NodeDirectory.defaultAnchor(folder))
        if let head = engine.log.own { try anchor.write(head, isDurable: true) }
        try engine.close()
        withExtendedLifetime(lock) {}
    }

    private func serve(_ directory: NodeDirectory, _ arguments: Arguments) throws -> ExitCode {
        let serving = try Serving(directory: directory, dispatcher: dispatcher)
        if let goingOn = directory.goingOn {
            let words = UnprovenText.words(goingOn)
            let why = directory.proof.rawValue
            EventLog(clock: SystemClock()).say("unproven", [("why", why), ("state", words)])
        }
        let isAlone = directory.engine.log.isHeadquarters || arguments.has("no-sync")
        let address = arguments.value("listen") ?? "127.0.0.1:8443"
        switch try serving.run(address, syncs: !isAlone) {
        case .stopped: return .done
        case .inDoubt: return try beginAgain()
        }
    }

    private static let begunAgain = "TRIBUTARY_BEGUN_AGAIN"

    /// Replaces this process by a new one of the same program, which opens the files anew.
    ///
    /// Why: what this one and its memory know of the files is in doubt. Where the disk fails again
    /// at once the process ends, and whoever watches over it tries later.
    private func beginAgain() throws -> ExitCode {
        let now = SystemClock().monotonicMs()
        if let before = Process.variable(ServeCommand.begunAgain).flatMap(Int64.init),
            now - before < 10_000
        {
            throw NodeFault(
                .busy,
                "the disk fails again and again: nothing more is accepted",
                nextStep: "look at the disk; what was acknowledged is on it"
            )
        }
        setenv(ServeCommand.begunAgain, "\(now)", 1)
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        var words: [UnsafeMutablePointer<CChar>?] = CommandLine.arguments.map { strdup($0) }
        words.append(nil)
        execv("/proc/self/exe", words)
        throw NodeFault(
            .busy,
            "the disk failed, and the program cannot be started again: error \(errno)",
            nextStep: "start it again"
        )
    }
}
