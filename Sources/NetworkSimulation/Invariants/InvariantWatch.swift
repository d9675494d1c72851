internal import Attestations
internal import Discovery
internal import Gossip
internal import KeyValueStorage
internal import NodeCore
internal import PeerProtocols

/// Looks for violations: a little after every step, at everything from time to time.
final class InvariantWatch {
    /// What was found, in the order in which it was found.
    private(set) var violations: [Violation] = []
    /// The moment of the first violation.
    private(set) var firstAt: MonotonicInstant?
    var judge = MessageJudge()
    /// Checks made.
    private(set) var checkCount = 0
    /// The most bytes that waited in one outbox.
    private(set) var outboxByteCountMax = 0
    private let gossip: GossipConfiguration
    private let discovery: DiscoveryConfiguration?
    private let commits: CommitParameters
    private let sync: SyncParameters
    /// More violations than this are the same story again.
    private static let countMax = 10
    /// What an outbox of gossip holds: 8 MiB of messages and advertisements, 1 MiB of all else.
    private static let gossipByteCountMax = 9 << 20
    /// Two answers of 512 KiB on each of the eight streams that one peer may have open.
    private static let streamByteCountMax = 8 << 20

    init(_ configuration: NodeConfiguration) {
        gossip = configuration.gossip
        discovery = configuration.discovery
        commits = configuration.commits
        sync = configuration.sync
    }

    /// Whether enough was found to stop.
    var isOver: Bool { violations.count >= Self.countMax || hasEnded }
    private var hasEnded = false

    /// Ends the run: all that it was to show is shown.
    func end() {
        hasEnded = true
    }

    /// Notes a violation.
    func report(_ violation: Violation, at moment: MonotonicInstant? = nil) {
        guard violations.count < Self.countMax, !violations.contains(violation) else { return }
        violations.append(violation)
        if firstAt == nil { firstAt = moment }
    }

    // MARK: After every step

    /// Looks at the node that took the step: nothing above its bound.
    func checkAfterStep(_ node: HonestNode, in simulation: Simulation) {
        checkCount += 1
        guard let occupancy = node.core?.gossipOccupancy else { return }
        bound(node, "message ids", occupancy.seenCount, gossip.seenCountMax, simulation)
        bound(node, "messages waiting for a verdict", occupancy.pendingCount, gossip.pendingCountMax, simulation)
        bound(node, "bytes waiting", occupancy.pendingByteCount, gossip.pendingByteCountMax, simulation)
        bound(node, "bytes of kept messages", occupancy.cachedByteCount, gossip.historyByteCountMax, simulation)
        bound(node, "dismissed ids", occupancy.dismissedCount, gossip.dismissedIDCountMax, simulation)
        bound(node, "promises", occupancy.promiseCount, gossip.promiseCountMax, simulation)
        bound(node, "backoffs", occupancy.backoffCount, gossip.backoffCountMax, simulation)
        bound(node, "scores", occupancy.scoreCount, gossip.scoring.retainedCountMax + 512, simulation)
        bound(node, "commits", node.commits.count, 16, simulation)
        checkRecords(of: node, in: simulation)
        if let occupancy = node.core?.discoveryOccupancy, let discovery {
            let connections = discovery.connections
            bound(node, "addresses", occupancy.bookCount, discovery.book.entryCountMax, simulation)
            // Peers of the mesh, and those that everybody knows, are never refused.
            let kept = gossip.meshDegreeMax + SimulatedNetwork.bootstrapCount
            bound(node, "connections", occupancy.connectionCount, connections.countMax + kept, simulation)
            let dialCountMax = connections.dialCountMax + connections.waitingDialCountMax
            bound(node, "dials", occupancy.dialCount, dialCountMax, simulation)
            bound(node, "lookups", occupancy.lookupCount, discovery.lookupCountMax, simulation)
            bound(node, "requests", occupancy.requestCount, connections.countMax + kept, simulation)
        }
        bound(node, "streams of its own", node.ownStreams.count, 256, simulation)
        bound(node, "streams of peers", node.peerStreams.count, 64 * 512, simulation)
    }

