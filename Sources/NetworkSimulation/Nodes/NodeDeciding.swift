internal import Discovery
internal import Gossip
internal import NodeCore
internal import PeerProtocols

/// What decides for a simulated node: the real core, or the real core with a fault that a test planted.
protocol NodeDeciding: AnyObject {
    /// Takes an event in and says what to do.
    func handle(_ event: NodeEvent, now: NodeInstant) -> [NodeEffect]

    /// When ``NodeCore/NodeEvent/timeReached`` wants to be brought next.
    var nextWake: MonotonicInstant { get }
    /// What the gossip router counted.
    var gossipStatistics: GossipStatistics { get }
    /// What the gossip router holds.
    var gossipOccupancy: GossipOccupancy { get }

    /// What discovery holds; nil if there is none.
    var discoveryOccupancy: DiscoveryOccupancy? { get }
    /// What the node itself holds.
    var occupancy: NodeOccupancy { get }
    /// What it holds back of its peers' gossip; looks at each peer.
    var heldGossip: HeldGossip { get }

    /// The score that the router gives a peer.
    func score(of peer: PeerID) -> Double
    /// Whether the router ignores a peer.
    func isGraylisted(_ peer: PeerID) -> Bool
    /// The peers in the router's mesh of a topic.
    func mesh(of topic: GossipTopic) -> [PeerID]
}

/// The real core in a box.
final class RealCore: NodeDeciding {
    private var machine: NodeMachine

    init(_ machine: NodeMachine) {
        self.machine = machine
    }

    func handle(_ event: NodeEvent, now: NodeInstant) -> [NodeEffect] { machine.handle(event, now: now) }

    var nextWake: MonotonicInstant { look { $0.nextWake } }
    var gossipStatistics: GossipStatistics { look { $0.router.statistics } }
    var gossipOccupancy: GossipOccupancy { look { $0.router.occupancy } }
    var discoveryOccupancy: DiscoveryOccupancy? { look { $0.discovery?.occupancy } }
    var occupancy: NodeOccupancy { look { $0.occupancy } }
    var heldGossip: HeldGossip { look { $0.heldGossip } }

    func score(of peer: PeerID) -> Double { look { $0.router.score(of: peer) } }
    func isGraylisted(_ peer: PeerID) -> Bool { look { $0.router.isGraylisted(peer) } }
    func mesh(of topic: GossipTopic) -> [PeerID] { look { $0.router.mesh(of: topic) ?? [] } }

    /// Looks at the core where it is: reading the property would copy it, and count dozens of references up and down.
    private func look<Result>(_ body: (inout NodeMachine) -> Result) -> Result { body(&machine) }
}
