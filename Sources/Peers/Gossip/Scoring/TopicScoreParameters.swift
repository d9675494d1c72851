/// What behaviour in one topic is worth (GossipSub v1.1, "Overview of New Parameters"): P1 to P4.
package struct TopicScoreParameters: Sendable {
    /// The topic's share of the whole score.
    package var topicWeight = 1.0

    /// P1, time in mesh: points for each quantum, up to the cap.
    package var timeInMeshWeight = 0.01
    /// P1: the time that makes one point.
    package var timeInMeshQuantum = Duration.seconds(1)
    /// P1: the most points.
    package var timeInMeshCap = 300.0

    /// P2, first deliveries: points for each message that the peer brought first.
    package var firstDeliveriesWeight = 0.5
    /// P2: its decay factor.
    package var firstDeliveriesDecay = ScoreDecay.factor(forgettingIn: .seconds(600))
    /// P2: the most counted deliveries.
    package var firstDeliveriesCap = 100.0

    /// P3, mesh deliveries: weight of the squared deficit; 0 turns P3 off, as it must be where traffic is irregular.
    package var meshDeliveriesWeight = 0.0
    /// P3: its decay factor.
    package var meshDeliveriesDecay = ScoreDecay.factor(forgettingIn: .seconds(120))
    /// P3: the most counted deliveries.
    package var meshDeliveriesCap = 20.0
    /// P3: the deliveries below which there is a deficit.
    package var meshDeliveriesThreshold = 5.0
    /// P3: how long after a message was found valid another copy of it still counts.
    package var meshDeliveriesWindow = Duration.milliseconds(10)
    /// P3: how long a peer is in the mesh before P3 applies.
    package var meshDeliveriesActivation = Duration.seconds(30)

    /// P3b, mesh failures: weight of the deficits with which the peer left the mesh; 0 turns it off.
    package var meshFailureWeight = 0.0
    /// P3b: its decay factor.
    package var meshFailureDecay = ScoreDecay.factor(forgettingIn: .seconds(600))

    /// P4, invalid messages: weight of their squared number.
    package var invalidMessagesWeight = -100.0
    /// P4: its decay factor.
    package var invalidMessagesDecay = ScoreDecay.factor(forgettingIn: .seconds(3_600))

    /// Values for topics of irregular traffic: P3 and P3b are off.
    package init() {}

    /// Whether signs, caps and factors are as the specification asks.
    var isValid: Bool {
        let decays = [firstDeliveriesDecay, meshDeliveriesDecay, meshFailureDecay, invalidMessagesDecay]
        return topicWeight >= 0 && timeInMeshWeight >= 0 && timeInMeshQuantum > .zero && timeInMeshCap >= 0
            && firstDeliveriesWeight >= 0 && firstDeliveriesCap >= 0 && meshDeliveriesWeight <= 0
            && meshDeliveriesThreshold >= 0 && meshDeliveriesCap >= meshDeliveriesThreshold && meshFailureWeight <= 0
            && invalidMessagesWeight <= 0 && decays.allSatisfy { (0..<1).contains($0) }
    }
}
