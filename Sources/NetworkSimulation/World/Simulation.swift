internal import CryptoCore
internal import Gossip
internal import NodeCore
internal import PeerProtocols
internal import Records

/// A network of nodes in virtual time, on one thread: one run.
///
/// Everything comes from the options, the seed among them, so a run can be repeated: equal options give equal traces.
/// Nodes run the real core (``NodeCore/NodeMachine``) on simulated disks; connections, clocks and adversaries are the
/// simulation's. After every step the node that took it is looked at, and from time to time all are.
package final class Simulation {
    /// What is simulated.
    package let options: SimulationOptions
    /// A hash of all that happened so far.
    package internal(set) var trace = TraceHash()

    var now = Simulation.beginning
    var events = EventQueue<SimulationEvent>()
    var participants: [Participant] = []
    var numbers: [PeerID: Int] = [:]
    var connectionCount = 0
    var stepCount = 0
    var reviewCount = 0
    let network: SimulatedNetwork
    var ledger: RecordLedger
    let watch: InvariantWatch
    var traffic = TrafficCounter()
    var faults = FaultState()
    var settledSince: MonotonicInstant?

    // A stream for each purpose, so that one more draw for one purpose changes nothing in the others.
    var linkRandom: BlockPRG
    var diskRandom: BlockPRG
    var workRandom: BlockPRG
    var faultRandom: BlockPRG
    var attackRandom: BlockPRG
    var nodeSeeds: BlockPRG

    /// The moment at which runs begin on every clock that never goes back.
    static let beginning = MonotonicInstant(nanoseconds: 1_000_000_000_000)

    /// A network whose nodes have not started.
    ///
    /// - Throws: ``SimulationOptionsError`` and what the core says of its configuration.
    package init(_ options: SimulationOptions) throws {
        try options.validate()
        self.options = options
        var random = BlockPRG(seed: Block(options.seed, 0x7461_6265_6c6c_696f))
        linkRandom = random.fork()
        diskRandom = random.fork()
        workRandom = random.fork()
        faultRandom = random.fork()
        attackRandom = random.fork()
        nodeSeeds = random.fork()
        network = try SimulatedNetwork(options, random: random.fork())
        ledger = RecordLedger(nodeCount: options.honestCount)
        watch = InvariantWatch(network.configuration)
        try populate()
        schedule()
    }

    /// Runs to the end, or to the first violation.
    package func run() -> SimulationReport {
        let end = Self.beginning.advanced(by: options.warmUp + options.publishing + options.faultEnd + options.bound)
        while !watch.isOver, let (event, time) = events.takeFirst(until: end) {
            now = time
            stepCount += 1
            take(event)
        }
        if !watch.isOver { review(isLast: true) }
        return report()
    }

    /// The time since the beginning.
    var elapsed: Duration { .nanoseconds(Int64(clamping: now.nanoseconds(since: Self.beginning))) }

    /// A moment of the run.
    func moment(_ elapsed: Duration) -> MonotonicInstant { Self.beginning.advanced(by: elapsed) }

    /// A node's clocks.
    func instant(_ node: HonestNode) -> NodeInstant {
        let milliseconds = Int64(now.nanoseconds(since: Self.beginning) / 1_000_000)
        return NodeInstant(
            monotonic: now,
            unixMilliseconds: UInt64(SimulatedNetwork.unixBeginning + milliseconds + node.clockError)
        )
    }

    /// A random part of a duration, in nanoseconds.
    static func random(_ range: ClosedRange<Duration>, _ random: inout BlockPRG) -> UInt64 {
        UInt64.random(in: range.lowerBound.wholeNanoseconds...range.upperBound.wholeNanoseconds, using: &random)
    }

    /// The honest node with this number.
    func honest(_ index: Int) -> HonestNode? { participants[index].honest }

    /// The honest nodes in order.
    var honestNodes: [HonestNode] { participants.prefix(options.honestCount).compactMap(\.honest) }
}

extension Duration {
    /// Nanoseconds; 0 for negative durations.
    var wholeNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
