// The commands that work on an open directory, here or on behalf of another process.

import Kernel
import Ledger
import Module
import Node
import Replication
import SQLite
import Sync

/// One command on one directory.
struct DirectoryCommands {
    let arguments: Arguments
    let directory: NodeDirectory
    /// The folder in which the command was typed: relative paths are of there.
    let folder: String
    let console: Console
    /// Headquarters' server where this process serves one already.
    var headquarters: Headquarters?
    /// The thread that owns the directory, where this is another one.
    var thread: OwnThread?

    var engine: NodeEngine { directory.engine }

    func perform() throws -> ExitCode {
        switch arguments.command {
        case "report": try report()
        case "import":
            arguments.positional[0] == "commits" ? try importCommits() : try importFiles()
        case "export": try export()
        case "verify": try verify()
        case "digest": try digest()
        case "rebuild": try rebuild()
        case "post": try post()
        case "backup": try backup()
        case "rule": try rule()
        case "erase": try erase()
        case "code": try code()
        case "sync": try sync()
        case "device": try device()
        case "confirm": try confirm()
        default: throw UsageFault("没有这个命令", "there is no such command", nil)
        }
    }

    /// A path as the person who typed it meant it.
    func path(_ text: String) -> String {
        text.hasPrefix("/") ? text : folder + "/" + text
    }

    // MARK: reports

    private func request() throws -> ReportRequest {
        var request = ReportRequest(
            from: try arguments.date("from"),
            to: try arguments.date("to")
        )
        if let from = request.from, let to = request.to, from > to {
            throw UsageFault("--from 晚于 --to", "--from is after --to", arguments.command)
        }
        let date = request.to ?? engine.clock.now().date()
        if let code = arguments.value("branch") {
            let catalog = engine.modules.questions.catalog
            guard let branch = try catalog.branch(code: code, on: date, engine.views) else {
                throw try unknownBranch(code, on: date)
            }
            request.branch = branch.id
        }
        if let code = arguments.value("entity") {
            let entities = try engine.modules.questions.catalog.entities(engine.views)
            guard let entity = entities.first(where: { $0.code == code }) else {
                let known = entities.map(\.code).joined(separator: ", ")
                throw NodeFault(
                    .usage,
                    LocalText("没有账套 \(code)", "there are no books \(code)"),
                    nextStep: LocalText("现有：\(known)", "one of: \(known)")
                )
            }
            request.entity = entity.id
        }
        for name in ["by", "account", "view", "level", "product", "category"] {
            if let value = arguments.value(name) { request.options[name] = value }
        }
        for name in ["negative", "zero"] where arguments.has(name) {
            request.options[name] = "yes"
        }
        return request
    }

    /// That no branch has a code, with those that are there.
    func unknownBranch(_ code: String, on date: CivilDate) throws -> NodeFault {
        let branches = try engine.modules.questions.catalog.branches(on: date, engine.views)
        let known = branches.prefix(12).map { "\($0.code) \($0.name)" }.joined(separator: ", ")
        let more = branches.count > 12 ? " …" : ""
        return NodeFault(
            .usage,
            LocalText("没有编码为 \(code) 的门店", "there is no branch with the code \(code)"),
            nextStep: branches.isEmpty
                ? LocalText(
                    "还没有门店：tributary import branches",
                    "there are none yet: tributary import branches"
                )
                : LocalText("现有：\(known)\(more)", "one of: \(known)\(more)")
        )
    }

    private func report() throws -> ExitCode {
        let name = arguments.positional[0]
        let format = try format(standard: .table)
        let result = try result(name)
        try write(render(result, format), to: arguments.value("out"))
        return .done
    }

    private func result(_ name: String) throws -> ReportResult {
        try engine.report(name, request())
    }

    private func format(standard: ReportFormat) throws -> ReportFormat {
        if arguments.has("json") { return .json }
        guard let text = arguments.value("format") else { return standard }
        guard let format = ReportFormat(rawValue: text) else {
            throw UsageFault(
                "--format 是 table、csv、json 或 xlsx，不是 \(text)",
                "--format is table, csv, json or xlsx, not \(text)",
                arguments.command
            )
        }
        return format
    }

    private func render(_ result: ReportResult, _ format: ReportFormat) throws -> [UInt8] {
        switch format {
        case .table: return Array(ReportText.table(result, console.language).utf8)
        case .json: return Array(ReportText.json(result, console.language).utf8)
        case .xlsx:
            if arguments.value("out") == nil {
                throw UsageFault(
                    "工作簿不能显示在屏幕上：--format xlsx 需要 --out 文件",
                    "a workbook is not for the screen: --format xlsx needs --out FILE",
                    arguments.command
                )
            }
            return try ReportText.xlsx(result, console.language)
        case .csv:
            console.tell(result.heading(console.language))
            console.tell(result.completenessLine(console.language))
            return Array(ReportText.csv(result, console.language).utf8)
        }
    }

