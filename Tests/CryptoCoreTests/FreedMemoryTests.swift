import CKernels
import Foundation
import Testing

/// What a process leaves behind in memory that it gave back.
@Suite struct FreedMemoryTests {
    @Test func thisProcessWipesWhatItFrees() {
        #expect(tab_wipes_freed_memory())
    }

    /// Arrays of many sizes, dropped, grown and copied: none of their bytes can be found where they were.
    @Test(arguments: [24, 100, 1000, 1 << 13, 1 << 17, 1 << 22])
    func anArrayLeavesNothing(byteCount: Int) throws {
        let marker = (0..<16).map { _ in UInt8.random(in: 1...255) }
        var addresses: [UInt] = []
        func record(_ array: [UInt8]) { array.withUnsafeBytes { addresses.append(UInt(bitPattern: $0.baseAddress)) } }
        do {
            var array = (0..<byteCount).map { marker[$0 % 16] }
            record(array)
            // A shared array copies itself when it is written to, a full one when it grows.
            let copy = array
            array[0] ^= 1
            record(array)
            record(copy)
            array.reserveCapacity(2 * byteCount + 64)
            record(array)
        }
        for address in addresses {
            let found = try Self.memory(at: address, count: byteCount)
            #expect(!Self.contains(found, marker[8...]), "\(byteCount) bytes at \(address)")
        }
    }

    @Test func growingAndShrinkingABlockLeavesNothing() throws {
        let size = 3000
        var block = try #require(malloc(size))
        memset(block, 0xa5, size)
        let first = UInt(bitPattern: block)
        block = try #require(realloc(block, 500))
        #expect(UInt(bitPattern: block) == first)
        #expect(!Self.contains(try Self.memory(at: first + 512, count: size - 512), [0xa5, 0xa5, 0xa5]))
        #expect(Self.contains(try Self.memory(at: first, count: 500), Array(repeating: 0xa5, count: 500)[...]))
        block = try #require(realloc(block, 200_000))
        #expect(
            Self.contains(
                Array(UnsafeRawBufferPointer(start: block, count: 500)),
                Array(repeating: 0xa5, count: 500)[...]
            )
        )
        if UInt(bitPattern: block) != first {
            #expect(!Self.contains(try Self.memory(at: first, count: 500), [0xa5, 0xa5, 0xa5]))
        }
        free(block)
    }

    /// Reads this process' memory as the kernel sees it; what is no longer mapped is empty.
    private static func memory(at address: UInt, count: Int) throws -> [UInt8] {
        let file = open("/proc/self/mem", O_RDONLY)
        try #require(file >= 0)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: count)
        let length = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, count, off_t(address)) }
        return Array(bytes.prefix(max(0, length)))
    }

    private static func contains(_ bytes: [UInt8], _ pattern: ArraySlice<UInt8>) -> Bool {
        guard bytes.count >= pattern.count else { return false }
        return (0...bytes.count - pattern.count).contains { bytes[$0..<$0 + pattern.count].elementsEqual(pattern) }
    }
}
