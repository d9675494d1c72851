/// How a notary session ended, for metrics.
package struct SessionSummary: Sendable, Equatable {
    /// What became of it.
    package enum Outcome: String, Sendable, CaseIterable {
        /// An attestation was signed.
        case attested
        /// It was refused for lack of room, or because too many of the peer's failed.
        case refused
        /// It ended otherwise.
        case failed
    }

    /// What became of it.
    package let outcome: Outcome
    /// How long it took.
    package let seconds: Double
    /// Bytes of frames received.
    package let bytesIn: Int
    /// Bytes of frames sent.
    package let bytesOut: Int
}
