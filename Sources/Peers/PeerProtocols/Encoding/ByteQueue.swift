/// Bytes that arrived and were not yet understood: appended at the back, taken from the front.
///
/// The machines of this target read from one and leave behind what belongs to whatever follows them. Taking is
/// amortised constant time per byte; the caller bounds what it appends.
package struct ByteQueue: Sendable {
    private var storage: [UInt8] = []
    private var head = 0

    /// An empty queue.
    package init() {}

    /// The number of bytes waiting.
    package var count: Int { storage.count - head }

    /// Whether nothing waits.
    package var isEmpty: Bool { head == storage.count }

    /// The bytes waiting, without taking them.
    package var bytes: ArraySlice<UInt8> { storage[head...] }

    /// Adds bytes at the back.
    package mutating func append(_ bytes: some Sequence<UInt8>) {
        compact()
        storage.append(contentsOf: bytes)
    }

    /// Adds bytes at the back.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        compact()
        storage.append(contentsOf: bytes)
    }

    /// Drops `count` bytes from the front; `count` is at most ``count``, which the callers in this target check.
    package mutating func removeFirst(_ count: Int) {
        precondition(count >= 0 && count <= self.count, "a machine took more bytes than had arrived")
        head += count
        if head == storage.count {
            storage.removeAll(keepingCapacity: storage.capacity <= 1 << 18)
            head = 0
        }
    }

    /// Takes `count` bytes from the front, or nil when fewer wait.
    package mutating func take(_ count: Int) -> [UInt8]? {
        guard count >= 0, self.count >= count else { return nil }
        let taken = Array(storage[head..<head + count])
        removeFirst(count)
        return taken
    }

    /// Takes everything.
    package mutating func takeAll() -> [UInt8] {
        let taken = head == 0 ? storage : Array(storage[head...])
        storage = []
        head = 0
        return taken
    }

    /// Lends the waiting bytes as contiguous memory.
    package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try storage.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[head...])) }
    }

    private mutating func compact() {
        guard head > 0, head >= storage.count / 2 else { return }
        storage.removeFirst(head)
        head = 0
    }
}
