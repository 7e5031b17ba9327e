// Everything exceptional that the merged whole shows (异常): what each module's checks find, and
// what the log itself does: quarantine, forks, edits that a concurrent one overwrote.
// Recomputed from views and log; nothing is kept and nothing is mended here.

import Kernel
import Module
import Replication
import SQLite
import Wire

/// The report `findings`.
struct FindingsReport {
    private let engine: NodeEngine
    private let context: ReportContext

    init(_ engine: NodeEngine, _ context: ReportContext) {
        self.engine = engine
        self.context = context
    }

    func table(_ request: ReportRequest) throws -> ReportTable {
        if request.branch != nil || request.from != nil || request.to != nil {
            throw ReportFault.badOption(
                name: request.branch == nil ? "from/--to" : "branch",
                value: "",
                expected: LocalText(
                    "异常是全部数据现在的情况，不分门店和日期",
                    "findings are of all that is here, as it stands now"
                )
            )
        }
        var findings = try quarantine() + holes() + forks() + repeatedRows()
        findings += try missingPersonal()
        for module in engine.modules.modules { findings += try module.findings(context) }
        findings += try overwritten()
        return ReportTable(
            title: LocalText("异常", "Findings"),
            columns: [
                ReportColumn("check", "检查项", "Check", .text, for: .programs),
                ReportColumn("title", "异常", "Finding", .text),
                ReportColumn("owner", "负责", "Owner", .text),
                ReportColumn("subject", "对象", "Subject", .text),
                ReportColumn("evidence", "依据", "Evidence", .text),
                ReportColumn("proposal", "建议", "Proposal", .text),
            ],
            rows: findings.map { finding in
                let name = FindingName.of(finding.check)
                return [
                    .text(finding.check), .words(name.title), .words(name.owner),
                    .text(finding.subject), .words(finding.evidence), .words(finding.proposal),
                ]
            },
            notes: findings.isEmpty ? [] : [FindingsReport.counts(findings)]
        )
    }

    /// How many there are of each kind, in the order of the rows.
    ///
    /// Why: hundreds of one kind hide the one refund that was given twice.
    private static func counts(_ findings: [Finding]) -> LocalText {
        var kinds: [(name: LocalText, count: Int)] = []
        for finding in findings {
            let name = FindingName.of(finding.check).title
            if let place = kinds.firstIndex(where: { $0.name == name }) {
                kinds[place].count += 1
            } else {
                kinds.append((name, 1))
            }
        }
        return LocalText(
            "共 \(findings.count) 项："
                + kinds.map { "\($0.name.chinese) \($0.count)" }.joined(separator: "、"),
            "\(findings.count) in all: "
                + kinds.map { "\($0.name.english) \($0.count)" }.joined(separator: ", ")
        )
    }

    // MARK: - The log

    /// Whose chain a change is of: the device's name, or its number.
    private func author(of replica: ReplicaNumber) throws -> String {
        guard let owner = try engine.log.owner(of: replica),
            let device = try engine.log.device(owner.device), !device.name.isEmpty
        else { return "\(replica)" }
        return device.name
    }

    private func quarantine() throws -> [Finding] {
        try engine.projector.quarantined().map { waiting in
            let (reason, proposal) = waiting.words
            let detail = waiting.detail.isEmpty ? "" : " (\(waiting.detail))"
            return Finding(
                check: "log.quarantine",
                subject: "\(try author(of: waiting.id.replica)) · \(waiting.id)",
                evidence: LocalText(reason.chinese + detail, reason.english + detail),
                proposal: proposal
            )
        }
    }

    /// Holes behind which handed-back commits wait.
    private func holes() throws -> [Finding] {
        try engine.holes().map { hole in
            Finding(
                check: "log.hole",
                subject: "\(try author(of: hole.number)) · \(hole.number)",
                evidence: LocalText(
                    "第 \(hole.after) 条之后缺失，其后 \(hole.waiting) 次提交未计入",
                    "what follows \(hole.after) is missing; \(hole.waiting) commits behind it are "
                        + "not counted in"
                ),
                proposal: LocalText(
                    "等待各设备同步补齐；确认无法找回后：tributary rule lost \(hole.number) --reason …",
                    "Wait for the devices to hand it back; when it is gone for good: tributary "
                        + "rule lost \(hole.number) --reason …"
                )
            )
        }
    }

