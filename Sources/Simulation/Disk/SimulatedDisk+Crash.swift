// The end of a machine's life, and copies of a whole disk.
// Must not: leave a handle of the former life in use.
import Kernel

extension SimulatedDisk {
    /// What becomes of the changes that no sync has made durable.
    package enum Loss: Hashable, Sendable, CaseIterable {
        /// One of the four below, drawn from the seed.
        case drawn
        /// All are lost.
        case all
        /// They are lost from some point on; the one at that point is torn.
        case tail
        /// Each for itself is kept, lost, or torn at a sector's border.
        case scattered
        /// None is lost, for the process was killed and not the machine; what a failed sync left
        /// behind is seen as before, and still not on the disk.
        case none
    }

    /// The bytes of all files at one moment.
    package struct Snapshot: Hashable, Sendable {
        /// The files by name.
        package let files: [String: [UInt8]]
    }

    /// Ends the machine's life and starts the next: unsynced changes meet their fate, locks and
    /// planned failures are gone, and whatever was open answers with errors from then on.
    package func crash(_ loss: Loss = .drawn) {
        locked {
            let drawn = loss == .drawn ? random.pick([.all, .tail, .scattered, .none]) : loss
            settleFiles(drawn, keepsMemory: loss == .none)
            settleNames(drawn)
            endLife()
        }
    }

    /// A copy of all files as the processes see them.
    package func snapshot() -> Snapshot {
        locked { Snapshot(files: files.mapValues(\.content)) }
    }

    /// Puts a copy in the place of all files, durably; whatever was open is dead.
    package func restore(_ snapshot: Snapshot) {
        locked {
            endLife()
            files = [:]
            for name in snapshot.files.keys.sorted() {
                files[name] = makeFile(durable: snapshot.files[name] ?? [])
            }
            durableFiles = files
        }
    }

    /// A second disk with the same files.
    package func clone(name: String, seed: UInt64) -> SimulatedDisk {
        let copy = SimulatedDisk(name: name, seed: seed, capacityBytes: capacityBytes)
        copy.restore(snapshot())
        return copy
    }

    private func endLife() {
        life += 1
        isOff = false
        forgetFailures()
        for file in allFiles() {
            file.holders = []
            // The handles of the former life keep the memory until they are closed.
            file.sharedMemory?.holders = []
            file.sharedMemory = nil
        }
    }

    /// Every file that has a name, or had one durably, in order of creation.
    private func allFiles() -> [StoredFile] {
        var found: [Int: StoredFile] = [:]
        for file in files.values { found[file.number] = file }
        for file in durableFiles.values { found[file.number] = file }
        return found.values.sorted { $0.number < $1.number }
    }

    private func settleFiles(_ loss: Loss, keepsMemory: Bool) {
        let all = allFiles()
        let ordinals = all.flatMap { $0.pending.map(\.ordinal) }.sorted()
        let cut = ordinals.isEmpty ? 0 : random.pick(ordinals)
        for file in all {
            file.settle(keepsMemory: keepsMemory) { change in
                switch loss {
                case .none: return [change.content]
                case .all, .drawn: return []
                case .tail:
                    if change.ordinal == cut { return StoredFile.tear(change, &random) }
                    return change.ordinal < cut ? [change.content] : []
                case .scattered:
                    switch random.int(in: 0...2) {
                    case 0: return [change.content]
                    case 1: return []
                    default: return StoredFile.tear(change, &random)
                    }
                }
            }
        }
    }

    private func settleNames(_ loss: Loss) {
        for name in Set(files.keys).union(durableFiles.keys).sorted()
        where files[name] !== durableFiles[name] {
            switch loss {
            case .none: break
            case .all, .drawn: files[name] = durableFiles[name]
            case .tail, .scattered:
                if random.bool(chance: 500) { files[name] = durableFiles[name] }
            }
        }
        durableFiles = files
    }
}
