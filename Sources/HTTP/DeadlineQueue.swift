// The times at which connections are to be looked at, earliest first. It must not know what a
// deadline means; an entry may be stale, which its owner finds out when it comes up.

/// A binary heap of times.
struct DeadlineQueue {
    /// One time, and the connection that it belongs to.
    struct Entry {
        let timeMs: Int64
        let socket: Int32
        let generation: UInt32
    }

    private var heap: [Entry] = []

    /// The earliest time.
    var earliest: Int64? { heap.first?.timeMs }

    /// Adds an entry.
    ///
    /// Cost: logarithmic.
    mutating func push(_ entry: Entry) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            if heap[parent].timeMs <= heap[child].timeMs { return }
            heap.swapAt(parent, child)
            child = parent
        }
    }

    /// Takes the earliest entry where its time has come.
    ///
    /// Cost: logarithmic.
    mutating func pop(dueAt now: Int64) -> Entry? {
        guard let first = heap.first, first.timeMs <= now else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].timeMs < heap[least].timeMs { least = child }
            }
            if least == parent { return first }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
