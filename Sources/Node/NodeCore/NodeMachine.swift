package import CryptoCore
package import Gossip
package import KeyValueStorage
package import PeerProtocols

/// The decisions of a node: events in, effects out.
///
/// It knows no socket, clock, task, file or random source. Equal events, an equal store and an equal seed give equal
/// effects. It reads the store, never writes it: changes leave as ``NodeEffect/commit(_:sync:_:)``.
package struct NodeMachine: Sendable {
    /// What the node reads: the store that its commits go to.
    package typealias StoreView = any KeyValueReader & Sendable

    /// How the node behaves.
    package let configuration: NodeConfiguration
    /// The node's name among peers.
    package let peerID: PeerID
    /// The gossip router, to be looked at.
    package internal(set) var router: GossipRouter

    let key: Secp256k1PrivateKey
    let store: StoreView
    var random: BlockPRG

    /// A node that has not started; the first event is ``NodeEvent/started(listening:)``.
    ///
    /// - Parameters:
    ///   - configuration: How it behaves.
    ///   - key: Its identity, with which it also signs attestations.
    ///   - store: What it kept, opened with ``NodeStore/layout(network:)``.
    ///   - seed: What all random choices come from; secret, or peers could foresee them.
    ///   - now: The present time.
    package init(
        configuration: NodeConfiguration,
        key: Secp256k1PrivateKey,
        store: StoreView,
        seed: Block,
        now: NodeInstant
    ) throws {
        try configuration.validate()
        var random = BlockPRG(seed: seed)
        let identity = PeerIdentity(privateKey: key)
        router = try GossipRouter(
            identity: identity,
            configuration: configuration.gossip,
            seed: random.nextBlock(),
            firstSequenceNumber: now.unixMilliseconds &* 1_000_000,
            now: now.monotonic
        )
        self.configuration = configuration
        self.key = key
        self.store = store
        self.random = random
        peerID = identity.id
    }

    /// When ``NodeEvent/timeReached`` wants to be brought next; look again after every event.
    package var nextWake: MonotonicInstant { router.nextWake }

    /// Takes an event in.
    ///
    /// - Returns: What to do now, in this order.
    package mutating func handle(_ event: NodeEvent, now: NodeInstant) -> [NodeEffect] {
        []
    }
}
