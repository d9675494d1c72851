internal import Attestations
internal import Gossip
internal import KeyValueStorage
internal import NodeCore
internal import PeerProtocols
internal import Records

extension Simulation {
    /// Looks at everything, and ends the run when there is nothing left to wait for.
    func review(isLast: Bool) {
        // All nodes at the end, a tenth of them every second.
        for node in honestNodes where isLast || node.index % 10 == reviewCount % 10 {
            guard let core = node.core else { continue }
            watch.checkHeldGossip(core.heldGossip, at: node, in: self)
            for connection in participants[node.index].sortedConnections {
                let other = connection.participant(connection.end(of: node.index).other)
                guard participants[other].honest != nil else { continue }
                let score = core.score(of: participants[other].id)
                if score < network.configuration.gossip.thresholds.graylist {
                    watch.report(.honestScoreLow(node: node.index, peer: other, score: score), at: now)
                }
                faults.honestScoreMin = min(faults.honestScoreMin, score)
            }
        }
        if isLast {
            for node in honestNodes where node.isRunning { checkStore(of: node) }
            return
        }
        reviewCount += 1
        events.insert(.review, at: now.advanced(by: .seconds(1)))
        guard isSettled else {
            settledSince = nil
            return
        }
        // Whatever is still on its way gets the time to arrive, perhaps a second time.
        let since = settledSince ?? now
        settledSince = since
        if now >= since.advanced(by: .seconds(5)) {
            review(isLast: true)
            watch.end()
        }
    }

    /// Whether everything was published, faults are over, and all nodes have all records.
    private var isSettled: Bool {
        let over = max(options.warmUp + options.publishing, options.faultEnd)
        return elapsed > over && ledger.isComplete && honestNodes.allSatisfy(\.isRunning)
    }

    /// Reads a node's store: it holds exactly what the node accepted, as it was signed.
    func checkStore(of node: HonestNode) {
        guard let store = node.store else { return }
        var found: Set<Int> = []
        do {
            var rest: KeyRange? = NodeStore.notarizations.range
            while let range = rest {
                let page = try store.records(
                    in: NodeStore.notarizations,
                    range: range,
                    limit: ScanLimit(count: 1_000)
                )
                for stored in page.records {
                    let id = stored.key.id
                    guard let number = ledger.number(of: id),
                        let record = try? network.records.verify(stored.value.record), record.id == id,
                        ledger.isUnaltered(record.bytes, number)
                    else {
                        watch.report(.altered(node: node.index, id: id.description), at: now)
                        continue
                    }
                    found.insert(number)
                }
                rest = page.rest
            }
        } catch {
            watch.report(.startFailed(node: node.index, reason: "\(error)"), at: now)
        }
        for number in ledger.entries.indices {
            let isAccepted = ledger.has(node.index, number)
            if isAccepted, !found.contains(number) {
                watch.report(.lost(node: node.index, record: number), at: now)
            } else if !isAccepted, found.contains(number) {
                // Written, but not acknowledged before a crash: it is there all the same.
                publishedNow(number)
                _ = ledger.accept(number, at: node.index, from: nil, caughtUp: false, now: now)
            }
        }
    }
}