    /// Chains that two histories stood under: a copied disk, or a node restored and written on.
    private func forks() throws -> [Finding] {
        let log = engine.log
        var findings: [Finding] = []
        var aside: [ReplicaNumber: (count: Int, first: ChangeID, became: ChangeID?)] = [:]
        for commit in try log.forkedCommits() {
            var entry = aside[commit.id.replica] ?? (0, commit.id, commit.became)
            entry.count += 1
            aside[commit.id.replica] = entry
        }
        for replica in aside.keys.sorted() {
            guard let entry = aside[replica] else { continue }
            let became = entry.became.map { " → \($0)" } ?? ""
            findings.append(fork(try author(of: replica), "\(entry.first)\(became)", entry.count))
        }
        guard log.isHeadquarters else { return findings }
        let statement = try log.database.statement("SELECT DISTINCT replica FROM forks ORDER BY 1")
        var numbers: [ReplicaNumber] = []
        try statement.forEach { row in
            numbers.append(ReplicaNumber(stored: row.integer(0)))
        }
        for number in numbers {
            guard let first = try log.reader.commits(of: number, after: 0, limit: 1).first,
                let from = first.header?.flags.forkedFrom
            else { continue }
            let point = ChangeID(replica: from.replica, sequence: from.lastCommon)
            findings.append(fork(try author(of: number), "\(point) → \(first.id)", nil))
        }
        return findings
    }

    private func fork(_ subject: String, _ where: String, _ count: Int?) -> Finding {
        let counted = count.map { ($0 == 1 ? "1 commit" : "\($0) commits", "\($0) 次提交") }
        return Finding(
            check: "log.fork",
            subject: subject,
            evidence: LocalText(
                "自 \(`where`) 分叉" + (counted.map { "，\($0.1)" } ?? ""),
                "forked at \(`where`)" + (counted.map { ", \($0.0)" } ?? "")
            ),
            proposal: LocalText(
                "数据已自动并入，没有丢失。核实是否复制了磁盘，或用旧备份恢复过设备。",
                "Nothing was lost: both histories are kept. Ask whether a disk was copied, or the "
                    + "device restored from an old backup."
            )
        )
    }

    /// Rows of files that two devices took, neither knowing of the other: they count twice.
    private func repeatedRows() throws -> [Finding] {
        struct Pair: Hashable {
            let first: ReplicaNumber
            let last: ReplicaNumber
        }
        var pairs: [Pair: (count: Int, first: ChangeID, last: ChangeID)] = [:]
        for rows in try TakenRows.repeated(engine.views) {
            let pair = Pair(first: rows.first.replica, last: rows.last.replica)
            pairs[pair, default: (0, rows.first, rows.last)].count += 1
        }
        return try pairs.values.sorted { ($0.first, $0.last) < ($1.first, $1.last) }.map { pair in
            Finding(
                check: "log.rows.repeated",
                subject: "\(try author(of: pair.last.replica)) · \(pair.last)",
                evidence: LocalText(
                    "\(pair.count) 笔导入了两次，例如 \(pair.first) 和 \(pair.last)",
                    "\(pair.count) taken twice, such as \(pair.first) and \(pair.last)"
                ),
                proposal: LocalText(
                    "同一文件被两台设备各导入一次，金额和库存已重复：逐笔核对，作废或退回多出的一份。",
                    "Two devices took the same file, and it counts twice: look into each, and void "
                        + "or return what came later."
                )
            )
        }
    }

    private func missingPersonal() throws -> [Finding] {
        let missing = try engine.log.missingPersonal(of: nil, limit: 1_000)
        var counts: [ReplicaNumber: Int] = [:]
        for item in missing { counts[item.commit.replica, default: 0] += 1 }
        return try counts.sorted { $0.key < $1.key }.map { replica, count in
            Finding(
                check: "log.personal.missing",
                subject: try author(of: replica),
                evidence: LocalText("\(count) 项个人信息未到", "\(count) personal values are not here"),
                proposal: LocalText(
                    "等待该设备再次同步；未到之前不算已备份。",
                    "Wait for the device to sync again; until then it does not count as backed up."
                )
            )
        }
    }

    // MARK: - Registers

    private func overwritten() throws -> [Finding] {
        try engine.projector.registers.overwritten().map { lost in
            let definition = engine.modules.definition(of: lost.kind)
            let field = definition?.fields.first { $0.key == lost.key }?.name ?? "\(lost.key)"
            let isPersonal =
                definition?.fields.first { $0.key == lost.key }?.unit
                == FieldDefinition.personalUnit
            let kept = isPersonal ? "…" : "\(lost.winningValue)"
            let gone = isPersonal ? "…" : "\(lost.losingValue)"
            let (late, early) = (
                lost.winningTime.wallTime.dateTimeText(), lost.losingTime.wallTime.dateTimeText()
            )
            let (here, there) = (
                try author(of: lost.winner.replica), try author(of: lost.loser.replica)
            )
            return Finding(
                check: "log.overwritten",
                subject: "\(definition?.summary.chinese ?? "\(lost.kind)") \(field) · "
                    + "\(ChangeID(lost.entity))",
                evidence: LocalText(
                    "保留 \(kept)（\(here)，\(late)），覆盖了 \(gone)（\(there)，\(early)）",
                    "kept \(kept) (\(here), \(late)) over \(gone) (\(there), \(early))"
                ),
                proposal: LocalText(
                    "两处同时修改。如被覆盖的值正确，请重新填写。",
                    "Both were edited at once. If the lost value is the right one, set it again."
                )
            )
        }
    }
}
