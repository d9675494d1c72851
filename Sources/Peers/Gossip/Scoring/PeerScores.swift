package import PeerProtocols

/// The scores that this node gives other peers (GossipSub v1.1, "The Score Function").
///
///     score = cap(Σ topicWeight · (w₁P₁ + w₂P₂ + w₃P₃ + w₃b·P₃b + w₄P₄)) + w₅P₅ + w₆P₆ + w₇P₇
///
/// Scores are never told to anyone. Merit is forgotten when the peer leaves, so that nobody can earn it and spend it
/// later; faults are retained, so that nobody loses them by reconnecting, however good the score was.
package struct PeerScores: Sendable {
    private let parameters: PeerScoreParameters
    /// In the order of topics, so that sums of floating-point numbers come out alike in every run.
    private let topics: [(topic: GossipTopic, parameters: TopicScoreParameters)]
    private let topicIndices: [GossipTopic: Int]
    private var records: [PeerID: Record] = [:]
    private var groupCounts: [AddressGroup: Int] = [:]
    private var retainedCount = 0
    private var decayAt: MonotonicInstant

    private struct Record {
        /// When a peer that left is forgotten; nil while it is connected.
        var forgottenAt: MonotonicInstant?
        var group: AddressGroup?
        var application = 0.0
        var behaviour = 0.0
        var topics: [TopicCounters]
    }

    /// No peers yet.
    package init(parameters: PeerScoreParameters, now: MonotonicInstant) {
        self.parameters = parameters
        topics = parameters.topics.keys.sorted().map { ($0, parameters.topics[$0] ?? TopicScoreParameters()) }
        topicIndices = Dictionary(uniqueKeysWithValues: topics.enumerated().map { ($1.topic, $0) })
        decayAt = now.advanced(by: parameters.decayInterval)
    }

    /// The number of peers on record, connected or remembered.
    package var recordCount: Int { records.count }

    /// A peer connected; `group` is nil when its address does not matter.
    package mutating func connect(_ peer: PeerID, group: AddressGroup?, application: Double = 0) {
        var record = records[peer] ?? Record(topics: [TopicCounters](repeating: TopicCounters(), count: topics.count))
        if record.forgottenAt != nil { retainedCount -= 1 }
        count(record.group, -1)
        record.forgottenAt = nil
        record.group = group
        record.application = application
        count(group, 1)
        records[peer] = record
    }

    /// A peer's last connection closed.
    package mutating func disconnect(_ peer: PeerID, now: MonotonicInstant) {
        guard var record = records[peer], record.forgottenAt == nil else { return }
        for index in topics.indices {
            record.topics[index].prune(topics[index].parameters)
            record.topics[index].forgetMerit()
        }
        let isBlank = record.behaviour == 0 && record.application >= 0 && record.topics.allSatisfy(\.isBlank)
        records[peer] = record
        // Whoever left with a bad score counts at its address until it is forgotten, so that taking turns does not help.
        guard !isBlank || score(of: record) < 0, makeRoom(for: peer, record) else {
            count(record.group, -1)
            records[peer] = nil
            return
        }
        retainedCount += 1
        records[peer]?.forgottenAt = now.advanced(by: parameters.retention)
    }

    private func precedes(_ left: PeerID, _ right: PeerID) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    /// Makes room to remember a peer that left; false if all that are remembered did worse.
    ///
    /// By what each did itself, or many of one address with little to answer for would push out all others.
    private mutating func makeRoom(for peer: PeerID, _ record: Record) -> Bool {
        guard retainedCount >= parameters.retainedCountMax else { return true }
        var best: (peer: PeerID, score: Double)?
        for (other, known) in records where known.forgottenAt != nil {
            let score = score(of: known, countsColocation: false)
            // In the order of their ids, so that it does not depend on that of a dictionary.
            if let best, score < best.score || score == best.score && precedes(best.peer, other) { continue }
            best = (other, score)
        }
        guard let best, best.score > score(of: record, countsColocation: false) else { return false }
        count(records[best.peer]?.group, -1)
        records[best.peer] = nil
        retainedCount -= 1
        return true
    }

    /// A peer entered the mesh of a topic.
    package mutating func graft(_ peer: PeerID, _ topic: GossipTopic, now: MonotonicInstant) {
        guard let index = topicIndices[topic] else { return }
        records[peer]?.topics[index].graft(now: now)
    }

    /// A peer left the mesh of a topic.
    package mutating func prune(_ peer: PeerID, _ topic: GossipTopic) {
        guard let index = topicIndices[topic] else { return }
        records[peer]?.topics[index].prune(topics[index].parameters)
    }

    /// A peer brought a valid message first: P2, and P3 if it is in the mesh.
    package mutating func countFirstDelivery(_ peer: PeerID, _ topic: GossipTopic) {
        guard let index = topicIndices[topic] else { return }
        records[peer]?.topics[index].countFirstDelivery(topics[index].parameters)
    }

    /// A peer brought a valid message almost first: P3 if it is in the mesh.
    package mutating func countMeshDelivery(_ peer: PeerID, _ topic: GossipTopic) {
        guard let index = topicIndices[topic] else { return }
        records[peer]?.topics[index].countMeshDelivery(topics[index].parameters)
    }

    /// A peer brought an invalid message: P4, or P7 in a topic without parameters.
    package mutating func countInvalidMessage(_ peer: PeerID, _ topic: GossipTopic) {
        guard let index = topicIndices[topic] else { return penalize(peer, by: 1) }
        records[peer]?.topics[index].countInvalidMessage()
    }

    /// A peer misbehaved, connected or not: P7.
    package mutating func penalize(_ peer: PeerID, by count: Double) {
        records[peer]?.behaviour += count
    }

    /// The application's opinion of a peer: P5.
    package mutating func setApplicationScore(_ score: Double, of peer: PeerID) {
        records[peer]?.application = score
    }

    /// How long after a message of `topic` was found valid a copy counts towards P3.
    func deliveryWindow(_ topic: GossipTopic) -> Duration {
        topicIndices[topic].map { topics[$0].parameters.meshDeliveriesWindow } ?? .zero
    }

    /// The peer's score; 0 for a stranger.
    package func score(of peer: PeerID) -> Double {
        records[peer].map { score(of: $0) } ?? 0
    }

    /// Lets counters decay and forgets peers, as often as the interval asks since the last call.
    package mutating func advance(to now: MonotonicInstant) {
        while decayAt <= now {
            decay(at: decayAt)
            let next = decayAt.advanced(by: parameters.decayInterval)
            guard next > decayAt else { return }
            decayAt = next
        }
    }

    private mutating func decay(at now: MonotonicInstant) {
        var forgotten: [PeerID] = []
        // The order of records does not show: each is changed by itself.
        for index in records.indices {
            if let until = records.values[index].forgottenAt {
                if until <= now { forgotten.append(records.keys[index]) }
                continue
            }
            for topic in topics.indices {
                records.values[index].topics[topic]
                    .decay(topics[topic].parameters, zero: parameters.decayToZero, now: now)
            }
            records.values[index].behaviour = TopicCounters.decayed(
                records.values[index].behaviour,
                by: parameters.behaviourDecay,
                zero: parameters.decayToZero
            )
        }
        for peer in forgotten {
            guard let record = records.removeValue(forKey: peer) else { continue }
            retainedCount -= 1
            count(record.group, -1)
        }
    }

    private func score(of record: Record, countsColocation: Bool = true) -> Double {
        var score = 0.0
        for index in topics.indices {
            score += topics[index].parameters.topicWeight * record.topics[index].score(topics[index].parameters)
        }
        if parameters.topicScoreCap > 0 { score = min(score, parameters.topicScoreCap) }
        score += parameters.applicationWeight * record.application
        if countsColocation, let group = record.group, !isExempt(group) {
            let surplus = Double(max(0, (groupCounts[group] ?? 0) - parameters.colocationThreshold))
            score += parameters.colocationWeight * surplus * surplus
        }
        let misbehaviour = max(0, record.behaviour - parameters.behaviourThreshold)
        return score + parameters.behaviourWeight * misbehaviour * misbehaviour
    }

    private func isExempt(_ group: AddressGroup) -> Bool {
        parameters.isLoopbackExempt && group.isLoopback || parameters.colocationExempt.contains(group)
    }

    private mutating func count(_ group: AddressGroup?, _ change: Int) {
        guard let group else { return }
        let count = (groupCounts[group] ?? 0) + change
        groupCounts[group] = count > 0 ? count : nil
    }
}
