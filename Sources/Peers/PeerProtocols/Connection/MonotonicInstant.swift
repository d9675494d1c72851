/// A moment on a clock that never goes back, which the driver of a machine reads; only differences mean anything.
package struct MonotonicInstant: Hashable, Comparable, Sendable {
    /// Nanoseconds since the clock's arbitrary beginning.
    package let nanoseconds: UInt64

    /// The moment with this reading.
    package init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// The moment `duration` later; saturates.
    package func advanced(by duration: Duration) -> MonotonicInstant {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return self }
        let whole = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let sum = nanoseconds.addingReportingOverflow(whole.partialValue)
        guard !whole.overflow, !sum.overflow else { return MonotonicInstant(nanoseconds: .max) }
        let total = sum.partialValue.addingReportingOverflow(UInt64(attoseconds / 1_000_000_000))
        return MonotonicInstant(nanoseconds: total.overflow ? .max : total.partialValue)
    }

    /// Nanoseconds from `earlier` to here, 0 if it is later.
    package func nanoseconds(since earlier: MonotonicInstant) -> UInt64 {
        nanoseconds > earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0
    }

    /// Earlier moments are smaller.
    package static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}
