// Making an empty directory a node of a company: one request, one answer, a log.

import Kernel
import Module
import Node
import Replication
import SQLite
import Sync

/// `tributary enrol`.
struct EnrolCommand {
    func run(_ arguments: Arguments, _ console: Console) throws -> ExitCode {
        let folder = try arguments.required("data")
        let address = try HeadquartersAddress(arguments.required("hq"))
        let code = try code(arguments)
        let lock = try NodeDirectory.prepare(folder)
        let random = SystemRandom()
        let storage = FolderStorage(folder: folder)
        // The same nonce gets the same answer if this is cut and run again.
        let nonce: [UInt8]
        if let kept = try storage.read("enrolling"), kept.count == 16 {
            nonce = kept
        } else {
            nonce = random.bytes(16)
            try storage.write("enrolling", nonce, isDurable: true)
        }
        let enrolment: Enrolment
        do {
            enrolment = try Enrolment(
                code: code,
                deviceNonce: nonce,
                machine: Anchor.machine,
                random: random
            )
        } catch {
            throw NodeFault(
                .usage,
                LocalText("注册代码不对", "that is no code"),
                nextStep: LocalText("请完整复制，包括短横线", "copy it whole, dashes and all")
            )
        }
        let answer = try HTTPTransport(address).exchange(enrolment.request)
        let enrolled = try read(answer, enrolment, from: address)
        let log = try enrolment.found(
            enrolled,
            database: NodeEngine.database(storage),
            random: random
        )
        try log.write { try log.reader.setMeta("hq_url", bytes: Array(address.text.utf8)) }
        try storage.remove("enrolling")
        let anchor = Anchor(path: arguments.value("anchor") ?? NodeDirectory.defaultAnchor(folder))
        if let head = log.own { try anchor.write(head, isDurable: true) }
        try log.database.close()
        withExtendedLifetime(lock) {}
        console.say(
            arguments.has("json")
                ? "{\"device\":\(enrolled.device),\"branch\":\(enrolled.branch)}"
                : console.text(
                    "已注册为设备 \(enrolled.device)。下一步：tributary sync --data \(folder)",
                    "enrolled as device \(enrolled.device); next: tributary sync --data \(folder)"
                )
        )
        return .done
    }

    private func code(_ arguments: Arguments) throws -> String {
        if let code = arguments.value("code") { return code }
        guard let file = arguments.value("code-file") else {
            throw UsageFault("缺少 --code 或 --code-file", "--code or --code-file is missing", "enrol")
        }
        return Text.trimmed(
            String(decoding: try Files.read(file, sizeBytesMax: 4_096), as: UTF8.self)
        )
    }

    private func read(
        _ answer: TransportAnswer,
        _ enrolment: Enrolment,
        from address: HeadquartersAddress
    ) throws -> EnrolAnswer {
        do {
            return try enrolment.answer(
                status: answer.status,
                headers: answer.headers,
                body: answer.body
            )
        } catch Enrolment.Fault.refused(let why) {
            throw NodeFault(
                .refused,
                "headquarters refused the code (\(why))",
                nextStep: "codes hold ten minutes and once: ask for a new one (tributary code)",
                chinese: (
                    "总部不接受这个注册码（\(why)）", "注册码十分钟内有效、只能用一次：请重新签发（tributary code）"
                )
            )
        } catch {
            // What stands in front of headquarters says so where headquarters is not there.
            let isBehind = (500...599).contains(answer.status)
            throw NodeFault(
                .unreachable,
                isBehind
                    ? "\(address.text) answers \(answer.status): headquarters behind it does not"
                    : "what answers at \(address.text) (\(answer.status)) is not this company's "
                        + "headquarters",
                nextStep: isBehind ? "start headquarters, then try again" : "check --hq",
                chinese: isBehind
                    ? ("\(address.text) 应答 \(answer.status)：它后面的总部没有运行", "请启动总部后重试")
                    : ("\(address.text) 的应答（\(answer.status)）不是本公司总部发出的", "请检查 --hq")
            )
        }
    }
}
