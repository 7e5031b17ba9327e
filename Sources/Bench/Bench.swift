// The room of Bench.