    private func write(_ bytes: [UInt8], to file: String?) throws {
        guard let file else {
            console.write(String(decoding: bytes, as: UTF8.self))
            return
        }
        try Files.write(bytes, to: path(file))
        console.tell(console.text("已写入 \(path(file))", "written to \(path(file))"))
    }

    private func export() throws -> ExitCode {
        switch arguments.positional[0] {
        case "log": return try exportLog()
        case "journal":
            let request = try engine.whole(request())
            let context = try engine.reportContext(from: request.from, to: request.to)
            let journal = try LedgerJournal.text(request, context)
            console.tell(try result("trial-balance").completenessLine(console.language))
            try write(Array(journal.utf8), to: arguments.value("out"))
        case let name:
            try write(render(result(name), format(standard: .csv)), to: arguments.value("out"))
        }
        return .done
    }

    // MARK: checks

    private func verify() throws -> ExitCode {
        let progress = { (done: Int64, all: Int64) in
            console.progress(console.text("校验", "checking") + " \(done)/\(all)")
        }
        let result =
            try thread.map { try engine.verifyBeside($0, progress: progress) }
            ?? engine.verify(progress: progress)
        console.endProgress()
        if arguments.has("json") {
            let problems = result.problems.map(JSONText.quoted).joined(separator: ",")
            let unchecked = result.unchecked.map(JSONText.quoted).joined(separator: ",")
            console.say(
                "{\"commits\":\(result.commits),\"changes\":\(result.changes)"
                    + ",\"quarantined\":\(result.quarantined),\"problems\":[\(problems)]"
                    + ",\"unchecked\":[\(unchecked)]}"
            )
            return result.problems.isEmpty ? .done : .checkFailed
        }
        for problem in result.problems { console.say("✘ \(problem)") }
        for part in result.unchecked {
            console.say(
                console.text(
                    "! 未校验（超过 5 秒，请停止服务后再校验）：",
                    "! not checked, for it takes over 5 s: stop the node first: "
                ) + part
            )
        }
        console.say(
            console.text(
                "已校验 \(result.commits) 次提交、\(result.changes) 条记录、\(result.personal) 项个人信息",
                "checked \(result.commits) commits, \(result.changes) records, "
                    + "\(result.personal) personal values"
            )
        )
        if result.quarantined > 0 {
            console.say(
                console.text(
                    "待处理 \(result.quarantined) 项（tributary rule list）",
                    "\(result.quarantined) to resolve (tributary rule list)"
                )
            )
        }
        if result.problems.isEmpty && result.unchecked.isEmpty {
            console.say(console.text("一切正常", "everything is in order"))
        }
        return result.problems.isEmpty ? .done : .checkFailed
    }

    private func digest() throws -> ExitCode {
        try engine.catchUp()
        let heads = try engine.log.reader.heads()
        let views = try engine.projector.digests()
        let (position, audiences) = try deliveredDigests()
        if arguments.has("json") {
            let headText = heads.map { head in
                "{\"replica\":\(head.replica),\"last\":\(head.last),\"hash\":\"\(head.hash)\"}"
            }.joined(separator: ",")
            let viewText = views.map { "\"\($0.module)\":\"\($0.digest)\"" }
                .joined(separator: ",")
            let audienceText = audiences.map { "\"\($0.audience)\":\"\($0.hex)\"" }
                .joined(separator: ",")
            console.say(
                "{\"position\":\(position),\"heads\":[\(headText)],"
                    + "\"log\":{\(audienceText)},\"views\":{\(viewText)}}"
            )
            return .done
        }
        for head in heads { console.say("head \(head.replica):\(head.last) \(head.hash)") }
        for item in audiences { console.say("log \(item.audience) \(item.hex)") }
        for view in views { console.say("views \(view.module) \(view.digest)") }
        return .done
    }

    /// What was delivered to each audience that has anything: at headquarters at its end, at a node
    /// at its cursor.
    private func deliveredDigests() throws -> (position: Int64, [AudienceDigest]) {
        let log = engine.log
        if !log.isHeadquarters {
            let state = NodeState(log: log)
            return (try state.point.position, try state.digests().filter { !$0.shares.isEmpty })
        }
        let withheld = Set(try engine.projector.quarantined().map(\.id))
        let audiences = try log.deliveredAudiences()
        let digests = try log.digests(of: audiences, leavingOut: withheld)
        return (log.end, digests.filter { !$0.shares.isEmpty })
    }

    private func rebuild() throws -> ExitCode {
        try engine.rebuild { done, all in
            console.progress(console.text("重建视图", "deriving views") + " \(done)/\(all)")
        }
        console.endProgress()
        console.say(
            console.text(
                "视图已由 \(engine.log.end) 次提交重新得出",
                "views derived from \(engine.log.end) commits"
            )
        )
        return .done
    }
}
