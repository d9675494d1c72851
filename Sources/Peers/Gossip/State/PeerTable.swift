internal import PeerProtocols

/// The connected peers, and which topics they joined.
struct PeerTable: Sendable {
    private(set) var all = PeerSet()
    private var numbers: [PeerID: PeerNumber] = [:]
    private var states: [PeerNumber: PeerState] = [:]
    private var members: [GossipTopic: PeerSet] = [:]
    private var next: UInt64 = 0

    func number(of id: PeerID) -> PeerNumber? { numbers[id] }

    /// The state of a connected peer.
    subscript(_ peer: PeerNumber) -> PeerState? {
        get { states[peer] }
        _modify { yield &states[peer] }
    }

    /// The peers that joined a topic.
    func members(of topic: GossipTopic) -> PeerSet { members[topic] ?? PeerSet() }

    mutating func insert(_ state: PeerState) -> PeerNumber {
        let number = PeerNumber(value: next)
        next += 1
        numbers[state.id] = number
        states[number] = state
        all.insert(number)
        return number
    }

    mutating func remove(_ peer: PeerNumber) -> PeerState? {
        guard let state = states.removeValue(forKey: peer) else { return nil }
        numbers[state.id] = nil
        all.remove(peer)
        for topic in state.topics { leaveIndex(peer, topic) }
        return state
    }

    /// A peer joins a topic; false if it would have more than `countMax`.
    mutating func join(_ peer: PeerNumber, _ topic: GossipTopic, countMax: Int) -> Bool {
        guard let topics = states[peer]?.topics else { return true }
        if topics.contains(topic) { return true }
        guard topics.count < countMax else { return false }
        states[peer]?.topics.insert(topic)
        members[topic, default: PeerSet()].insert(peer)
        return true
    }

    mutating func leave(_ peer: PeerNumber, _ topic: GossipTopic) {
        guard states[peer]?.topics.remove(topic) != nil else { return }
        leaveIndex(peer, topic)
    }

    private mutating func leaveIndex(_ peer: PeerNumber, _ topic: GossipTopic) {
        members[topic]?.remove(peer)
        if members[topic]?.isEmpty == true { members[topic] = nil }
    }
}
