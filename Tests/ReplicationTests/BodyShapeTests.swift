// Which integers of a body are ids when a tail is committed again.

import Kernel
import Replication
import Testing
import Wire

@Suite("Ids in bodies")
struct BodyShapeTests {
    static let kind = Kind(module: 2, 9)
    let seven = IDRewrite(
        after: ChangeID(replica: ReplicaNumber(7), sequence: 100),
        through: 110,
        as: ReplicaNumber(912)
    )
    let zero = IDRewrite(
        after: ChangeID(replica: ReplicaNumber(0), sequence: 100),
        through: 110,
        as: ReplicaNumber(912)
    )

    func id(_ replica: Int64, _ sequence: Int64) -> CBORValue {
        .integer(replica << 32 | sequence)
    }

    func rewritten(
        _ value: CBORValue,
        _ rewrite: IDRewrite,
        _ shapes: BodyShapes,
        kind: Kind = kind
    ) throws -> CBORValue {
        try CBORValue(decoding: rewrite.body(value.encoded(), of: kind, shapes))
    }

    @Test("an id beyond the fork moves, one at or before it stays, and so does another number's")
    func range() throws {
        let shapes = BodyShapes([Self.kind: .map([1: .list(.id)])])
        let body = CBORValue.map([
            .init(1, .array([id(7, 100), id(7, 101), id(7, 110), id(7, 111), id(8, 105)]))
        ])
        let expected = CBORValue.map([
            .init(1, .array([id(7, 100), id(912, 101), id(912, 110), id(7, 111), id(8, 105)]))
        ])
        #expect(try rewritten(body, seven, shapes) == expected)
    }

    @Test("an amount of the size of an id is left alone where its kind says that it is one")
    func amounts() throws {
        let shapes = BodyShapes([
            Self.kind: .map([
                1: BodyPlace(type: "uint", unit: "fen"), 2: BodyPlace(type: "id"),
                3: BodyPlace(type: "[+ [product: id, price: uint]]", unit: "0.0001 CNY"),
            ])
        ])
        let pair = CBORValue.array([.array([id(7, 105), id(8, 1)])])
        let body = CBORValue.map([.init(1, id(7, 105)), .init(2, id(7, 105)), .init(3, pair)])
        let moved = CBORValue.array([.array([id(912, 105), id(8, 1)])])
        let expected = CBORValue.map([
            .init(1, id(7, 105)), .init(2, id(912, 105)), .init(3, moved),
        ])
        #expect(try rewritten(body, seven, shapes) == expected)
    }

    @Test(
        "of a kind nobody declares every id of the range moves, but number 0 waits for newer code"
    )
    func undeclared() throws {
        let body = CBORValue.map([.init(5, .array([id(7, 105), .text("7")]))])
        let expected = CBORValue.map([.init(5, .array([id(912, 105), .text("7")]))])
        #expect(try rewritten(body, seven, BodyShapes()) == expected)
        #expect(throws: LogFault.self) { try rewritten(body, zero, BodyShapes()) }
    }

    @Test("number 0: only what is declared an id moves, for its ids are as small as prices")
    func headquarters() throws {
        let shapes = BodyShapes([Self.kind: .map([1: .id, 2: BodyPlace(type: "uint")])])
        let body = CBORValue.map([.init(1, id(0, 105)), .init(2, .integer(105))])
        let expected = CBORValue.map([.init(1, id(912, 105)), .init(2, .integer(105))])
        #expect(try rewritten(body, zero, shapes) == expected)
    }

    @Test("a device is called for ever what it was first called; its branch is an id like any")
    func device() throws {
        let body = CBORValue.map([
            .init(1, .integer(105)), .init(2, .text("S005")), .init(3, .integer(1)),
            .init(4, .integer(103)), .init(6, .array([.integer(106)])),
        ])
        let expected = CBORValue.map([
            .init(1, .integer(105)), .init(2, .text("S005")), .init(3, .integer(1)),
            .init(4, id(912, 103)), .init(6, .array([.integer(106)])),
        ])
        #expect(try rewritten(body, zero, BodyShapes(), kind: LogKind.deviceEnrolled) == expected)
        let issued = CBORValue.map([.init(1, .integer(104)), .init(2, .integer(105))])
        #expect(try rewritten(issued, zero, BodyShapes(), kind: LogKind.replicaIssued) == issued)
        let revoked = CBORValue.map([.init(1, .integer(105)), .init(2, .text("lost"))])
        #expect(try rewritten(revoked, zero, BodyShapes(), kind: LogKind.deviceRevoked) == revoked)
    }

    @Test("key 0 of a register write is its entity, whatever the kind says")
    func entity() throws {
        let register = Kind(module: 1, 130)
        let shapes = BodyShapes([register: .map([1: .number])])
        let body = CBORValue.map([.init(0, id(0, 105)), .init(1, .integer(105))])
        let expected = CBORValue.map([.init(0, id(912, 105)), .init(1, .integer(105))])
        #expect(try rewritten(body, zero, shapes, kind: register) == expected)
    }

    @Test("types of definitions read as places")
    func types() {
        #expect(BodyPlace(type: "id") == .id)
        #expect(BodyPlace(type: "[* id]") == .list(.id))
        #expect(BodyPlace(type: "[+ [from: id, to: id]]") == .list(.tuple([.id, .id])))
        #expect(BodyPlace(type: "uint") == .unknown)
        #expect(BodyPlace(type: "uint", unit: "fen") == .number)
        #expect(BodyPlace(type: "bstr .size 32") == .number)
    }
}
