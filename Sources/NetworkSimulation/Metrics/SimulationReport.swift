/// What a run showed.
package struct SimulationReport: Sendable {
    /// Traffic of one kind, for one honest node on average.
    package struct Traffic: Sendable, Equatable {
        /// A topic, or what else the bytes were for.
        package let name: String
        /// Bytes of messages in full.
        package let messageByteCount: Double
        /// Bytes of everything else.
        package let controlByteCount: Double
    }

    /// What was simulated.
    package let options: SimulationOptions
    /// The hash of all that happened.
    package let trace: TraceHash
    /// What must not happen and did; a good run has none.
    package let violations: [Violation]
    /// Seconds of virtual time from the beginning to the first violation.
    package let firstViolationSeconds: Double?
    /// Seconds of virtual time.
    package let virtualSeconds: Double
    /// Events that were taken.
    package let stepCount: Int
    /// Checks after steps.
    package let checkCount: Int

    /// Records that were published.
    package let recordCount: Int
    /// Records that were lost with their author before anyone had them, and before anyone was told.
    package let lostRecordCount: Int
    /// Records times honest nodes other than their authors.
    package let pairCount: Int
    /// Pairs in which the node has the record at the end.
    package let deliveredCount: Int
    /// Pairs in which it had it within ``SimulationOptions/promptBound``.
    package let promptCount: Int
    /// Pairs in which the node got it by asking for what it missed.
    package let caughtUpCount: Int
    /// Microseconds from publication to acceptance, of delivered pairs.
    package let delays: Distribution
    /// Links from the author, of delivered pairs.
    package let hops: Distribution
    /// Copies that a node got of a record beyond the first, on average.
    package let duplicatesPerMessage: Double
    /// Bytes that an honest node sent, by what they were for.
    package let traffic: [Traffic]
    /// Bytes that an honest node sent in all.
    package let byteCountPerNode: Double
    /// Further figures, by name.
    package let figures: [(name: String, value: Double)]

    /// The share of pairs that were delivered.
    package var deliveryRate: Double { pairCount == 0 ? 1 : Double(deliveredCount) / Double(pairCount) }
    /// The share of pairs that were delivered promptly.
    package var promptRate: Double { pairCount == 0 ? 1 : Double(promptCount) / Double(pairCount) }
    /// Whether nothing happened that must not.
    package var isGood: Bool { violations.isEmpty }

    /// A figure by its name.
    package func figure(_ name: String) -> Double? { figures.first { $0.name == name }?.value }
}
