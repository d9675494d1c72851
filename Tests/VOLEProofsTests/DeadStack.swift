/// Runs `body` and gives the bytes that it left on the stack below its caller.
///
/// This reads memory that no live value occupies, which is what an attacker with a core dump or a stray read would do. A
/// few bytes of it are overwritten by the look itself; so look for things that are larger, or there many times.
func deadStack(after body: () -> Void) -> [UInt8] {
    var remains = [UInt8](repeating: 0, count: 1 << 14)
    remains.withUnsafeMutableBytes { buffer in
        // What earlier calls left behind is none of the body's doing.
        scrubStack(kilobytes: 24)
        withoutInlining(body)
        copyDeadStack(below: stackAddress(), to: buffer)
    }
    return remains
}

/// How many of `patterns` occur in `memory`.
func count(of patterns: [[UInt8]], in memory: [UInt8]) -> Int {
    patterns.count { pattern in
        (0...memory.count - pattern.count).contains { memory[$0..<$0 + pattern.count].elementsEqual(pattern) }
    }
}

/// Leaves `bytes`, at most a kilobyte, on the stack: what a function does that forgets to wipe.
@inline(never) func leaveOnStack(_ bytes: [UInt8]) {
    withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 16) { scratch in
        scratch.copyBytes(from: bytes)
        touch(scratch)
    }
}

/// Overwrites the stack below the caller.
@inline(never) private func scrubStack(kilobytes: Int) {
    guard kilobytes > 0 else { return }
    withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 16) { scratch in
        scratch.initializeMemory(as: UInt8.self, repeating: 0)
        touch(scratch)
        scrubStack(kilobytes: kilobytes - 1)
        touch(scratch)
    }
}

@inline(never) @_optimize(none) private func touch(_ memory: UnsafeMutableRawBufferPointer) {}

@inline(never) @_optimize(none) private func withoutInlining(_ body: () -> Void) { body() }

/// An address near the end of the caller's frame, as a number that the compiler knows nothing about.
@inline(never) @_optimize(none) private func stackAddress() -> UInt {
    var here: UInt8 = 0
    return withUnsafeMutablePointer(to: &here) { UInt(bitPattern: $0) }
}

@inline(never) private func copyDeadStack(below address: UInt, to buffer: UnsafeMutableRawBufferPointer) {
    // The buffer ends where the dead frames begin; the stack of a thread is far larger than it.
    guard let start = UnsafeRawPointer(bitPattern: address - UInt(buffer.count)) else { return }
    for index in 0..<buffer.count { buffer[index] = start.load(fromByteOffset: index, as: UInt8.self) }
}
