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
                "\(folder) holds no node",
                nextStep: "enrol it first: tributary enrol --data \(folder) --hq URL --code CODE"
            )
        }
        if isNew { try found(folder, arguments, console) }
        if arguments.has("once") {
            console.say(
                isNew
                    ? console.text("公司已建立", "the company is founded")
                    : console.text(
                        "目录正常",
                        "the directory opens"
                    )
            )
            return .done
        }
        let opened = try NodeDirectory.open(
            folder,
            anchor: arguments.value("anchor"),
            modules: .standard,
            clock: SystemClock(),
            random: SystemRandom()
        )
        guard case .here(let directory) = opened else {
            throw NodeFault(
                .busy,
                "\(folder) is served by another process",
                nextStep: "stop that process, or use another directory"
            )
        }
        let isHeadquarters = directory.engine.log.isHeadquarters
        guard isHeadquarters == (arguments.command == "hq") else {
            throw NodeFault(
                .usage,
                "\(folder) is \(isHeadquarters ? "headquarters" : "a branch node")",
                nextStep: "use `tributary \(isHeadquarters ? "hq" : "branch")`"
            )
        }
        return try serve(directory, arguments)
    }

    private func found(_ folder: String, _ arguments: Arguments, _ console: Console) throws {
        guard let company = arguments.value("company"), !company.isEmpty else {
            throw UsageFault(
                message: "\(folder) is empty: --company NAME founds the company",
                command: "hq"
            )
        }
        let standard = arguments.value("standard") ?? "small"
        let taxpayer = arguments.value("taxpayer") ?? "general"
        guard ["small", "asbe"].contains(standard), ["general", "small"].contains(taxpayer) else {
            throw UsageFault(
                message: "--standard is small or asbe, --taxpayer general or small",
                command: "hq"
            )
        }
        let lock = try NodeDirectory.prepare(folder)
        let clock = SystemClock()
        let engine = try NodeEngine.found(
            FoundingWish(
                company: company,
                standard: standard == "small" ? 1 : 2,
                taxpayer: taxpayer == "general" ? .general : .smallScale,
                from: clock.now().date().startOfYear
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
        try serving.run(arguments.value("listen") ?? "127.0.0.1:8443", syncs: !isAlone)
        return .done
    }
}