    private func checkRecords(of node: HonestNode, in simulation: Simulation) {
        guard let occupancy = node.core?.occupancy else { return }
        // Own attestations are records that wait, too.
        let waitingMax = commits.waitingRecordCountMax + commits.waitingSignatureCountMax
        bound(node, "records waiting for the store", occupancy.waitingRecordCount, waitingMax, simulation)
        let signatureMax = commits.waitingSignatureCountMax
        bound(node, "requests to sign waiting", occupancy.waitingSignatureCount, signatureMax, simulation)
        bound(node, "attestations to publish", occupancy.outboxCount, NodeOccupancy.outboxCountMax, simulation)
        bound(node, "exchanges", occupancy.exchangeCount, sync.exchangeCountMax, simulation)
        // The list that goes beyond the limit is the last.
        let listedMax = sync.exchangeIdentifierCountMax + SyncResponse.identifierCountMax
        bound(node, "listed ids", occupancy.listedIdentifierCountMax, listedMax, simulation)
        bound(node, "explored spans", occupancy.exploredSpanCount, NodeOccupancy.exploredSpanCountMax, simulation)
    }

    /// Looks at what a node holds back of its peers' gossip.
    func checkHeldGossip(_ held: HeldGossip, at node: HonestNode, in simulation: Simulation) {
        checkCount += 1
        bound(node, "RPCs held of one peer", held.countMax, HeldGossip.limit.countMax, simulation)
        bound(node, "bytes held of one peer", held.byteCountMax, HeldGossip.limit.byteCountMax, simulation)
    }

    private func bound(_ node: HonestNode, _ what: String, _ count: Int, _ bound: Int, _ simulation: Simulation) {
        guard count > bound else { return }
        report(.aboveBound(node: node.index, what: what, count: count, bound: bound), at: simulation.now)
    }

    /// Looks at what a node sends: valid, unaltered, and safe in its store.
    func checkSending(_ rpc: GossipRPC, by node: HonestNode, in simulation: Simulation) {
        for message in rpc.messages {
            checkCount += 1
            switch judge.verdict(message, network: simulation.network, ledger: simulation.ledger) {
            case .invalid(let reason): report(.forwardedInvalid(node: node.index, reason: reason), at: simulation.now)
            case .record(let number):
                guard simulation.ledger.has(node.index, number) else {
                    report(.forwardedUnsafe(node: node.index, record: number), at: simulation.now)
                    continue
                }
                let author = simulation.ledger.entries[number].author
                if author == node.index, judge.isSecond(message) {
                    let id = MessageID.origin(message).map { "\($0.bytes.suffix(8))" } ?? "none"
                    report(.signedTwice(author: author, id: id), at: simulation.now)
                }
            }
        }
    }

    /// Looks at an outbox after something was added.
    func checkOutbox(_ outbox: FrameOutbox, of participant: Participant, in simulation: Simulation) {
        guard let node = participant.honest else { return }
        checkCount += 1
        outboxByteCountMax = max(outboxByteCountMax, outbox.byteCount)
        bound(node, "bytes of gossip for one peer", outbox.gossipByteCount, Self.gossipByteCountMax, simulation)
        bound(node, "bytes for streams of one peer", outbox.otherByteCount, Self.streamByteCountMax, simulation)
    }

    /// Looks at a sender's score after its RPC was taken in.
    func checkScore(of sender: Int, at node: HonestNode, in simulation: Simulation) {
        guard let core = node.core, simulation.participants[sender].honest != nil else { return }
        checkCount += 1
        let score = core.score(of: simulation.participants[sender].id)
        if score < gossip.thresholds.graylist {
            report(.honestScoreLow(node: node.index, peer: sender, score: score), at: simulation.now)
        }
    }

    /// Looks at why a node wants to be rid of a peer: honest peers give no reason but that there are too many.
    func checkDisconnect(of peer: Int, by node: HonestNode, _ reason: DisconnectReason, in simulation: Simulation) {
        guard simulation.participants[peer].honest != nil, reason != .surplus else { return }
        report(.honestPeerBlamed(node: node.index, peer: peer, reason: "\(reason)"), at: simulation.now)
    }

    /// Looks at what a node accuses a peer of: honest peers do none of it, unless their links fail them.
    func checkMisconduct(_ misconduct: Misconduct, of peer: Int, at node: HonestNode, in simulation: Simulation) {
        guard simulation.participants[peer].honest != nil else { return }
        checkCount += 1
        if misconduct == .stalled, simulation.options.fault.breaksLinks { return }
        let reason = misconduct.rawValue
        report(.honestPeerBlamed(node: node.index, peer: peer, reason: reason), at: simulation.now)
    }

    /// An RPC must be the same after it crossed a link as bytes.
    func checkEncoding(of rpc: GossipRPC, in simulation: Simulation) {
        checkCount += 1
        var decoder = GossipFrameDecoder(limits: gossip.limits)
        let frame = rpc.frame
        decoder.append(frame)
        let decoded = try? decoder.next()
        if decoded != rpc || decoder.bufferedByteCount != 0 || frame.count != GossipByteCount.frame(rpc) {
            report(.encodingDiffers, at: simulation.now)
        }
    }
}
