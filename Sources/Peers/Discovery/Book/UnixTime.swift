package import PeerProtocols

/// A moment that means the same after a restart: milliseconds since 1970.
package struct UnixTime: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    package let milliseconds: UInt64

    /// The moment with this reading.
    package init(milliseconds: UInt64) {
        self.milliseconds = milliseconds
    }

    /// The moment `duration` later; saturates.
    package func advanced(by duration: Duration) -> UnixTime {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return self }
        let whole = UInt64(seconds).multipliedReportingOverflow(by: 1_000)
        let sum = milliseconds.addingReportingOverflow(whole.partialValue)
        guard !whole.overflow, !sum.overflow else { return UnixTime(milliseconds: .max) }
        let total = sum.partialValue.addingReportingOverflow(UInt64(attoseconds / 1_000_000_000_000_000))
        return UnixTime(milliseconds: total.overflow ? .max : total.partialValue)
    }

    /// Earlier moments are smaller.
    package static func < (left: UnixTime, right: UnixTime) -> Bool { left.milliseconds < right.milliseconds }
}

/// Turns monotonic instants into moments in calendar time, by one reading of both clocks.
///
/// What the system's clock does afterwards does not matter, so neither do steps of it.
package struct UnixClock: Sendable {
    private let start: MonotonicInstant
    private let startTime: UnixTime

    /// The clock that read `time` at `now`.
    package init(now: MonotonicInstant, time: UnixTime) {
        start = now
        startTime = time
    }

    /// The moment at `now`; before the reading, the reading.
    package func time(at now: MonotonicInstant) -> UnixTime {
        startTime.advanced(by: .nanoseconds(Int64(clamping: now.nanoseconds(since: start))))
    }
}
