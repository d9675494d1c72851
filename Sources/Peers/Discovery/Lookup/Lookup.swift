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
    package private(set) var contactCount = 0

    private let configuration: LookupConfiguration
    private let target: KademliaKey
    private let limitsNetworks: Bool
    private var candidates: [Candidate] = []
    private var numbers: [PeerID: Int] = [:]
    private var paths: [Path] = []
    private var turn = 0
    private var contactCounts: [AddressPrefix: Int] = [:]
    private var reachedDepth: Int?

    /// Addresses of one peer that wait to be tried.
    private static let endpointCountMax = 32

    private struct Candidate: Sendable {
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

    private enum State: Sendable {
        case waiting, contacting, answered, failed
        /// Too many of its network were asked.
        case skipped
    }

    private struct Path: Sendable {
        /// What the path knows, the nearest first.
        var steps: [Step] = []
        var contactCount = 0
        var inFlightCount = 0
    }

    private struct Step: Sendable {
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

    /// The step to the peer that is searched, if it can be tried: before all others, and whatever was spent on these.
    ///
    /// Otherwise liars could see to it that the budget is spent while a false address is being tried.
    private var stepToTarget: (step: Step, path: Int)? {
        guard case .peer(let peer) = goal, let number = numbers[peer], candidates[number].state == .waiting else {
            return nil
        }
        for path in paths.indices {
            if let step = paths[path].steps.first(where: { $0.candidate == number }) { return (step, path) }
        }
        return nil
    }

    // MARK: Paths

    /// Whether a path has done what it can.
    ///
    /// A search for a peer does not give up before it has also asked everyone near the beginning: whoever invents peers
    /// nearer to the target than any real one can make a path believe that it arrived.
    private func isAtEnd(_ path: Int) -> Bool {
        guard hasArrived(path) else { return false }
        guard case .peer = goal else { return true }
        return paths[path].steps.allSatisfy { step in
            guard step.depth + step.rank <= configuration.fairReach else { return true }
            switch candidates[step.candidate].state {
            case .waiting, .contacting: return false
            case .answered, .failed, .skipped: return true
            }
        }
    }

    /// Whether the path's nearest peers have all answered, or nothing is left on it.
    private func hasArrived(_ path: Int) -> Bool {
        var answeredCount = 0
        for step in paths[path].steps {
            switch candidates[step.candidate].state {
            case .waiting, .contacting: return false
            case .answered: answeredCount += 1
            case .failed, .skipped: continue
            }
            if answeredCount >= configuration.pathWidth { return true }
        }
        return true
    }

    /// The step to go next: the nearest, or in its turn one near the beginning.
    private mutating func pick(_ path: Int) -> Step? {
        let isInTurn =
            paths[path].contactCount >= configuration.fairnessThreshold && !paths[path].contactCount.isMultiple(of: 2)
        let isFair = isInTurn || hasArrived(path)
        var best: Step?
        for step in paths[path].steps where candidates[step.candidate].state == .waiting {
            guard hasRoom(candidates[step.candidate]) else {
                candidates[step.candidate].state = .skipped
                continue
            }
            guard isFair else { return step }
            if let present = best, present.depth + present.rank <= step.depth + step.rank { continue }
            best = step
        }
        return best
    }

    private mutating func begin(_ step: Step, on path: Int) -> (peer: PeerID, endpoints: [PeerEndpoint]) {
        let number = step.candidate
        if let network = network(of: candidates[number]) { contactCounts[network, default: 0] += 1 }
        if goal != .peer(candidates[number].peer) {
            contactCount += 1
            paths[path].contactCount += 1
        }
        paths[path].inFlightCount += 1
        // What most answers say comes first; a liar has one voice in each of its answers.
        let voted = candidates[number].endpoints.enumerated().sorted {
            $0.element.count == $1.element.count ? $0.offset < $1.offset : $0.element.count > $1.element.count
        }
        let endpoints = voted.prefix(configuration.attemptAddressCountMax).map(\.element.endpoint)
        candidates[number].state = .contacting
        candidates[number].attemptCount += 1
        candidates[number].path = path
        candidates[number].depth = step.depth
        candidates[number].triedEndpoints += endpoints
        candidates[number].endpoints.removeAll { endpoints.contains($0.endpoint) }
        return (candidates[number].peer, endpoints)
    }

    private mutating func end(_ number: Int, _ state: State) {
        candidates[number].state = state
        paths[candidates[number].path].inFlightCount -= 1
    }

    /// Adds what an answer named to the path of that answer.
    private mutating func insert(_ peer: PeerID, _ endpoints: [PeerEndpoint], into path: Int, depth: Int, rank: Int) {
        let number: Int
        if let present = numbers[peer] {
            number = present
        } else {
            number = candidates.count
            numbers[peer] = number
            candidates.append(Candidate(peer: peer, distance: KademliaKey(peer).distance(to: target)))
        }
        vote(for: endpoints.prefix(configuration.attemptAddressCountMax), of: number)
        retry(number)
        let distance = candidates[number].distance
        let place = paths[path].steps.firstIndex { distance <= candidates[$0.candidate].distance }
        if let place, paths[path].steps[place].candidate == number { return }
        let step = Step(candidate: number, depth: depth, rank: rank)
        paths[path].steps.insert(step, at: place ?? paths[path].steps.count)
        if paths[path].steps.count > configuration.pathCandidateCountMax { paths[path].steps.removeLast() }
    }

    /// An answer says where a peer is.
    private mutating func vote(for endpoints: some Sequence<PeerEndpoint>, of number: Int) {
        for endpoint in endpoints where !candidates[number].triedEndpoints.contains(endpoint) {
            if let index = candidates[number].endpoints.firstIndex(where: { $0.endpoint == endpoint }) {
                candidates[number].endpoints[index].count += 1
            } else if candidates[number].endpoints.count < Self.endpointCountMax {
                candidates[number].endpoints.append((endpoint, 1))
            }
        }
    }

    /// Lets a peer be tried once more if somebody named further addresses of it.
    private mutating func retry(_ number: Int) {
        let isTarget = goal == .peer(candidates[number].peer)
        let limit = isTarget ? configuration.targetAttemptCountMax : configuration.attemptCountMax
        guard candidates[number].state == .failed, !candidates[number].endpoints.isEmpty,
            candidates[number].attemptCount < limit
        else { return }
        candidates[number].state = .waiting
    }

    private func hasRoom(_ candidate: Candidate) -> Bool {
        guard goal != .peer(candidate.peer), let network = network(of: candidate) else { return true }
        return contactCounts[network] ?? 0 < configuration.contactCountPerNetworkMax
    }

    private func network(of candidate: Candidate) -> AddressPrefix? {
        guard limitsNetworks else { return nil }
        return candidate.endpoints.lazy.compactMap { AddressPrefix.network(of: $0.endpoint) }.first
    }
}
