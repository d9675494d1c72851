package import CryptoCore
package import PeerProtocols

/// Looks for nodes of a network on behalf of somebody who knows some of them and wants to use any one.
///
/// A few walks begin at different known nodes, drawn by lot. Each asks for the peers nearest to a random key of its own
/// and goes on to the nearest that it was told of, so that it ends anywhere in the network. A peer belongs to the walk
/// that asked it first: what a liar says spoils its own walk and no other. What each walk found stays apart in
/// ``choice``, which gives every walk the same say.
///
/// A value without sockets, clock or random source: the caller asks the ``Question``s of ``nextQuestion(now:)``, in any
/// order and all at the same time, and reports what came of them.
package struct NodeSearch: Sendable {
    /// What to ask whom.
    package struct Question: Hashable, Sendable {
        /// Who is asked.
        package let peer: PeerID
        /// Where it may be, at least one address; each ends with the peer.
        package let addresses: [Multiaddr]
        /// The message, without its length.
        package let request: [UInt8]
    }

    private struct Node: Sendable {
        let peer: PeerID
        let endpoints: [PeerEndpoint]
        let distance: KademliaDistance
    }

    private struct Walk: Sendable {
        let key: [UInt8]
        let target: KademliaKey
        /// Those that it was told of and did not ask, the nearest first.
        var waiting: [Node] = []
        var asked: PeerID?
        var answerCount = 0
        var found: [NodeChoice.Node] = []
        var counts: [AddressPrefix: Int] = [:]
    }

    private let configuration: NodeSearchConfiguration
    private let policy: AddressPolicy
    private let limitsNetworks: Bool
    private let isWanted: @Sendable (PeerID) -> Bool
    private let known: [NodeChoice.Node]
    private let limits = KademliaLimits()
    private var random: BlockPRG
    /// Known nodes that no walk began at, in random order.
    private var beginnings: [NodeChoice.Node]
    private var walks: [Walk]
    private var contacted: Set<PeerID> = []
    private var failed: Set<PeerID> = []
    /// When the search ends unfinished.
    package private(set) var deadline: MonotonicInstant

    /// A search that begins at `known` nodes.
    ///
    /// - Parameters:
    ///   - known: Addresses that end with their peers; others are left out.
    ///   - policy: Which addresses are believed.
    ///   - limitsNetworks: Whether many nodes of one network are suspicious.
    ///   - isWanted: Whether a peer may be chosen; others are asked all the same.
    ///   - seed: What all random choices come from; secret, or a liar could foresee them.
    ///   - now: The present time.
    package init(
        known addresses: [Multiaddr],
        policy: AddressPolicy,
        limitsNetworks: Bool,
        isWanted: @escaping @Sendable (PeerID) -> Bool,
        configuration: NodeSearchConfiguration = NodeSearchConfiguration(),
        seed: Block,
        now: MonotonicInstant
    ) {
        self.configuration = configuration
        self.policy = policy
        self.limitsNetworks = limitsNetworks
        self.isWanted = isWanted
        random = BlockPRG(seed: seed)
        deadline = now.advanced(by: configuration.timeout)
        var nodes: [NodeChoice.Node] = []
        for address in addresses {
            guard let peer = address.peerID, address.tcpEndpoint != nil else { continue }
            if let index = nodes.firstIndex(where: { $0.peer == peer }) {
                nodes[index].addresses.append(address)
            } else {
                nodes.append(NodeChoice.Node(peer: peer, addresses: [address]))
            }
        }
        for index in nodes.indices {
            nodes[index].addresses = Array(nodes[index].addresses.prefix(configuration.addressCountMax))
        }
        known = nodes
        beginnings = nodes.shuffled(using: &random)
        walks = []
        for _ in 0..<min(configuration.walkCount, nodes.count) {
            let key = random.bytes(32)
            walks.append(Walk(key: key, target: KademliaKey(hashing: key)))
        }
    }

    /// Takes out a question to ask now, if there is one.
    ///
    /// It has to be reported with ``answered(_:_:at:now:)`` or ``failed(_:)``.
    package mutating func nextQuestion(now: MonotonicInstant) -> Question? {
        guard now < deadline, contacted.count < configuration.contactCountMax else { return nil }
        for index in walks.indices where walks[index].asked == nil {
            guard let node = takeStep(of: index) else { continue }
            contacted.insert(node.peer)
            walks[index].asked = node.peer
            return Question(
                peer: node.peer,
                addresses: node.addresses,
                request: KademliaMessage(.findNode, key: walks[index].key).encoded
            )
        }
        return nil
    }

    /// A peer answered with this message, without its length, at this address.
    package mutating func answered(
        _ question: Question,
        _ answer: [UInt8],
        at address: Multiaddr,
        now: MonotonicInstant
    ) {
        guard let index = walks.firstIndex(where: { $0.asked == question.peer }) else { return }
        guard let message = try? KademliaMessage(decoding: answer, limits: limits), message.kind == .findNode else {
            return failed(question)
        }
        deadline = min(deadline, now.advanced(by: configuration.patience))
        walks[index].asked = nil
        walks[index].answerCount += 1
        let scope = PeerEndpoint(address)?.scope
        for other in message.closerPeers.prefix(configuration.answerPeerCountMax) {
            take(other, from: scope, into: index)
        }
    }

    /// A peer could not be reached, or did not answer what was asked.
    package mutating func failed(_ question: Question) {
        failed.insert(question.peer)
        guard let index = walks.firstIndex(where: { $0.asked == question.peer }) else { return }
        walks[index].asked = nil
    }

    /// Whether there is nothing more to ask or to wait for.
    package func isFinished(now: MonotonicInstant) -> Bool {
        guard now < deadline else { return true }
        guard walks.allSatisfy({ $0.asked == nil }) else { return false }
        return contacted.count >= configuration.contactCountMax || walks.indices.allSatisfy { !canGoOn($0) }
    }

    /// The nodes that were known or found, to be drawn from; those that have not answered yet come last, too.
    package var choice: NodeChoice {
        var random = random
        let unanswered = failed.union(walks.compactMap(\.asked))
        var choice = NodeChoice(seed: random.nextBlock(), unreachable: unanswered)
        choice.add(known.filter { isWanted($0.peer) })
        for walk in walks where !walk.found.isEmpty { choice.add(walk.found) }
        return choice
    }

    private func canGoOn(_ index: Int) -> Bool {
        let walk = walks[index]
        if walk.answerCount == 0 { return beginnings.contains { !contacted.contains($0.peer) } }
        return walk.answerCount < configuration.walkAnswerCountMax
            && walk.waiting.contains { !contacted.contains($0.peer) }
    }

    /// Whom a walk asks next: somebody known until somebody answered, then the nearest that it was told of.
    private mutating func takeStep(of index: Int) -> NodeChoice.Node? {
        if walks[index].answerCount == 0 {
            while let node = beginnings.popLast() {
                if !contacted.contains(node.peer) { return node }
            }
            return nil
        }
        guard walks[index].answerCount < configuration.walkAnswerCountMax else { return nil }
        while !walks[index].waiting.isEmpty {
            let node = walks[index].waiting.removeFirst()
            if !contacted.contains(node.peer) {
                return NodeChoice.Node(peer: node.peer, addresses: addresses(of: node.peer, node.endpoints))
            }
        }
        return nil
    }

    /// Takes in a peer that an answer names.
    private mutating func take(_ other: KademliaMessage.Peer, from scope: AddressScope?, into index: Int) {
        guard !walks[index].found.contains(where: { $0.peer == other.id }) else { return }
        let endpoints = Array(
            other.endpoints.prefix(AddressBookEntry.addressCountMax).filter { policy.accepts($0, from: scope) }
                .prefix(configuration.addressCountMax)
        )
        guard let first = endpoints.first, other.id.ethereumAddress != nil else { return }
        if limitsNetworks, let network = AddressPrefix.network(of: first) {
            guard walks[index].counts[network, default: 0] < configuration.nodeCountPerNetworkMax else { return }
            walks[index].counts[network, default: 0] += 1
        }
        let distance = KademliaKey(other.id).distance(to: walks[index].target)
        let place = walks[index].waiting.firstIndex { distance < $0.distance } ?? walks[index].waiting.count
        walks[index].waiting.insert(Node(peer: other.id, endpoints: endpoints, distance: distance), at: place)
        guard isWanted(other.id) else { return }
        walks[index].found.append(NodeChoice.Node(peer: other.id, addresses: addresses(of: other.id, endpoints)))
    }

    /// Where a peer is: what the file says of a known one comes first, whatever others say.
    private func addresses(of peer: PeerID, _ endpoints: [PeerEndpoint]) -> [Multiaddr] {
        let own = known.first { $0.peer == peer }?.addresses ?? []
        let told = endpoints.map { $0.address.with(peer) }.filter { !own.contains($0) }
        return Array((own + told).prefix(configuration.addressCountMax))
    }
}
