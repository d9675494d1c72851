package import PeerProtocols

/// One moment on both clocks of a node: one that never goes back, for intervals, and the calendar's, for records.
package struct NodeInstant: Hashable, Sendable {
    /// For timers, limits and scores.
    package let monotonic: MonotonicInstant
    /// Milliseconds since 1970, which may jump: for the freshness of records and the end of their windows.
    package let unixMilliseconds: UInt64

    /// The moment with these readings.
    package init(monotonic: MonotonicInstant, unixMilliseconds: UInt64) {
        self.monotonic = monotonic
        self.unixMilliseconds = unixMilliseconds
    }

    /// The moment `duration` later on both clocks; saturates.
    package func advanced(by duration: Duration) -> NodeInstant {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return self }
        let whole = UInt64(seconds).multipliedReportingOverflow(by: 1_000)
        let milliseconds = whole.partialValue.addingReportingOverflow(UInt64(attoseconds / 1_000_000_000_000_000))
        let sum = unixMilliseconds.addingReportingOverflow(milliseconds.partialValue)
        return NodeInstant(
            monotonic: monotonic.advanced(by: duration),
            unixMilliseconds: whole.overflow || milliseconds.overflow || sum.overflow ? .max : sum.partialValue
        )
    }
}
