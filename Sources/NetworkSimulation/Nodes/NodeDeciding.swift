package import Gossip
package import NodeCore
package import PeerProtocols

/// What decides for a simulated node: the real core, or the real core with a fault that a test planted.
package protocol NodeDeciding {
    /// Takes an event in and says what to do.
    mutating func handle(_ event: NodeEvent, now: NodeInstant) -> [NodeEffect]

    /// When ``NodeCore/NodeEvent/timeReached`` wants to be brought next.
    var nextWake: MonotonicInstant { get }
    /// What the gossip router counted.
    var gossipStatistics: GossipStatistics { get }
    /// What the gossip router holds.
    var gossipOccupancy: GossipOccupancy { get }

    /// The score that the router gives a peer.
    func score(of peer: PeerID) -> Double
    /// Whether the router ignores a peer.
    func isGraylisted(_ peer: PeerID) -> Bool
    /// The peers in the router's mesh of a topic.
    func mesh(of topic: GossipTopic) -> [PeerID]
}

extension NodeMachine: NodeDeciding {
    package var gossipStatistics: GossipStatistics { router.statistics }
    package var gossipOccupancy: GossipOccupancy { router.occupancy }

    package func score(of peer: PeerID) -> Double { router.score(of: peer) }
    package func isGraylisted(_ peer: PeerID) -> Bool { router.isGraylisted(peer) }
    package func mesh(of topic: GossipTopic) -> [PeerID] { router.mesh(of: topic) ?? [] }
}
