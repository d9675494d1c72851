internal import Foundation
internal import Glibc

/// What a process of this user takes of the machine, read from the kernel.
struct ProcessUsage {
    private let pid: pid_t

    /// The process `pid`.
    init(pid: pid_t) {
        self.pid = pid
    }

    /// This process.
    static var own: ProcessUsage { ProcessUsage(pid: getpid()) }

    /// Seconds of processor time of all threads that the process has or had, in user and kernel mode.
    var processorSeconds: Double {
        get throws {
            var clock = clockid_t()
            var time = timespec()
            guard clock_getcpuclockid(pid, &clock) == 0, clock_gettime(clock, &time) == 0 else { throw gone }
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
    }

    /// Bytes of memory that are resident now.
    var residentByteCount: Int { get throws { try status("VmRSS:") } }

    /// The most bytes that were resident since ``resetPeak()``.
    var peakByteCount: Int { get throws { try status("VmHWM:") } }

    /// Forgets the peak so far (`clear_refs`, proc(5)).
    func resetPeak() throws {
        do {
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: "/proc/\(pid)/clear_refs"))
            try file.write(contentsOf: Data("5".utf8))
            try file.close()
        } catch {
            throw CommandFailure(.failure, "the peak of process \(pid) cannot be reset: \(error)")
        }
    }

    private func status(_ key: String) throws -> Int {
        let text = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        guard let line = text?.split(separator: "\n").first(where: { $0.hasPrefix(key) }),
            let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) })
        else { throw gone }
        return kilobytes << 10
    }

    private var gone: CommandFailure { CommandFailure(.failure, "process \(pid) cannot be observed") }
}
