internal import Gossip
internal import PeerProtocols
internal import Records

extension Simulation {
    /// The figures of the run so far.
    func report() -> SimulationReport {
        let published = ledger.published
        var delays: [UInt32] = []
        var hops: [UInt32] = []
        let prompt = UInt32(clamping: options.promptBound.wholeNanoseconds / 1_000)
        var promptCount = 0
        for entry in published {
            for node in 0..<options.honestCount where node != entry.author && entry.delays[node] != RecordLedger.never {
                delays.append(entry.delays[node])
                hops.append(UInt32(entry.hops[node]))
                if entry.delays[node] <= prompt { promptCount += 1 }
            }
        }
        let honestCount = Double(options.honestCount)
        let totals = honestNodes.reduce(GossipTotals()) { $0 + $1.totals }
        return SimulationReport(
            options: options,
            trace: trace,
            violations: watch.violations,
            firstViolationSeconds: watch.firstAt.map { Double($0.nanoseconds(since: Self.beginning)) / 1e9 },
            virtualSeconds: elapsed / .seconds(1),
            stepCount: stepCount,
            checkCount: watch.checkCount,
            recordCount: published.count,
            lostRecordCount: ledger.entries.count - published.count,
            pairCount: published.count * (options.honestCount - 1),
            deliveredCount: delays.count,
            promptCount: promptCount,
            caughtUpCount: published.reduce(0) { $0 + $1.caughtUpCount },
            delays: Distribution(delays),
            hops: Distribution(hops),
            duplicatesPerMessage: published.isEmpty
                ? 0 : Double(totals.duplicates) / (Double(published.count) * honestCount),
            traffic: uses,
            byteCountPerNode: Double(traffic.byteCount) / honestCount,
            figures: figures(totals)
        )
    }

    private var uses: [SimulationReport.Traffic] {
        let count = Double(options.honestCount)
        var uses = traffic.topics.sorted { $0.key < $1.key }.map { topic, bytes in
            SimulationReport.Traffic(
                name: topic == network.topic ? "topic notarizations" : "topic \(topic)",
                messageByteCount: Double(bytes.messageByteCount) / count,
                controlByteCount: Double(bytes.controlByteCount) / count
            )
        }
        uses.append(
            .init(name: "gossip ids", messageByteCount: 0, controlByteCount: Double(traffic.idByteCount) / count)
        )
        uses += traffic.streams.sorted { $0.key.description < $1.key.description }.map { name, bytes in
            .init(name: name.description, messageByteCount: 0, controlByteCount: Double(bytes) / count)
        }
        return uses
    }

    private func figures(_ totals: GossipTotals) -> [(name: String, value: Double)] {
        let count = Double(options.honestCount)
        let meshes = honestNodes.compactMap { $0.core?.mesh(of: network.topic).count }
        var figures: [(String, Double)] = [
            (
                "connections_per_node",
                Double(honestNodes.reduce(0) { $0 + participants[$1.index].connections.count }) / count
            ),
            ("dials_per_node", Double(connectionCount) / count),
            ("rpcs_per_node", Double(traffic.rpcCount) / count),
            ("stream_frames_per_node", Double(traffic.streamFrameCount) / count),
            ("mesh_degree_mean", Double(meshes.reduce(0, +)) / Double(max(meshes.count, 1))),
            ("mesh_degree_min", Double(meshes.min() ?? 0)),
            ("mesh_degree_max", Double(meshes.max() ?? 0)),
            ("sends_suppressed", Double(totals.sendsSuppressed + traffic.messagesWithdrawn)),
            ("iwant_served", Double(totals.requestsServed)),
            ("outbox_bytes_max", Double(watch.outboxByteCountMax)),
            ("honest_score_min", faults.honestScoreMin.isFinite ? faults.honestScoreMin : 0),
            ("signatures_verified", Double(network.signatures.computedCount + network.records.computedCount)),
        ]
        switch options.fault {
        case .none, .partition: break
        case .loss:
            figures.append(("connections_died", Double(faults.deadConnectionCount)))
            figures.append(("frames_lost", Double(traffic.framesLost)))
        case .churn, .crash:
            figures.append(("nodes_down", Double(faults.crashCount)))
            figures.append(("commits_interrupted", Double(faults.interruptedCommitCount)))
        case .sybil, .spam, .eclipse: figures += adversaryFigures(totals)
        }
        return figures
    }

    private func adversaryFigures(_ totals: GossipTotals) -> [(String, Double)] {
        var figures: [(String, Double)] = [
            ("attacks", Double(faults.attackCount)),
            ("rejected", Double(totals.rejected)),
            ("attacked_pairs", Double(faults.attackedPairs.count)),
            ("attackers_graylisted_rate", graylistedRate),
        ]
        if options.fault == .eclipse {
            let connected = participants[victim].connections.keys
            let hostile = connected.filter { $0 >= options.honestCount }.count
            figures.append(("victim_connections", Double(connected.count)))
            figures.append(("victim_hostile_connections", Double(hostile)))
            let prompt = UInt32(clamping: options.promptBound.wholeNanoseconds / 1_000)
            let others = ledger.published.filter { $0.author != victim }
            let arrived = others.filter { $0.delays[victim] <= prompt }.count
            figures.append(("victim_prompt_rate", others.isEmpty ? 1 : Double(arrived) / Double(others.count)))
        }
        return figures
    }

    /// Of all pairs of an honest node and an adversary that sent it more invalid messages than it may: the share in
    /// which the node has it on its graylist in the end.
    private var graylistedRate: Double {
        let pairs = faults.attackedPairs.filter { $0.value >= AttackedPair.messageCountMax }.keys
        guard !pairs.isEmpty else { return 1 }
        let done = pairs.count { pair in
            participants[pair.victim].honest?.core?.isGraylisted(participants[pair.attacker].id) == true
        }
        return Double(done) / Double(pairs.count)
    }
}
