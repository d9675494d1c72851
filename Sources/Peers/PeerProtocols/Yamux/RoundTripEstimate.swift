/// The round trip of a link: the least of the last samples, because queues only ever add to it.
struct RoundTripEstimate {
    private var samples: [UInt64] = []
    private static let sampleCountMax = 8

    /// The estimate in nanoseconds, at least one, or nil before the first sample.
    var nanoseconds: UInt64? { samples.min() }

    /// The number of samples that the estimate rests on.
    var sampleCount: Int { samples.count }

    /// Adds a measurement.
    mutating func add(_ nanoseconds: UInt64) {
        if samples.count == Self.sampleCountMax { samples.removeFirst() }
        samples.append(max(nanoseconds, 1))
    }
}
