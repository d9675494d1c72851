package import PeerProtocols

/// One iterative search through the table of other peers (libp2p specs, "kad-dht", "Peer routing").
///
/// The search runs on several paths that share no step (Baumgart and Mies, "S/Kademlia", section 4.4): a path begins
/// with its share of the nearest known peers and goes on with what these name, and a peer that one path asked is asked
/// by no other. Whoever lies about the way spoils the paths that meet it, not the others. A path that does not arrive
/// soon gives every other turn to peers near its beginning, so that a chain of invented peers, each nearer to the
/// target, does not use up all of it.
package struct Lookup: Sendable {
    /// What is searched.
    package let goal: LookupGoal
    /// When it ends unfinished.
    package let deadline: MonotonicInstant
    /// Peers asked or tried so far, besides the one that is searched.
    package internal(set) var contactCount = 0

    let configuration: LookupConfiguration
    let target: KademliaKey
    let limitsNetworks: Bool
    var candidates: [Candidate] = []
    var numbers: [PeerID: Int] = [:]
    var paths: [Path] = []
    var turn = 0
    var contactCounts: [AddressPrefix: Int] = [:]
    var reachedDepth: Int?

    /// Addresses of one peer that wait to be tried.
    static let endpointCountMax = 32

    struct Candidate: Sendable {
        let peer: PeerID
        let distance: KademliaDistance
        /// Where to try it next, with the number of answers that said so, and where it was tried.
        var endpoints: [(endpoint: PeerEndpoint, count: Int)] = []
        var triedEndpoints: [PeerEndpoint] = []
        var state = State.waiting
        var attemptCount = 0
        /// The path that asks it, and its depth there.
        var path = 0
        var depth = 0
    }

    enum State: Sendable {
        case waiting, contacting, answered, failed
        /// Too many of its network were asked.
        case skipped
    }

    struct Path: Sendable {
        /// What the path knows, the nearest first.
        var steps: [Step] = []
        var contactCount = 0
        var inFlightCount = 0
    }

    struct Step: Sendable {
        let candidate: Int
        /// Answers that led here, and the place in the last of them.
        let depth: Int
        let rank: Int
    }

    /// A search that begins with the nearest known peers, in their order, and where they are.
    ///
    /// - Parameter limitsNetworks: Whether the peers asked must be of different networks.
    package init(
        _ goal: LookupGoal,
        seeds: [(peer: PeerID, endpoints: [PeerEndpoint])],
        pathCount: Int,
        configuration: LookupConfiguration,
        limitsNetworks: Bool,
        now: MonotonicInstant
    ) {
        self.goal = goal
        self.configuration = configuration
        self.limitsNetworks = limitsNetworks
        target = KademliaKey(hashing: goal.requestKey)
        deadline = now.advanced(by: configuration.timeout)
        let pathCount = min(pathCount, seeds.count)
        paths = [Path](repeating: Path(), count: pathCount)
        for (index, seed) in seeds.enumerated() {
            insert(seed.peer, seed.endpoints, into: index % pathCount, depth: 0, rank: index / pathCount)
        }
    }

    /// Whether there is nothing more to do: the target is reached, all paths are at their ends, or the budget is spent.
    package var isFinished: Bool {
        if reachedDepth != nil { return true }
        let isInFlight = paths.contains { $0.inFlightCount > 0 }
        if contactCount >= configuration.contactCountMax, !isInFlight, stepToTarget == nil { return true }
        return paths.indices.allSatisfy { isAtEnd($0) }
    }

    /// What came of it so far.
    package var result: LookupResult {
        let answered = candidates.filter { $0.state == .answered }.sorted { $0.distance < $1.distance }
        return LookupResult(
            isFound: reachedDepth != nil,
            nearest: answered.prefix(configuration.answerPeerCountMax).map(\.peer),
            contactCount: contactCount,
            hopCount: reachedDepth.map { $0 + 1 } ?? answered.first.map { $0.depth + 1 } ?? 0
        )
    }

    /// Takes out a peer to ask next and where it may be, if it is time to ask one.
    ///
    /// It has to be reported with ``answered(_:closer:)``, ``failed(_:)`` or ``reached(_:)``.
    package mutating func nextContact() -> (peer: PeerID, endpoints: [PeerEndpoint])? {
        guard reachedDepth == nil else { return nil }
        if let (step, path) = stepToTarget { return begin(step, on: path) }
        let inFlightCount = paths.reduce(0) { $0 + $1.inFlightCount }
        guard inFlightCount < configuration.concurrency,
            contactCount < configuration.contactCountMax
        else { return nil }
        let active = paths.indices.filter { !isAtEnd($0) }
        guard !active.isEmpty else { return nil }
        let share = max(1, configuration.concurrency / active.count)
        for offset in 0..<paths.count {
            let path = (turn + offset) % paths.count
            guard active.contains(path), paths[path].inFlightCount < share, let step = pick(path) else { continue }
            turn = path + 1
            return begin(step, on: path)
        }
        return nil
    }

    /// A peer answered and named others; the caller has filtered these.
    package mutating func answered(_ peer: PeerID, closer: [(peer: PeerID, endpoints: [PeerEndpoint])]) {
        guard let number = numbers[peer], candidates[number].state == .contacting else { return }
        let path = candidates[number].path
        end(number, .answered)
        for (rank, other) in closer.prefix(configuration.answerPeerCountMax).enumerated() {
            insert(other.peer, other.endpoints, into: path, depth: candidates[number].depth + 1, rank: rank)
        }
    }

    /// A peer did not answer, or could not be reached where it was said to be.
    package mutating func failed(_ peer: PeerID) {
        guard let number = numbers[peer], candidates[number].state == .contacting else { return }
        end(number, .failed)
        retry(number)
    }

    /// This side is connected to the peer that is searched.
    package mutating func reached(_ peer: PeerID) {
        guard goal == .peer(peer) else { return }
        reachedDepth = numbers[peer].map { candidates[$0].depth } ?? 0
        if let number = numbers[peer], candidates[number].state == .contacting { end(number, .answered) }
    }
}
