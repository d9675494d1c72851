import Foundation

/// The physical memory of a process, as Linux tells it.
package struct ProcessMemory: Sendable {
    /// Bytes that it has.
    package let residentByteCount: Int
    /// The most bytes that it ever had.
    package let peakByteCount: Int

    /// The memory of a process; nil if there is none of this number any more.
    package init?(_ processIdentifier: Int32) {
        self.init(status: "/proc/\(processIdentifier)/status")
    }

    /// The memory of this process.
    package static var own: ProcessMemory? { ProcessMemory(status: "/proc/self/status") }

    private init?(status path: String) {
        guard let status = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        func byteCount(_ name: String) -> Int? {
            status.split(separator: "\n").first { $0.hasPrefix(name + ":") }?
                .split(separator: " ").compactMap { Int($0) }.first.map { $0 << 10 }
        }
        guard let resident = byteCount("VmRSS"), let peak = byteCount("VmHWM") else { return nil }
        residentByteCount = resident
        peakByteCount = peak
    }
}
