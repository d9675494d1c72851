/// What the behaviour of a peer as a whole is worth (GossipSub v1.1, "Overview of New Parameters"): P5 to P7.
package struct PeerScoreParameters: Sendable {
    /// The topics that count; behaviour in others does not.
    package var topics: [GossipTopic: TopicScoreParameters] = [:]
    /// The most that all topics together can add; 0 for no cap.
    package var topicScoreCap = 100.0

    /// P5: weight of the score that the application gives.
    package var applicationWeight = 1.0

    /// P6: weight of the squared surplus of peers in one address group.
    package var colocationWeight = -100.0
    /// P6: the number of peers in one address group that costs nothing.
    package var colocationThreshold = 5
    /// P6: address groups in which any number is free.
    package var colocationExempt: Set<AddressGroup> = []
    /// P6: whether loopback addresses are exempt, for networks on one machine.
    package var isLoopbackExempt = false

    /// P7: weight of the squared surplus of misbehaviour.
    package var behaviourWeight = -10.0
    /// P7: the misbehaviour that costs nothing, because races make honest peers look bad at times.
    package var behaviourThreshold = 6.0
    /// P7: its decay factor.
    package var behaviourDecay = ScoreDecay.factor(forgettingIn: .seconds(600))

    /// How often counters decay.
    package var decayInterval = Duration.seconds(1)
    /// The value below which a counter is zero.
    package var decayToZero = 0.01
    /// How long the score of a peer that left is remembered, unless it is positive.
    package var retention = Duration.seconds(3_600)
    /// The most peers that left and are remembered.
    package var retainedCountMax = 4_096

    /// The defaults of Tabellion, without any topic.
    package init() {}

    /// Whether signs, caps and factors are as the specification asks.
    var isValid: Bool {
        topics.values.allSatisfy(\.isValid) && topicScoreCap >= 0 && applicationWeight >= 0 && colocationWeight <= 0
            && colocationThreshold >= 1 && behaviourWeight <= 0 && behaviourThreshold >= 0
            && (0..<1).contains(behaviourDecay) && decayInterval > .zero && decayToZero >= 0 && retainedCountMax >= 0
    }
}
