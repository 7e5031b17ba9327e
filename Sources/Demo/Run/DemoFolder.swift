// Demo, the run: the folder of a demonstration. It replaces its own and touches nothing else.

import Kernel
import Module
import Node

/// The folder in which the nodes of a demonstration lie side by side.
struct DemoFolder {
    let path: String
    /// The file that says that the folder is a demonstration's.
    static let mark = "demo.txt"
    static let headquarters = "hq"

    /// The folder of a node.
    func node(_ name: String) -> String { path + "/" + name }

    /// The folder of a branch's node.
    func node(_ branch: BranchPlan) -> String { node(branch.code.lowercased()) }

    private var nodeNames: [String] {
        [DemoFolder.headquarters] + BranchPlan.all.map { $0.code.lowercased() }
    }

    /// Makes the folder ready: empty, or emptied of an earlier demonstration after saying so.
    ///
    /// Throws: `NodeFault` for a folder that holds anything else, or that is in use.
    func prepare(_ plan: ChainPlan, _ console: Console) throws {
        if Files.exists(path), !Files.isFolder(path) {
            throw NodeFault(
                .usage,
                LocalText("\(path) 不是目录", "\(path) is not a directory"),
                nextStep: LocalText("请用 --data 选择别的目录", "choose another with --data DIR")
            )
        }
        try Files.makeFolder(path)
        let found = try Files.names(in: path)
        if !found.isEmpty { try clear(found, console) }
        try write("seed \(plan.seed), days \(plan.days) from \(plan.start)\n")
    }

    /// Writes the file that says what the folder is.
    func write(_ text: String) throws {
        try Files.write(Array(text.utf8), to: node(DemoFolder.mark))
    }

    private func clear(_ found: [String], _ console: Console) throws {
        let own = nodeNames + nodeNames.map { $0 + ".anchor" } + [DemoFolder.mark]
        let foreign = found.filter { !own.contains($0) }
        guard found.contains(DemoFolder.mark), foreign.isEmpty else {
            let what = foreign.first ?? found[0]
            throw NodeFault(
                .refused,
                LocalText(
                    "\(path) 中有 \(what)，不是演示生成的",
                    "\(path) holds \(what), which no demonstration made"
                ),
                nextStep: LocalText(
                    "请用 --data 选择别的目录，或移走它",
                    "choose another directory with --data DIR, or move it away"
                )
            )
        }
        let locks = try nodeNames.map(node).filter(Files.isFolder).map { folder in
            guard case .taken(let lock) = try DirectoryLock.take(folder + "/lock") else {
                throw NodeFault(
                    .busy,
                    LocalText("\(path) 中正在运行演示", "a demonstration is running in \(path)"),
                    nextStep: LocalText(
                        "请先停止它，或用 --data 选择别的目录",
                        "stop it first, or choose another directory with --data DIR"
                    )
                )
            }
            return lock
        }
        console.tell(
            console.text(
                "\(path) 里有先前的演示数据，现在替换。",
                "\(path) holds an earlier demonstration; it is replaced now."
            )
        )
        // The mark goes last: what is left half-way is still a demonstration's.
        for name in found where name != DemoFolder.mark {
            if Files.isFolder(node(name)) {
                try Files.removeFolder(node(name))
            } else {
                try Files.remove(node(name))
            }
        }
        withExtendedLifetime(locks) {}
    }
}
