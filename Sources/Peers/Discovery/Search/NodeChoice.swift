package import CryptoCore
package import PeerProtocols

/// Nodes to draw one from, kept apart by who named them.
///
/// First it is drawn who is asked, then which of the nodes that it named is taken: whoever names many nodes gets no
/// more of the draws for that. Nodes that were not reached lately come after all others.
package struct NodeChoice: Sendable {
    /// A node and where it may be.
    package struct Node: Hashable, Sendable {
        /// Its name.
        package let peer: PeerID
        /// Its addresses, at least one; each ends with the peer.
        package internal(set) var addresses: [Multiaddr]

        /// A node at these addresses.
        package init(peer: PeerID, addresses: [Multiaddr]) {
            self.peer = peer
            self.addresses = addresses
        }
    }

    private var random: BlockPRG
    private let unreachable: Set<PeerID>
    private var sources: [[Node]] = []

    /// Nothing to draw from yet.
    ///
    /// - Parameters:
    ///   - seed: What the draws come from; secret.
    ///   - unreachable: Who did not answer lately.
    package init(seed: Block, unreachable: Set<PeerID> = []) {
        random = BlockPRG(seed: seed)
        self.unreachable = unreachable
    }

    /// Adds what one source names.
    package mutating func add(_ nodes: [Node]) {
        sources.append(nodes)
    }

    /// The different nodes that were not drawn yet.
    package var count: Int { Set(sources.joined().map(\.peer)).count }

    /// Draws a node that was not drawn before; nil if there is none.
    package mutating func next() -> Node? {
        let unreachable = unreachable
        return draw { !unreachable.contains($0.peer) } ?? draw { _ in true }
    }

    private mutating func draw(_ isAllowed: (Node) -> Bool) -> Node? {
        let candidates = sources.compactMap { source in
            let allowed = source.filter(isAllowed)
            return allowed.isEmpty ? nil : allowed
        }
        guard let node = candidates.randomElement(using: &random)?.randomElement(using: &random) else { return nil }
        // Whoever names a node at false addresses must not hide those that others name.
        var merged = node
        for index in sources.indices {
            guard let place = sources[index].firstIndex(where: { $0.peer == node.peer }) else { continue }
            let other = sources[index].remove(at: place)
            merged.addresses += other.addresses.filter { !merged.addresses.contains($0) }
        }
        merged.addresses = Array(merged.addresses.prefix(Self.addressCountMax))
        return merged
    }

    /// The most addresses of a node that is drawn.
    package static let addressCountMax = 4
}
