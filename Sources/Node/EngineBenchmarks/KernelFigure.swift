/// How fast one thread does something.
package struct KernelFigure: Sendable, Equatable {
    /// What is counted, with its unit: `and_gates_garbled_per_s`.
    package let name: String
    /// Operations in a second of the thread's processor time; the median of all runs.
    package let perSecond: Double

    /// A figure from the speeds of several runs, at least one.
    init(_ name: String, runs: [Double]) {
        self.name = name
        perSecond = Median.of(runs)
    }
}

/// The middle of several measurements, which one disturbed run does not move.
package enum Median {
    /// The median of at least one value; of an even number, the mean of the two in the middle.
    package static func of(_ values: [Double]) -> Double {
        precondition(!values.isEmpty, "a median of something")
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
