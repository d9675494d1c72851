package import MPCTLS

/// Bytes and round trips of one party of a session, by phase.
package struct SessionMeter: Sendable {
    /// What one phase took.
    package struct Usage: Sendable, Equatable {
        /// Bytes that this party sent, frame headers included.
        package var bytesOut = 0
        /// Bytes that it received.
        package var bytesIn = 0
        /// How often it waited for an answer after it had sent something.
        package var roundTrips = 0

        /// Nothing yet.
        package init() {}
    }

    /// The phase that is running.
    package private(set) var phase = SessionPhase.setup
    /// What every phase took so far.
    package private(set) var usage: [SessionPhase: Usage] = [:]
    private var hasSent = false

    /// Starts the accounting of a phase.
    mutating func enter(_ phase: SessionPhase) {
        self.phase = phase
    }

    mutating func sent(_ byteCount: Int) {
        usage[phase, default: Usage()].bytesOut += byteCount
        hasSent = true
    }

    mutating func received(_ byteCount: Int) {
        usage[phase, default: Usage()].bytesIn += byteCount
    }

    mutating func turn() {
        if hasSent { usage[phase, default: Usage()].roundTrips += 1 }
        hasSent = false
    }

    /// The sum over some phases, or over all.
    package func total(_ phases: [SessionPhase] = SessionPhase.allCases) -> Usage {
        phases.reduce(into: Usage()) { sum, phase in
            guard let part = usage[phase] else { return }
            sum.bytesOut += part.bytesOut
            sum.bytesIn += part.bytesIn
            sum.roundTrips += part.roundTrips
        }
    }
}
