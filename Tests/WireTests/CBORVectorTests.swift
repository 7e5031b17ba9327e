// RFC 8949 appendix A, item by item: what the log's profile allows comes back byte for byte, what
// it does not allow is refused with the reason named here.

import Foundation
import Testing
import Wire

@Suite("CBOR, RFC 8949 appendix A")
struct CBORVectorTests {
    struct Item: Decodable {
        let hex: String
        let roundtrip: Bool
        let diagnostic: String?
    }

    /// What the log's profile leaves out of appendix A, and why it refuses it.
    static let refusals: [String: WireFault.Reason] = {
        let causes: [(WireFault.Reason, [String])] = [
            // Integers of the log fit Int64; these are 2^64-1 and -2^64.
            (.integerRange, ["1bffffffffffffffff", "3bffffffffffffffff"]),
            // Tags: big numbers, dates, encoded CBOR, addresses.
            (
                .forbiddenType,
                [
                    "c249010000000000000000", "c349010000000000000000",
                    "c074323031332d30332d32315432303a30343a30305a", "c11a514b67b0",
                    "c1fb41d452d9ec200000", "d74401020304", "d818456449455446",
                    "d82076687474703a2f2f7777772e6578616d706c652e636f6d",
                ]
            ),
            // Floats, of every width, NaN and the infinities among them.
            (
                .forbiddenType,
                [
                    "f90000", "f98000", "f93c00", "fb3ff199999999999a", "f93e00", "f97bff",
                    "fa47c35000", "fa7f7fffff", "fb7e37e43c8800759c", "f90001", "f90400",
                    "f9c400", "fbc010666666666666", "f97c00", "f97e00", "f9fc00", "fa7f800000",
                    "fa7fc00000", "faff800000", "fb7ff0000000000000", "fb7ff8000000000000",
                    "fbfff0000000000000",
                ]
            ),
            // Undefined, and simple values without a meaning.
            (.forbiddenType, ["f7", "f0", "f818", "f8ff"]),
            // Strings, arrays and maps of indefinite length.
            (
                .indefiniteLength,
                [
                    "5f42010243030405ff", "7f657374726561646d696e67ff", "9fff",
                    "9f018202039f0405ffff", "9f01820203820405ff", "83018202039f0405ff",
                    "83019f0203ff820405",
                    "9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff",
                    "bf61610161629f0203ffff", "826161bf61626163ff",
                    "bf6346756ef563416d7421ff",
                ]
            ),
        ]
        var result: [String: WireFault.Reason] = [:]
        for (reason, items) in causes {
            for item in items { result[item] = reason }
        }
        return result
    }()

    /// Items whose map keys are texts: a map of the log has unsigned keys only.
    static let textKeys: Set<String> = [
        "a26161016162820203", "826161a161626163",
        "a56161614161626142616361436164614461656145",
    ]

    static func items() throws -> [Item] {
        try JSONDecoder().decode([Item].self, from: Vectors.data("cbor_appendix_a.json"))
    }

    @Test(
        "Every allowed item comes back byte for byte, every other is refused for its reason",
        .enabled(if: Vectors.areThere, Vectors.notice)
    )
    func everyItem() throws {
        var (allowed, refused) = (0, 0)
        for item in try CBORVectorTests.items() {
            let encoded = try #require(bytes(hex: item.hex))
            if let reason = CBORVectorTests.refusals[item.hex] {
                expect(encoded, refusedFor: reason, .anyKeys)
                expect(encoded, refusedFor: reason, .commits)
                refused += 1
            } else {
                let value = try CBORValue(decoding: encoded, profile: .anyKeys)
                #expect(try value.encoded() == encoded, "\(item.hex)")
                #expect(item.roundtrip, "\(item.hex) is deterministic")
                if let diagnostic = item.diagnostic { #expect(value.diagnostic == diagnostic) }
                allowed += 1
            }
        }
        #expect(allowed == 35)
        #expect(refused == 47)
    }

    @Test(
        "In a commit a text key is refused for its type, and everything else is as outside",
        .enabled(if: Vectors.areThere, Vectors.notice)
    )
    func commitKeys() throws {
        for item in try CBORVectorTests.items() where CBORVectorTests.refusals[item.hex] == nil {
            let encoded = try #require(bytes(hex: item.hex))
            if CBORVectorTests.textKeys.contains(item.hex) {
                expect(encoded, refusedFor: .keyType, .commits)
            } else {
                #expect(try CBORValue(decoding: encoded).encoded() == encoded)
            }
        }
    }

    @Test(
        "Every allowed item equals what another decoder read from it",
        .enabled(if: Vectors.areThere, Vectors.notice)
    )
    func decodedValues() throws {
        let parsed = try JSONSerialization.jsonObject(with: Vectors.data("cbor_appendix_a.json"))
        var checked = 0
        for item in try #require(parsed as? [[String: Any]]) {
            guard let text = item["hex"] as? String, let expected = item["decoded"],
                CBORVectorTests.refusals[text] == nil
            else { continue }
            let encoded = try #require(bytes(hex: text))
            let json = try CBORValue(decoding: encoded, profile: .anyKeys).json
            let ours = try JSONSerialization.jsonObject(
                with: Data(json.utf8),
                options: .fragmentsAllowed
            )
            #expect(NSArray(object: ours) == NSArray(object: expected), "\(text)")
            checked += 1
        }
        #expect(checked == 32)
    }

    private func expect(
        _ encoded: [UInt8],
        refusedFor reason: WireFault.Reason,
        _ profile: CBORReader.Profile
    ) {
        let thrown = #expect(throws: WireFault.self, "\(hex(encoded))") {
            try CBORReader.validate(encoded, profile: profile)
        }
        #expect(thrown?.reason == reason, "\(hex(encoded))")
    }
}
