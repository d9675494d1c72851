/// A collection of numbers, for percentiles of all of them.
package struct Distribution: Sendable, Equatable {
    /// In ascending order.
    private let sorted: [UInt32]

    /// The distribution of these numbers.
    package init(_ values: [UInt32]) {
        sorted = values.sorted()
    }

    /// How many numbers there are.
    package var count: Int { sorted.count }

    /// The smallest number that at least `percent` of all do not exceed (nearest rank); 0 for no numbers.
    package func percentile(_ percent: Double) -> UInt32 {
        guard !sorted.isEmpty else { return 0 }
        let rank = Int((percent / 100 * Double(sorted.count)).rounded(.up))
        return sorted[Swift.min(Swift.max(rank, 1), sorted.count) - 1]
    }

    /// The greatest number; 0 for no numbers.
    package var max: UInt32 { sorted.last ?? 0 }

    /// The mean; 0 for no numbers.
    package var mean: Double {
        sorted.isEmpty ? 0 : sorted.reduce(0) { $0 + Double($1) } / Double(sorted.count)
    }
}
