// What a register write may hold: each value of the type that its kind's definition names.
// Must not look at other writes; what several writes are together is nobody's fault.

package import Replication
import Wire

/// The types of the registers of a module's kinds.
package struct RegisterShape: Sendable {
    private enum Shape: Sendable {
        case integer(ClosedRange<Int64>)
        case text
        case bool
        case list
    }

    private let kinds: [Kind: [Int64: Shape]]

    /// The shapes of those definitions that are registers.
    package init(_ definitions: [KindDefinition]) {
        var kinds: [Kind: [Int64: Shape]] = [:]
        for definition in definitions where definition.kind.isRegister {
            var shapes: [Int64: Shape] = [:]
            for field in definition.fields where field.key > 0 {
                shapes[field.key] = RegisterShape.shape(of: field.type)
            }
            kinds[definition.kind] = shapes
        }
        self.kinds = kinds
    }

    private static func shape(of type: String) -> Shape {
        switch type {
        case "id": .integer(0...(1 << 53) - 1)
        case "uint": .integer(0...Int64.max)
        case "int": .integer(Int64.min...Int64.max)
        case "tstr": .text
        case "bool": .bool
        default: .list
        }
    }

    /// Refuses a kind that is not a register here, and a value of another type than declared.
    ///
    /// A cleared register is null whatever its type; unknown keys are left to newer code.
    package func check(_ write: ChangeInHand) throws(ProjectionFault) {
        guard let shapes = kinds[write.kind] else { throw .unknownKind(write.kind) }
        do throws(WireFault) {
            var reader = CBORReader(write.body)
            let count = try reader.map()
            var previous: Int64?
            for _ in 0..<count {
                let key = try reader.nextKey(after: previous)
                previous = key
                let value = try CBORValue(from: &reader)
                guard let shape = shapes[key], value != .null else { continue }
                guard RegisterShape.fits(value, shape) else { throw reader.fault(.invalidValue) }
            }
            try reader.finish()
        } catch {
            throw .malformed(error)
        }
    }

    private static func fits(_ value: CBORValue, _ shape: Shape) -> Bool {
        switch (value, shape) {
        case (.integer(let number), .integer(let range)): range.contains(number)
        case (.text, .text), (.bool, .bool), (.array, .list): true
        default: false
        }
    }
}
