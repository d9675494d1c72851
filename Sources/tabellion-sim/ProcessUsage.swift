import Glibc

/// What this process used since a moment.
struct ProcessUsage {
    private let wall = ContinuousClock.now
    private let cpu = Self.cpu

    /// Seconds that passed.
    var wallSeconds: Double { Self.rounded((ContinuousClock.now - wall) / .seconds(1)) }
    /// Seconds of processor time.
    var cpuSeconds: Double { Self.rounded(Self.cpu - cpu) }

    /// The most memory that the process had, in bytes.
    static var peakByteCount: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1_024
    }

    private static var cpu: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    private static func rounded(_ seconds: Double) -> Double { (seconds * 100).rounded() / 100 }
}

/// Standard error as a stream of text.
struct StandardError: TextOutputStream {
    func write(_ string: String) {
        // Nothing can be done about a standard error that is closed.
        _ = Glibc.write(STDERR_FILENO, string, string.utf8.count)
    }
}
