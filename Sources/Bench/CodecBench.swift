// A sale in CBOR against the same sale in JSON, encoding and decoding.

import Foundation
import Kernel
import Module
import Sales
import Wire

/// A sale as a program with Codable would keep it.
private struct JSONSale: Codable {
    struct Line: Codable {
        let product: Int64
        let priceVersion: Int64
        let unitPrice: Int64
        let rate: Int64
        let category: Int64
        let unitCost: Int64
    }

    struct Payment: Codable {
        let tender: Int64
        let role: Int64
        let amount: Int64
    }

    let entity: Int64
    let branch: Int64
    let till: Int64
    let date: Int64
    let sequence: Int64
    let lifetime: Int64
    let lines: [Line]
    let payments: [Payment]

    init(_ ticket: Ticket) {
        entity = ticket.entity
        branch = ticket.branch
        till = ticket.till
        date = Int64(ticket.date.dayNumber)
        sequence = ticket.sequence
        lifetime = ticket.lifetime
        lines = ticket.lines.map { line in
            Line(
                product: line.product,
                priceVersion: line.priceVersion,
                unitPrice: line.unitPrice.rawValue,
                rate: line.rate.rawValue,
                category: line.category,
                unitCost: line.unitCost?.rawValue ?? 0
            )
        }
        payments = ticket.payments.map { payment in
            Payment(
                tender: payment.tender,
                role: payment.role.rawValue,
                amount: payment.amount.rawValue
            )
        }
    }
}

/// The measurement of the codecs.
enum CodecBench {
    /// How many times faster CBOR is, over encoding and decoding together.
    static func ratio(_ sales: [PlainSale], rounds: Int) throws -> (ratio: Double?, note: String) {
        let tickets = try sales.map { SaleClosed(try Workload.ticket($0)) }
        let plain = tickets.map { JSONSale($0.ticket) }
        let encoder = JSONEncoder()
        let decoder = JSONDecoder()
        var json: (encode: [Double], decode: [Double]) = ([], [])
        var cbor: (encode: [Double], decode: [Double]) = ([], [])
        var sizes = (json: 0, cbor: 0)
        for _ in 0..<rounds {
            var documents: [Data] = []
            json.encode.append(
                try Machine.seconds {
                    for sale in plain { documents.append(try encoder.encode(sale)) }
                }
            )
            var seen: Int64 = 0
            json.decode.append(
                try Machine.seconds {
                    for document in documents {
                        seen += try decoder.decode(JSONSale.self, from: document).sequence
                    }
                }
            )
            let own = try roundOfCBOR(tickets, &cbor)
            if own.seen != seen { throw MeasurementFault(description: "the codecs differ") }
            sizes = (documents.reduce(0) { $0 + $1.count }, own.size)
        }
        let base = zip(json.encode, json.decode).map { $0 + $1 }
        let own = zip(cbor.encode, cbor.decode).map { $0 + $1 }
        let encode = Samples.speedRatio(base: json.encode, own: cbor.encode) ?? 0
        let decode = Samples.speedRatio(base: json.decode, own: cbor.decode) ?? 0
        let parts = [
            "encode \(NumberText.of(encode, places: 1))",
            "decode \(NumberText.of(decode, places: 1))",
            "\(sizes.cbor / tickets.count) and \(sizes.json / tickets.count) bytes",
        ]
        return (Samples.speedRatio(base: base, own: own), parts.joined(separator: ", "))
    }

    /// Repeats so that a round is long enough for the clock; times are for one pass.
    private static func roundOfCBOR(
        _ tickets: [SaleClosed],
        _ times: inout (encode: [Double], decode: [Double])
    ) throws -> (seen: Int64, size: Int) {
        let passes = 10
        var bodies: [[UInt8]] = []
        var size = 0
        var writer = CBORWriter(capacity: 512)
        let encode = Machine.seconds {
            for _ in 0..<passes {
                size = 0
                for sale in tickets {
                    writer.removeAll()
                    sale.encode(to: &writer)
                    size += writer.withUnsafeBytes { $0.count }
                }
            }
        }
        for sale in tickets { bodies.append(sale.encoded()) }
        var seen: Int64 = 0
        let decode = try Machine.seconds {
            for _ in 0..<passes {
                seen = 0
                for body in bodies {
                    seen += try body.withUnsafeBytes {
                        try SaleClosed(decoding: $0).ticket.sequence
                    }
                }
            }
        }
        times.encode.append(encode / Double(passes))
        times.decode.append(decode / Double(passes))
        return (seen, size)
    }
}
