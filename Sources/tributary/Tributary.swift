// The command line: words in, exit code out. What a command does lies in the rooms below.

import Kernel
import Node

@main
struct Tributary {
    static func main() {
        run()
    }

    nonisolated static func run() {
        let words = Array(CommandLine.arguments.dropFirst())
        let code = Dispatcher().run(words)
        Process.exit(code)
    }
}
