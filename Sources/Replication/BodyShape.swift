// Which integers of a body are ids, so that a tail can be committed again under another number.
// Must not know a module: the shapes come from the definitions of kinds, handed in from above.

package import Kernel
package import Wire

/// What stands at a place of a body.
package indirect enum BodyPlace: Hashable, Sendable {
    /// An id of a change.
    case id
    /// A number, a time, a text: never an id.
    case number
    /// Not declared: an integer there may be an id.
    case unknown
    /// Items of one shape.
    case list(BodyPlace)
    /// Items by index; those beyond the last are not declared.
    case tuple([BodyPlace])
    /// Values by key; other keys are not declared.
    case map([Int64: BodyPlace])

    /// The place that a type of a kind's definition declares.
    ///
    /// Shape: `id`; `[* T]`, `[+ T]`, `[2* T]`; `[T, name: T, …]`; any other type with a `unit`,
    /// and texts, bytes and truth values, are numbers; other types are not declared.
    package init(type: String, unit: String = "") {
        self = BodyPlace.parse(BodyPlace.trimmed(type), unit)
    }

    private static func parse(_ text: String, _ unit: String) -> BodyPlace {
        if text == "id" { return .id }
        if text.hasPrefix("["), text.hasSuffix("]") {
            let inner = trimmed(String(text.dropFirst().dropLast()))
            let unnumbered = inner.drop { $0.isNumber }
            if unnumbered.hasPrefix("*") || unnumbered.hasPrefix("+") {
                return .list(parse(trimmed(String(unnumbered.dropFirst())), unit))
            }
            return .tuple(items(of: inner).map { parse(name(cutFrom: $0), "") })
        }
        if text.hasPrefix("tstr") || text.hasPrefix("bstr") || text == "bool" { return .number }
        return unit.isEmpty ? .unknown : .number
    }

    /// The parts between commas that stand in no inner bracket.
    private static func items(of text: String) -> [String] {
        var depth = 0
        var parts: [String] = [""]
        for character in text {
            if character == "[" { depth += 1 }
            if character == "]" { depth -= 1 }
            if character == ",", depth == 0 {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
        }
        return parts
    }

    private static func name(cutFrom item: String) -> String {
        let text = trimmed(item)
        guard let colon = text.firstIndex(of: ":"), !text[..<colon].contains("[") else {
            return text
        }
        return trimmed(String(text[text.index(after: colon)...]))
    }

    private static func trimmed(_ text: String) -> String {
        var rest = Substring(text)
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}

/// The shapes of the bodies of all kinds that this code knows.
package struct BodyShapes: Sendable {
    private let places: [Kind: BodyPlace]

    package init(_ places: [Kind: BodyPlace] = [:]) {
        self.places = places.merging(BodyShapes.log) { given, _ in given }
    }

    /// The shape of a kind; nil where no module declares it.
    package subscript(kind: Kind) -> BodyPlace? { places[kind] }

    /// The shapes of module 0.
    ///
    /// Why a device is no id there: its key is derived from what it was first called, so it is
    /// called so for ever, under whatever number its enrolment is committed again.
    private static let log: [Kind: BodyPlace] = [
        LogKind.rowsTaken: .map([1: .number, 2: .number, 3: .id]),
        LogKind.clockRuled: .map([1: .number, 2: .number, 3: .number, 4: .number]),
        LogKind.changeForbidden: .map([1: .list(.list(.id))]),
        LogKind.factAdmitted: .map([1: .list(.id)]),
        LogKind.commitUnread: .map([1: .list(.id), 2: .number]),
        LogKind.commitReleased: .map([1: .id, 2: .list(.id)]),
        LogKind.logReleased: .map([1: .list(.id)]),
        LogKind.audienceWidened: .map([1: .tuple([.number, .id]), 2: .list(.id)]),
        LogKind.tailLost: .map([1: .number, 2: .number, 3: .list(.number), 4: .number]),
        LogKind.replicaEnded: .map([1: .number, 2: .number, 3: .number, 4: .number]),
        LogKind.personErased: .map([1: .id]),
        LogKind.deviceEnrolled: .map([
            1: .number, 2: .number, 3: .number, 4: .id, 5: .id, 6: .list(.number), 7: .number,
        ]),
        LogKind.deviceRevoked: .map([1: .number, 2: .number]),
        LogKind.replicaIssued: .map([1: .number, 2: .number]),
    ]
}

/// The ids of one chain beyond a fork, and the number under which they go on.
package struct IDRewrite: Hashable, Sendable {
    private let range: ClosedRange<Int64>?
    private let old: ReplicaNumber
    private let number: ReplicaNumber

    /// Ids of the chain of `after` that are greater than it, through the sequence `through`.
    package init(after: ChangeID, through: UInt32, as number: ReplicaNumber) {
        let high = Int64(after.replica.rawValue) << 32 | Int64(through)
        range = after.rawValue < high ? (after.rawValue + 1)...high : nil
        old = after.replica
        self.number = number
    }

    /// The same rule for ids up to `through` only: a body names nothing that came after it.
    package func through(_ through: UInt32) -> IDRewrite {
        guard let range else { return self }
        let before = ChangeID(replica: old, sequence: UInt32(range.lowerBound & 0xFFFF_FFFF) - 1)
        return IDRewrite(after: before, through: through, as: number)
    }

    /// The id as it reads under the new number.
    package func callAsFunction(_ id: Int64) -> Int64 {
        guard let range, range.contains(id) else { return id }
        return Int64(number.rawValue) << 32 | id & 0xFFFF_FFFF
    }

    /// True where an integer may be told from a number by its size alone.
    var ruledByValue: Bool { old.rawValue > 0 }

    /// A body as it reads under the new number.
    ///
    /// Throws: `LogFault.undeclared` for a kind of headquarters' first number that no module
    /// declares: its ids are as small as amounts, so the tail waits for newer code.
    package func body(
        _ body: [UInt8],
        of kind: Kind,
        _ shapes: BodyShapes
    ) throws(LogFault) -> [UInt8] {
        let place = shapes[kind]
        if place == nil, !ruledByValue { throw LogFault.undeclared(kind) }
        do throws(WireFault) {
            let value = try CBORValue(decoding: body)
            return try rewritten(value, place ?? .unknown, isTop: kind.isRegister).encoded()
        } catch {
            throw LogFault.envelope(nil, error)
        }
    }

    /// A value in which every integer of the range that may be an id is replaced.
    package func byValue(_ value: CBORValue) -> CBORValue { rewritten(value, .unknown) }

    private func rewritten(
        _ value: CBORValue,
        _ place: BodyPlace,
        isTop: Bool = false
    ) -> CBORValue {
        switch (value, place) {
        case (_, .number): return value
        case (.integer(let id), .id): return .integer(self(id))
        case (.integer(let id), .unknown): return .integer(ruledByValue ? self(id) : id)
        case (.array(let items), _):
            return .array(
                items.enumerated().map { index, item in rewritten(item, place.item(index)) }
            )
        case (.map(let entries), _):
            return .map(
                entries.map { entry in
                    var inner = place.value(entry.key)
                    // Key 0 of a register write is its entity.
                    if isTop, entry.key == .integer(0) { inner = .id }
                    return CBORValue.Entry(key: entry.key, value: rewritten(entry.value, inner))
                }
            )
        default: return value
        }
    }
}

extension BodyPlace {
    fileprivate func item(_ index: Int) -> BodyPlace {
        switch self {
        case .list(let place): place
        case .tuple(let places): index < places.count ? places[index] : .unknown
        case .id: .id
        default: .unknown
        }
    }

    fileprivate func value(_ key: CBORValue) -> BodyPlace {
        guard case .map(let places) = self, case .integer(let key) = key else { return .unknown }
        return places[key] ?? .unknown
    }
}
