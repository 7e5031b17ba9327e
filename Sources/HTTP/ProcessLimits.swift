// What a process that serves sockets asks of the system, once. It must not change anything that
// a command without sockets would notice.

internal import CLinux

/// The process-wide settings of sockets.
enum ProcessLimits {
    /// How many files are asked for where the system allows it.
    private static let openFilesWanted: rlim_t = 65_536

    /// Ignores SIGPIPE, and raises the number of open files as far as wanted and allowed.
    static func prepare() {
        tributary_ignore_sigpipe()
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        let wanted = min(limit.rlim_max, openFilesWanted)
        guard limit.rlim_cur < wanted else { return }
        limit.rlim_cur = wanted
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// Milliseconds of a clock that only goes forward.
    static func monotonicMs() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
