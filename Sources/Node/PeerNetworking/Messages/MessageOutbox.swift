internal import PeerProtocols

/// The messages that wait to be sent on one stream, and whether the peer reads them.
struct MessageOutbox {
    private let byteCountMax: Int
    private let timeout: Duration
    private var chunks = ChunkQueue()
    private var wasFull = false
    private var sentByteCount: UInt64 = 0
    private var addedByteCount: UInt64 = 0
    /// What was added until here must have left by the deadline.
    private var watched: (byteCount: UInt64, deadline: MonotonicInstant)?

    /// An empty outbox for `byteCountMax` bytes, each of which leaves within twice `timeout`.
    init(byteCountMax: Int, timeout: Duration) {
        self.byteCountMax = byteCountMax
        self.timeout = timeout
    }

    /// The bytes that wait.
    var byteCount: Int { chunks.byteCount }

    /// When the oldest bytes must have left.
    var deadline: MonotonicInstant? { watched?.deadline }

    /// Adds a message with its length in front; false if there is no room.
    mutating func append(_ message: [UInt8], now: MonotonicInstant) -> Bool {
        guard chunks.isEmpty || chunks.byteCount + message.count <= byteCountMax else {
            wasFull = true
            return false
        }
        let prefix = UnsignedVarint.encode(UInt64(message.count))
        chunks.append(prefix)
        chunks.append(message)
        addedByteCount += UInt64(prefix.count + message.count)
        if watched == nil { watch(now) }
        return true
    }

    /// Takes up to `max` bytes; `hasRoom` if an append was refused before and would not be now.
    mutating func take(max: Int, now: MonotonicInstant) -> (bytes: [UInt8], hasRoom: Bool) {
        let bytes = chunks.take(max: max)
        sentByteCount += UInt64(bytes.count)
        if let watched, sentByteCount >= watched.byteCount {
            self.watched = nil
            if !chunks.isEmpty { watch(now) }
        }
        guard wasFull, chunks.byteCount <= byteCountMax / 2 else { return (bytes, false) }
        wasFull = false
        return (bytes, true)
    }

    /// Forgets everything.
    mutating func clear() {
        chunks = ChunkQueue()
        watched = nil
        wasFull = false
    }

    private mutating func watch(_ now: MonotonicInstant) {
        watched = (addedByteCount, now.advanced(by: timeout))
    }
}
