// The command line: argument in, exit code out.

@main
struct Tributary {
    static func main() {
        run()
    }

    nonisolated static func run() {}
}
