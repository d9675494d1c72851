package import Attestations
package import Discovery
package import Gossip
package import KeyValueStorage
package import PeerProtocols

/// What a node is doing at the moment: for operators and metrics.
package struct NodeStatus: Sendable {
    /// The node's name among peers.
    package var peerID: PeerID
    /// The account that it signs with.
    package var account: EthereumAddress
    /// The network.
    package var network: NetworkID
    /// Where it says that it can be reached.
    package var addresses: [Multiaddr]
    /// The schema of its store.
    package var storeSchema: UInt32
    /// Why the store is not used any more; nil: all is well.
    package var storeFailure: StorageError?
    /// The connected peers in the order in which they came.
    package var peers: [PeerStatus]
    /// The peers in the mesh of each joined topic.
    package var meshes: [(topic: GossipTopic, peers: [PeerID])]
    /// Stored notarizations, commits under way included.
    package var recordCount: UInt64
    /// Their bytes, indexes included, before compression.
    package var recordByteCount: UInt64
    /// The time before which notarizations are not kept, in Unix milliseconds.
    package var recordFloor: UInt64
    /// Own attestations that were not published yet.
    package var outboxCount: Int
    /// Records, and requests to sign, that wait for the store.
    package var waitingCount: Int
    /// Exchanges under way in which the node catches up.
    package var exchangeCount: Int
    /// Streams on which peers catch up.
    package var servedStreamCount: Int
    /// What the node counted.
    package var statistics: NodeStatistics
    /// What the router counted.
    package var gossip: GossipStatistics
    /// What the router counted of each topic.
    package var traffic: [GossipTopic: TopicTraffic]
    /// What the router holds.
    package var gossipOccupancy: GossipOccupancy
    /// What discovery counted, and what it holds.
    package var discovery: (statistics: DiscoveryStatistics, occupancy: DiscoveryOccupancy)?
}

/// A connected peer.
package struct PeerStatus: Sendable, Equatable {
    /// Its name.
    package var peer: PeerID
    /// Where it is.
    package var address: Multiaddr?
    /// Whether this node dialled.
    package var isOutbound: Bool
    /// Since when, in Unix milliseconds.
    package var connectedSince: UInt64
    /// Its program, as it says.
    package var agentVersion: String?
    /// The version of gossip spoken with it, if any.
    package var gossipVersion: GossipVersion?
    /// Whether it is in the mesh of notarizations.
    package var isInMesh: Bool
    /// Its score.
    package var score: Double
    /// The part of the score for what it did outside gossip.
    package var applicationScore: Double
}

extension NodeMachine {
    /// What the node is doing at the moment.
    package func status(now: NodeInstant) -> NodeStatus {
        let mesh = Set(router.mesh(of: topic) ?? [])
        let known = peers.sorted { $0.value.number < $1.value.number }
        return NodeStatus(
            peerID: peerID,
            account: account,
            network: configuration.network,
            addresses: addresses,
            storeSchema: NodeStore.schema,
            storeFailure: storeFailure,
            peers: known.map { id, peer in
                PeerStatus(
                    peer: id,
                    address: peer.link.address,
                    isOutbound: peer.link.isOutbound,
                    connectedSince: peer.connectedAt.unixMilliseconds,
                    agentVersion: peer.identification?.agentVersion,
                    gossipVersion: peer.gossipVersion,
                    isInMesh: mesh.contains(id),
                    score: score(of: id, now: now),
                    applicationScore: conduct.score(of: id, now: now.monotonic)
                )
            },
            meshes: router.topics.map { ($0, router.mesh(of: $0) ?? []) },
            recordCount: total.count,
            recordByteCount: total.byteCount,
            recordFloor: pruning.floor(now: now.unixMilliseconds),
            outboxCount: outbox.count,
            waitingCount: commits.recordCount + commits.signatureCount,
            exchangeCount: schedule.exchanges.count,
            servedStreamCount: server.streamCount,
            statistics: statistics,
            gossip: router.statistics,
            traffic: router.traffic,
            gossipOccupancy: router.occupancy,
            discovery: discovery.map { ($0.statistics, $0.occupancy) }
        )
    }

    /// The notarizations of the node's store.
    package var archive: NotarizationArchive { NotarizationArchive(store: store) }
}
