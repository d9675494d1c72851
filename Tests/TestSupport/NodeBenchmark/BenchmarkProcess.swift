import Foundation
import Glibc

/// What a process takes of the machine, as the kernel says.
struct BenchmarkProcess {
    let pid: Int32

    /// This process.
    static var own: BenchmarkProcess { BenchmarkProcess(pid: getpid()) }

    /// Seconds of processor time of all its threads; 0 once it is gone.
    var processorSeconds: Double {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(pid, &clock) == 0, clock_gettime(clock, &time) == 0 else { return 0 }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Bytes of memory that are resident now; nil once it is gone.
    var residentByteCount: Int? {
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8) else { return nil }
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1_024 }
    }
}
