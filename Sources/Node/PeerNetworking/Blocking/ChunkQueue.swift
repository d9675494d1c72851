/// A queue of byte strings that hands them on whole, without copying, where the taker has room for them.
struct ChunkQueue {
    private var chunks: [[UInt8]] = []
    private var head = 0
    private var headOffset = 0
    /// The bytes in the queue.
    private(set) var byteCount = 0

    /// Whether nothing is in the queue.
    var isEmpty: Bool { byteCount == 0 }

    /// Adds bytes at the back.
    mutating func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        // Many small writes become few large ones.
        if head < chunks.count, chunks[chunks.count - 1].count + bytes.count <= 4096 {
            chunks[chunks.count - 1].append(contentsOf: bytes)
        } else {
            chunks.append(bytes)
        }
        byteCount += bytes.count
    }

    /// Takes between 1 and `max` bytes from the front; none when the queue is empty.
    mutating func take(max: Int) -> [UInt8] {
        guard head < chunks.count, max > 0 else { return [] }
        let left = chunks[head].count - headOffset
        if left <= max {
            let chunk = chunks[head]
            let bytes = headOffset == 0 ? chunk : Array(chunk[headOffset...])
            chunks[head] = []
            head += 1
            headOffset = 0
            compact()
            byteCount -= bytes.count
            return bytes
        }
        let bytes = Array(chunks[head][headOffset..<headOffset + max])
        headOffset += max
        byteCount -= max
        return bytes
    }

    private mutating func compact() {
        if head == chunks.count {
            chunks.removeAll(keepingCapacity: chunks.capacity <= 256)
            head = 0
        } else if head >= 64, head >= chunks.count / 2 {
            chunks.removeFirst(head)
            head = 0
        }
    }
}
