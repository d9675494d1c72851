package import PeerProtocols

extension PeerDiscovery {
    /// Begins a lookup; ``DiscoveryEffect/lookupEnded(_:_:_:)`` tells of its end.
    ///
    /// - Returns: Its number, nil if there are as many as allowed, and what to do.
    package mutating func find(
        _ goal: LookupGoal,
        now: MonotonicInstant
    ) -> (number: LookupNumber?, effects: [DiscoveryEffect]) {
        let number = begin(goal, pathCount: configuration.lookup.pathCount, now: now)
        return (number, takeEffects(now: now))
    }

    /// Ends a lookup without result.
    package mutating func cancel(_ number: LookupNumber) {
        lookups.removeAll { $0.number == number }
    }

    mutating func begin(_ goal: LookupGoal, pathCount: Int, now: MonotonicInstant) -> LookupNumber? {
        guard lookups.count < configuration.lookupCountMax else { return nil }
        // One search for a peer is enough.
        if case .peer = goal, let present = lookups.first(where: { $0.lookup.goal == goal }) { return present.number }
        let number = LookupNumber(value: nextLookup)
        nextLookup += 1
        statistics.lookups += 1
        let key = KademliaKey(hashing: goal.requestKey)
        var seeds = table.nearest(configuration.lookup.answerPeerCountMax, to: key)
            .map { (peer: $0.peer, endpoints: book.endpoints(of: $0.peer)) }
        if case .peer(let peer) = goal, !seeds.contains(where: { $0.peer == peer }) {
            let known = book.endpoints(of: peer)
            if !known.isEmpty { seeds.insert((peer, known), at: 0) }
        }
        var lookup = Lookup(
            goal,
            seeds: seeds,
            pathCount: pathCount,
            configuration: configuration.lookup,
            limitsNetworks: configuration.limitsNetworks,
            now: now
        )
        if case .peer(let peer) = goal, connections[peer] != nil { lookup.reached(peer) }
        lookups.append((number, lookup))
        return number
    }

    /// Lets every lookup go on as far as it can, and ends those that are finished.
    mutating func driveLookups(now: MonotonicInstant) {
        var hasChanged = true
        while hasChanged {
            hasChanged = false
            for number in lookups.map(\.number) {
                while let contact = withLookup(number, { $0.nextContact() }).flatMap({ $0 }) {
                    self.contact(contact.peer, contact.endpoints, for: .lookup(number), now: now)
                }
                guard let index = lookups.firstIndex(where: { $0.number == number }) else { continue }
                let lookup = lookups[index].lookup
                guard lookup.isFinished || lookup.deadline <= now else { continue }
                lookups.remove(at: index)
                end(number, lookup, now: now)
                hasChanged = true
            }
        }
    }

    private mutating func end(_ number: LookupNumber, _ lookup: Lookup, now: MonotonicInstant) {
        let result = lookup.result
        if result.isFound { statistics.lookupsFound += 1 }
        if upkeep.refresh == number {
            upkeep.refresh = nil
            beginNextRefresh(now: now)
        } else {
            effects.append(.lookupEnded(number, lookup.goal, result))
        }
    }

    /// Changes a lookup if it is still under way.
    @discardableResult
    mutating func withLookup<Result>(_ number: LookupNumber, _ body: (inout Lookup) -> Result) -> Result? {
        guard let index = lookups.firstIndex(where: { $0.number == number }) else { return nil }
        return body(&lookups[index].lookup)
    }
}
