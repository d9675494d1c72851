/// Both directions of one stream.
struct YamuxStreamState {
    /// Bytes that may still be sent.
    var sendWindow = YamuxConfiguration.initialWindowByteCount
    /// Whether this side said that it sends no more.
    var sendClosed = false
    /// Whether the peer said so.
    var receiveClosed = false
    /// Whether the next frame of this side must carry SYN or ACK.
    var pendingFlags: YamuxHeader.Flags
    /// What the peer may send, and has not been read, and how both grow.
    var receiveWindow = YamuxReceiveWindow()
}

/// The flow control of what a stream receives, with a size that follows the link.
///
/// A window of W bytes lets through at most W bytes a round trip. Once a round trip the window is compared with what
/// was read during it: if that was half of the window or more, the window is what limits the stream, and it grows
/// fourfold; otherwise it becomes twice of what was read, if that is more. So a link of 100 ms reaches its speed
/// after a few round trips, and a slow link or reader holds little memory.
struct YamuxReceiveWindow {
    /// The size that the window is kept at.
    private(set) var byteCount = YamuxConfiguration.initialWindowByteCount
    /// Bytes that the peer may still send.
    private(set) var credit = YamuxConfiguration.initialWindowByteCount
    /// Bytes that arrived and were not read yet.
    private(set) var unreadByteCount = 0
    private var epochStart: MonotonicInstant?
    private var epochByteCount = 0

    /// Accounts for data that arrived; false if it exceeds the window.
    mutating func receive(_ count: Int) -> Bool {
        guard count <= credit else { return false }
        credit -= count
        unreadByteCount += count
        return true
    }

    /// Accounts for `count` unread bytes that were read, and gives the increment to announce, if one is due.
    ///
    /// - Parameters:
    ///   - roundTrip: The link's round trip in nanoseconds, if it was measured.
    ///   - sizeMax: The largest size that this window may take now.
    mutating func consume(_ count: Int, now: MonotonicInstant, roundTrip: UInt64?, sizeMax: Int) -> UInt32? {
        precondition(count <= unreadByteCount, "only bytes that arrived can be read")
        unreadByteCount -= count
        epochByteCount += count
        grow(now: now, roundTrip: roundTrip, sizeMax: sizeMax)
        let increment = byteCount - credit - unreadByteCount
        // With larger steps a sender that waits for the window would get little more than a step a round trip.
        guard increment >= byteCount / 4 else { return nil }
        credit += increment
        return UInt32(increment)
    }

    private mutating func grow(now: MonotonicInstant, roundTrip: UInt64?, sizeMax: Int) {
        guard let roundTrip else { return }
        guard let start = epochStart else {
            epochStart = now
            epochByteCount = 0
            return
        }
        let elapsed = max(now.nanoseconds(since: start), 1)
        guard elapsed >= roundTrip else { return }
        let read = UInt64(epochByteCount).multipliedFullWidth(by: roundTrip)
        // The quotient fits: roundTrip is at most elapsed.
        let perRoundTrip = Int(elapsed.dividingFullWidth(read).quotient)
        epochStart = now
        epochByteCount = 0
        let limited = perRoundTrip >= byteCount / 2
        let target = limited ? 4 * byteCount : 2 * perRoundTrip
        byteCount = max(byteCount, min(target, sizeMax))
    }
}
