// Walks over an item of any shape and checks every rule, without building a value.
// Recursion goes at most `Limits.depthMax` deep; no declared count makes it loop without bytes.

extension CBORReader {
    /// Checks that the bytes are exactly one deterministic item.
    ///
    /// Cost: one pass, no allocation.
    package static func validate(
        _ bytes: UnsafeRawBufferPointer,
        profile: Profile = .commits
    ) throws(WireFault) {
        var reader = CBORReader(bytes, profile: profile)
        try reader.check(depth: 0)
        try reader.finish()
    }

    /// Checks that the bytes are exactly one deterministic item.
    package static func validate(
        _ bytes: [UInt8],
        profile: Profile = .commits
    ) throws(WireFault) {
        try bytes.withUnsafeBufferPointer { (pointer) throws(WireFault) in
            try validate(UnsafeRawBufferPointer(pointer), profile: profile)
        }
    }

    /// Moves past the next item, whatever it is, and returns its place in the input.
    ///
    /// Checks every rule inside it. `depth` is the nesting at which the item stands.
    @discardableResult
    package mutating func skip(depth: Int = 0) throws(WireFault) -> Range<Int> {
        let start = offset
        try check(depth: depth)
        return start..<offset
    }

    private mutating func check(depth: Int) throws(WireFault) {
        guard offset < input.count else { throw fault(.truncated) }
        let initial = input[offset]
        switch initial >> 5 {
        case 0, 1:
            if initial & 31 < 24 {
                advance(1)
            } else {
                let start = offset
                guard try longArgument(initial & 31) <= UInt64(Int64.max) else {
                    throw WireFault(.integerRange, offset: start)
                }
            }
        case 2: _ = try string(2, .bytes, .max)
        case 3: _ = try textBytes()
        case 4:
            guard depth < Limits.depthMax else { throw fault(.depth) }
            let count = try array()
            for _ in 0..<count { try check(depth: depth &+ 1) }
        case 5:
            guard depth < Limits.depthMax else { throw fault(.depth) }
            let count = try map()
            switch profile {
            case .commits: try checkNumberedEntries(count, depth &+ 1)
            case .anyKeys: try checkEntries(count, depth &+ 1)
            }
        default:
            switch initial {
            case 0xF4, 0xF5: advance(1)
            case 0xF6:
                nullsSkipped &+= 1
                advance(1)
            case 0xFF: throw fault(.indefiniteLength)
            default: throw fault(.forbiddenType)
            }
        }
    }

    private mutating func checkNumberedEntries(_ count: Int, _ depth: Int) throws(WireFault) {
        var previous: Int64?
        for _ in 0..<count {
            previous = try nextKey(after: previous)
            try check(depth: depth)
        }
    }

    private mutating func checkEntries(_ count: Int, _ depth: Int) throws(WireFault) {
        var previous: Range<Int>?
        for _ in 0..<count {
            let start = offset
            try check(depth: depth)
            let key = start..<offset
            if let previous {
                try checkOrder(previous, key)
            }
            previous = key
            try check(depth: depth)
        }
    }

    /// Refuses a key that is not above the one before it, by their encoded bytes.
    private func checkOrder(_ previous: Range<Int>, _ key: Range<Int>) throws(WireFault) {
        // No encoded item is the beginning of another: none differs only in its length.
        for index in 0..<min(previous.count, key.count) {
            let one = input[previous.lowerBound + index]
            let other = input[key.lowerBound + index]
            if one < other { return }
            if one > other { throw WireFault(.unsortedKeys, offset: key.lowerBound) }
        }
        throw WireFault(.duplicateKey, offset: key.lowerBound)
    }
}
