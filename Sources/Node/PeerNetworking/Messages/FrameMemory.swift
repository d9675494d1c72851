internal import NIOConcurrencyHelpers

/// Bounds what messages that have not arrived in full may hold, of all peers together.
///
/// A long message takes its whole place before it is read, so that what has begun can also end: whoever finds no room
/// waits and costs nothing, and whoever has room must be done within the protocol's time.
final class FrameMemory: Sendable {
    private let byteCountMax: Int
    private let byteCount = NIOLockedValueBox(0)

    /// Messages up to this length need no place of their own.
    static let smallByteCount = 64 << 10

    /// Room for long messages of `byteCountMax` bytes, and as much again for what arrives without asking.
    init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
    }

    /// Changes what one stream holds from `old` to `new` bytes; false, and unchanged, if there is no room.
    ///
    /// - Parameter isAnnounced: Whether the bytes have not arrived yet, so that the stream can wait.
    func change(from old: Int, to new: Int, isAnnounced: Bool) -> Bool {
        byteCount.withLockedValue { total in
            let limit = isAnnounced ? byteCountMax : 2 * byteCountMax
            guard new <= old || total + new - old <= limit else { return false }
            total += new - old
            return true
        }
    }

    /// What is held at the moment.
    var heldByteCount: Int { byteCount.withLockedValue { $0 } }
}
