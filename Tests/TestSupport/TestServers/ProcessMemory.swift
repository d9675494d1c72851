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

    /// Has threads of this process share one arena from now on, as `tabellion` does for all of its life.
    ///
    /// Each of several arenas keeps what it once had, so that memory grows with every thread that has a large session.
    package static func useOneArena() {
        guard let symbol = dlsym(nil, "mallopt") else { return }
        typealias Option = @convention(c) (_ parameter: Int32, _ value: Int32) -> Int32
        let arenaCountMax: Int32 = -8
        _ = unsafeBitCast(symbol, to: Option.self)(arenaCountMax, 1)
    }

    /// Bytes that this process has once its allocator has given back what is free; 0 where Linux does not say.
    package static func trimmedByteCount() -> Int {
        // The C library has it, Swift's module of the C library does not.
        if let symbol = dlsym(nil, "malloc_trim") {
            typealias Trim = @convention(c) (_ padding: Int) -> Int32
            _ = unsafeBitCast(symbol, to: Trim.self)(0)
        }
        return own?.residentByteCount ?? 0
    }

    /// Bytes that this process's allocator has given out and not got back; 0 where the C library does not say.
    ///
    /// However scattered the heap is, this is the same again when everything was freed.
    package static func usedByteCount() -> Int {
        guard let symbol = dlsym(nil, "malloc_info") else { return 0 }
        typealias Info = @convention(c) (_ options: Int32, _ file: UnsafeMutablePointer<FILE>) -> Int32
        var text: UnsafeMutablePointer<CChar>?
        var size = 0
        guard let file = open_memstream(&text, &size) else { return 0 }
        _ = unsafeBitCast(symbol, to: Info.self)(0, file)
        fclose(file)
        defer { free(text) }
        // The totals of all arenas come last: free blocks, mapped blocks, and all that the system gave.
        let end = text.map { String(cString: $0) }?.components(separatedBy: "</heap>").last ?? ""
        func byteCount(_ element: String) -> Int {
            let line = end.split(separator: "\n").first { $0.hasPrefix("<" + element) }
            return line?.components(separatedBy: "size=\"").last.flatMap { Int($0.prefix { $0.isNumber }) } ?? 0
        }
        return byteCount("system type=\"current\"") + byteCount("total type=\"mmap\"")
            - byteCount("total type=\"fast\"") - byteCount("total type=\"rest\"")
    }

    /// What one round of the same work leaves behind, in bytes: the least of up to four rounds after a first one, which
    /// end with one that leaves no more than `limit`.
    ///
    /// Rounds that overlapped a little may leave the heap more scattered than it was, once; a leak comes with each.
    ///
    /// - Parameter round: Does the work, and gives the memory afterwards.
    package static func growth(upTo limit: Int, _ round: () async throws -> Int) async rethrows -> Int {
        var before = try await round()
        var least = Int.max
        for _ in 0..<4 where least > limit {
            let after = try await round()
            least = min(least, after - before)
            before = after
        }
        return least
    }

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
