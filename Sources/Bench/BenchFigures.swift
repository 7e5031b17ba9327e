// The figures with their musts and aims.

/// All figures of the bench.
enum BenchFigures {
    static let all: [Figure] = [
        Figure(
            "receive",
            "receive: inflate, check, append, fsync, acknowledge / Raw",
            unit: "times",
            must: 0.8,
            aim: 2,
            .moreIsBetter
        ),
        Figure(
            "merge",
            "receive and project everything / Raw",
            unit: "times",
            must: 0.5,
            aim: 1,
            .moreIsBetter
        ),
        Figure(
            "rebuild",
            "rebuild of all views / Raw",
            unit: "times",
            must: 0.8,
            aim: 2,
            .moreIsBetter
        ),
        Figure(
            "local-sale",
            "a local sale, all rules, durable / a bare commit of six rows",
            unit: "times",
            must: 0.5,
            aim: 0.9,
            .moreIsBetter
        ),
        Figure(
            "codec",
            "CBOR of a sale, encode and decode / JSONEncoder and JSONDecoder",
            unit: "times",
            must: 25,
            aim: 40,
            .moreIsBetter
        ),
        Figure(
            "wire",
            "a sale on the wire, batch of 1,000",
            unit: "bytes",
            must: 90,
            aim: 30,
            .lessIsBetter
        ),
        Figure(
            "disk",
            "a sale on headquarters' disk, log and views",
            unit: "bytes",
            must: 450,
            aim: 200,
            .lessIsBetter
        ),
        Figure(
            "query",
            "sales by branch and day, 90 days, 50 branches, 1 M sales",
            unit: "ms",
            must: 20,
            aim: 5,
            .lessIsBetter
        ),
        Figure(
            "idle-memory",
            "memory of an idle branch node with 1 M changes",
            unit: "MB",
            must: 50,
            aim: 25,
            .lessIsBetter
        ),
        Figure(
            "start",
            "start to serving with 1 M changes",
            unit: "ms",
            must: 500,
            aim: 100,
            .lessIsBetter
        ),
    ]
}
