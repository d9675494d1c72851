internal import PeerProtocols

extension Lookup {
    /// The step to the peer that is searched, if it can be tried: before all others, and whatever was spent on these.
    ///
    /// Otherwise liars could see to it that the budget is spent while a false address is being tried.
    var stepToTarget: (step: Step, path: Int)? {
        guard case .peer(let peer) = goal, let number = numbers[peer], candidates[number].state == .waiting else {
            return nil
        }
        for path in paths.indices {
            if let step = paths[path].steps.first(where: { $0.candidate == number }) { return (step, path) }
        }
        return nil
    }

    /// Whether a path has done what it can.
    ///
    /// A search for a peer does not give up before it has also asked everyone near the beginning: whoever invents peers
    /// nearer to the target than any real one can make a path believe that it arrived.
    func isAtEnd(_ path: Int) -> Bool {
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
    func hasArrived(_ path: Int) -> Bool {
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
    mutating func pick(_ path: Int) -> Step? {
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

    mutating func begin(_ step: Step, on path: Int) -> (peer: PeerID, endpoints: [PeerEndpoint]) {
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

    mutating func end(_ number: Int, _ state: State) {
        candidates[number].state = state
        paths[candidates[number].path].inFlightCount -= 1
    }

    /// Adds what an answer named to the path of that answer.
    mutating func insert(_ peer: PeerID, _ endpoints: [PeerEndpoint], into path: Int, depth: Int, rank: Int) {
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
    mutating func vote(for endpoints: some Sequence<PeerEndpoint>, of number: Int) {
        for endpoint in endpoints where !candidates[number].triedEndpoints.contains(endpoint) {
            if let index = candidates[number].endpoints.firstIndex(where: { $0.endpoint == endpoint }) {
                candidates[number].endpoints[index].count += 1
            } else if candidates[number].endpoints.count < Self.endpointCountMax {
                candidates[number].endpoints.append((endpoint, 1))
            }
        }
    }

    /// Lets a peer be tried once more if somebody named further addresses of it.
    mutating func retry(_ number: Int) {
        let isTarget = goal == .peer(candidates[number].peer)
        let limit = isTarget ? configuration.targetAttemptCountMax : configuration.attemptCountMax
        guard candidates[number].state == .failed, !candidates[number].endpoints.isEmpty,
            candidates[number].attemptCount < limit
        else { return }
        candidates[number].state = .waiting
    }

    func hasRoom(_ candidate: Candidate) -> Bool {
        guard goal != .peer(candidate.peer), let network = network(of: candidate) else { return true }
        return contactCounts[network] ?? 0 < configuration.contactCountPerNetworkMax
    }

    func network(of candidate: Candidate) -> AddressPrefix? {
        guard limitsNetworks else { return nil }
        return candidate.endpoints.lazy.compactMap { AddressPrefix.network(of: $0.endpoint) }.first
    }
}
