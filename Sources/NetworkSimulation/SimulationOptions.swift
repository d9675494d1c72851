/// What is simulated: equal options give equal runs.
package struct SimulationOptions: Sendable {
    /// Participants, adversaries included.
    package var nodeCount = 100
    /// What all random choices come from.
    package var seed: UInt64 = 1
    /// What goes wrong.
    package var fault = SimulatedFault.none
    /// The share of connections, nodes or attackers that the fault concerns; nil: the fault's own.
    package var faultShare: Double?
    /// How long the fault lasts; nil: half of the publishing, and for a partition at least 60 s.
    package var faultDuration: Duration?
    /// Attestations that are made in a second, somewhere in the network.
    package var messagesPerSecond = 1.0
    /// How long attestations are made.
    package var publishing = Duration.seconds(60)
    /// The length of a record aimed at; attestations have 600 to 1,010 bytes without their texts.
    package var recordByteCount = 700
    /// Whether nodes announce what they do not want any more (GossipSub v1.2).
    package var announcesUnwanted = true
    /// Peers that each node knows when it first starts.
    package var knownPeerCount = 10
    /// Whether discovery works on the scale of a node in the internet; else on a smaller one that saves memory.
    package var usesFullDiscovery = false
    /// The links.
    package var links = LinkParameters()
    /// How long a disk takes for a synced write: between half of it and one and a half.
    package var syncTime = Duration.milliseconds(4)
    /// The time within which nodes start.
    package var startSpread = Duration.seconds(5)
    /// From the first start to the first attestation.
    package var warmUp = Duration.seconds(15)
    /// The time from an attestation to its arrival that is called prompt; where nothing is wrong, all arrive in it.
    package var promptBound = Duration.seconds(3)
    /// The time within which everything is everywhere once it was made and faults stopped.
    package var settlingBound = Duration.seconds(180)
    /// Whether every RPC crosses links as bytes, and is compared; costs time.
    package var encodesFrames = false
    /// A fault in honest nodes that invariants have to find; nil outside tests.
    package var plantedFault: PlantedFault?

    /// The defaults.
    package init() {}

    /// The share that the fault concerns.
    package var share: Double { faultShare ?? fault.defaultShare }

    /// When the fault begins, from the start of the run.
    package var faultStart: Duration { warmUp + publishing / 4 }

    /// When the fault ends, from the start of the run; with no fault, the beginning.
    package var faultEnd: Duration {
        guard fault != .none else { return .zero }
        let usual = publishing / 2
        return faultStart + (faultDuration ?? (fault == .partition ? max(usual, .seconds(60)) : usual))
    }

    /// The time within which a record must be everywhere, after it was made or the fault ended.
    package var bound: Duration { fault == .none ? promptBound : settlingBound }

    /// Checks that the options make sense.
    package func validate() throws(SimulationOptionsError) {
        guard (2...100_000).contains(nodeCount) else { throw .nodeCount }
        guard (0...0.9).contains(share) else { throw .share }
        guard messagesPerSecond > 0, messagesPerSecond <= 1_000, publishing > .zero, publishing <= .seconds(86_400)
        else { throw .workload }
        guard knownPeerCount >= 1, links.bytesPerSecond > 0, links.latencyMin + links.jitterMax <= links.latencyMax
        else { throw .links }
        guard honestCount >= 2 else { throw .nodeCount }
    }

    /// Participants that follow the protocols.
    package var honestCount: Int {
        fault.hasAdversaries ? nodeCount - Int((share * Double(nodeCount)).rounded()) : nodeCount
    }
}

/// Which options make no sense; the caller's fault.
package enum SimulationOptionsError: Error, Equatable, Sendable {
    /// Less than two honest nodes, or too many in all.
    case nodeCount
    /// Not between 0 and 0.9.
    case share
    /// No messages, or too many.
    case workload
    /// Latencies that contradict each other, or nothing to connect to.
    case links
}
