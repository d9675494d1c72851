internal import EngineBenchmarks
internal import MPCTLS

/// What one session took, as its prover saw it; travels from the prover's process to the one that measures.
struct ProverSample: Codable {
    /// One phase of a session.
    struct Phase: Codable {
        let name: String
        let proverBytesOut: Int
        let notaryBytesOut: Int
        let roundTrips: Int
        let seconds: Double
    }

    let sent: Int
    let received: Int
    let disclosedParts: Int
    let committedParts: Int
    let andGatesGarbled: Int
    let phases: [Phase]
    let wallSeconds: Double
    let processorSeconds: Double
    let peakByteCount: Int
}

/// What one session took of both parties.
struct SessionSample {
    let prover: ProverSample
    let notaryProcessorSeconds: Double
    let notaryPeakByteCount: Int

    /// Bytes and round trips of some phases.
    func sum(_ key: KeyPath<ProverSample.Phase, Int>, _ phases: [SessionPhase] = SessionPhase.allCases) -> Int {
        prover.phases.filter { phase in phases.contains { $0.rawValue == phase.name } }.reduce(0) {
            $0 + $1[keyPath: key]
        }
    }
}
