import Gossip
import PeerProtocols
import Testing

struct PeerScoresTests {
    private let peer = identity(1).id
    private let t = topic("t")
    private let start = MonotonicInstant(nanoseconds: 1_000_000_000_000)

    /// Everything is off but what `change` turns on.
    private func scores(
        _ change: (inout PeerScoreParameters, inout TopicScoreParameters) -> Void
    ) -> PeerScores {
        var parameters = PeerScoreParameters()
        var topic = TopicScoreParameters()
        topic.timeInMeshWeight = 0
        topic.firstDeliveriesWeight = 0
        topic.invalidMessagesWeight = 0
        parameters.behaviourWeight = 0
        parameters.colocationWeight = 0
        parameters.topicScoreCap = 0
        change(&parameters, &topic)
        parameters.topics[t] = topic
        var scores = PeerScores(parameters: parameters, now: start)
        scores.connect(peer, group: nil)
        return scores
    }

    private func after(_ seconds: Int) -> MonotonicInstant { start.advanced(by: .seconds(seconds)) }

    @Test func p1CountsTimeInMeshUpToItsCap() {
        var scores = scores { _, topic in
            topic.timeInMeshWeight = 0.5
            topic.timeInMeshQuantum = .seconds(2)
            topic.timeInMeshCap = 10
        }
        scores.advance(to: after(10))
        #expect(scores.score(of: peer) == 0)
        scores.graft(peer, t, now: after(10))
        scores.advance(to: after(17))
        #expect(scores.score(of: peer) == 1.5)
        scores.advance(to: after(100))
        #expect(scores.score(of: peer) == 5)
        scores.prune(peer, t)
        #expect(scores.score(of: peer) == 0)
    }

    @Test func p2CountsFirstDeliveriesUpToItsCapAndDecays() {
        var scores = scores { _, topic in
            topic.firstDeliveriesWeight = 2
            topic.firstDeliveriesCap = 4
            topic.firstDeliveriesDecay = 0.5
        }
        for _ in 0..<9 { scores.countFirstDelivery(peer, t) }
        #expect(scores.score(of: peer) == 8)
        scores.advance(to: after(2))
        #expect(scores.score(of: peer) == 2)
        scores.advance(to: after(60))
        #expect(scores.score(of: peer) == 0)
        scores.countFirstDelivery(peer, topic("without parameters"))
        #expect(scores.score(of: peer) == 0)
    }

    @Test func p3PenalisesSilentMeshPeersOnceActive() {
        var scores = scores { _, topic in
            topic.meshDeliveriesWeight = -1
            topic.meshDeliveriesThreshold = 4
            topic.meshDeliveriesCap = 8
            topic.meshDeliveriesDecay = 0.999
            topic.meshDeliveriesActivation = .seconds(5)
            topic.meshFailureWeight = -1
            topic.meshFailureDecay = 0.5
        }
        scores.graft(peer, t, now: start)
        scores.advance(to: after(5))
        #expect(scores.score(of: peer) == 0)
        scores.advance(to: after(6))
        #expect(scores.score(of: peer) == -16)
        for _ in 0..<3 { scores.countMeshDelivery(peer, t) }
        #expect(scores.score(of: peer) == -1)
        for _ in 0..<9 { scores.countMeshDelivery(peer, t) }
        #expect(scores.score(of: peer) == 0)
        // P3b: the deficit at the time of pruning sticks.
        scores.prune(peer, t)
        #expect(scores.score(of: peer) == 0)
        var silent = self.scores { _, topic in
            topic.meshDeliveriesThreshold = 4
            topic.meshDeliveriesActivation = .seconds(5)
            topic.meshFailureWeight = -1
            topic.meshFailureDecay = 0.5
        }
        silent.graft(peer, t, now: start)
        silent.advance(to: after(6))
        silent.prune(peer, t)
        #expect(silent.score(of: peer) == -16)
        silent.advance(to: after(7))
        #expect(silent.score(of: peer) == -8)
    }

    @Test func p4IsTheSquareOfInvalidMessages() {
        var scores = scores { _, topic in
            topic.invalidMessagesWeight = -10
            topic.topicWeight = 0.5
        }
        for _ in 0..<3 { scores.countInvalidMessage(peer, t) }
        #expect(scores.score(of: peer) == -45)
    }

    @Test func invalidMessagesCountEverywhere() {
        var scores = scores { parameters, _ in
            parameters.behaviourWeight = -1
            parameters.behaviourThreshold = 0
        }
        scores.countInvalidMessage(peer, topic("without parameters"))
        scores.countInvalidMessage(peer, topic("without parameters"))
        #expect(scores.score(of: peer) == -4)
    }

    @Test func p5IsTheApplications() {
        var scores = scores { parameters, _ in parameters.applicationWeight = 3 }
        scores.setApplicationScore(-2, of: peer)
        #expect(scores.score(of: peer) == -6)
    }

    @Test func p6CountsPeersOfOneAddressBeyondTheThreshold() throws {
        let group = AddressGroup(try #require(IPv4Address("203.0.113.7")))
        let other = AddressGroup(try #require(IPv6Address("2001:db8::1")))
        let sibling = AddressGroup(try #require(IPv6Address("2001:db8::2")))
        let loopback = AddressGroup(try #require(IPv4Address("127.0.0.1")))
        #expect(other == sibling)
        var scores = scores { parameters, _ in
            parameters.colocationWeight = -2
            parameters.colocationThreshold = 2
            parameters.isLoopbackExempt = true
        }
        for number in UInt64(10)..<15 { scores.connect(identity(number).id, group: group) }
        for number in UInt64(20)..<25 { scores.connect(identity(number).id, group: loopback) }
        scores.connect(identity(30).id, group: other)
        #expect(scores.score(of: identity(10).id) == -18)
        #expect(scores.score(of: identity(20).id) == 0)
        #expect(scores.score(of: identity(30).id) == 0)
        // Whoever leaves with a bad score counts until it is forgotten, so that taking turns does not help.
        for number in UInt64(11)..<15 { scores.disconnect(identity(number).id, now: start) }
        #expect(scores.score(of: identity(10).id) == -18)
        scores.advance(to: after(3_601))
        #expect(scores.score(of: identity(10).id) == 0)
    }

    @Test func p7IsTheSquareOfMisbehaviourAboveItsThreshold() {
        var scores = scores { parameters, _ in
            parameters.behaviourWeight = -1
            parameters.behaviourThreshold = 2
            parameters.behaviourDecay = 0.5
        }
        scores.penalize(peer, by: 2)
        #expect(scores.score(of: peer) == 0)
        scores.penalize(peer, by: 4)
        #expect(scores.score(of: peer) == -16)
        scores.advance(to: after(1))
        #expect(scores.score(of: peer) == -1)
        scores.advance(to: after(2))
        #expect(scores.score(of: peer) == 0)
    }

    @Test func topicsTogetherAreCapped() {
        var scores = scores { parameters, topic in
            parameters.topicScoreCap = 7
            topic.firstDeliveriesWeight = 1
        }
        for _ in 0..<50 { scores.countFirstDelivery(peer, t) }
        #expect(scores.score(of: peer) == 7)
        scores.setApplicationScore(1, of: peer)
        #expect(scores.score(of: peer) == 8)
    }

    @Test func badScoresOutliveReconnectionAndGoodOnesDoNot() {
        var scores = scores { parameters, topic in
            parameters.retention = .seconds(100)
            topic.firstDeliveriesWeight = 1
            topic.invalidMessagesWeight = -10
            topic.invalidMessagesDecay = 0.9
        }
        let good = identity(2).id
        scores.connect(good, group: nil)
        for _ in 0..<5 { scores.countFirstDelivery(good, t) }
        scores.countInvalidMessage(peer, t)
        scores.disconnect(good, now: start)
        scores.disconnect(peer, now: start)
        #expect(scores.recordCount == 1)
        // It does not get better while the peer is away.
        scores.advance(to: after(50))
        scores.connect(peer, group: nil)
        scores.connect(good, group: nil)
        #expect(scores.score(of: peer) == -10)
        #expect(scores.score(of: good) == 0)
        scores.disconnect(peer, now: after(50))
        scores.advance(to: after(151))
        scores.connect(peer, group: nil)
        #expect(scores.score(of: peer) == 0)
    }

    /// A good score does not wash faults off that a peer reconnects with, or that are found when it has left.
    @Test func faultsOutliveGoodScores() {
        var scores = scores { parameters, topic in
            topic.firstDeliveriesWeight = 1
            parameters.behaviourWeight = -1
            parameters.behaviourThreshold = 6
        }
        for _ in 0..<5 { scores.countFirstDelivery(peer, t) }
        scores.penalize(peer, by: 6)
        #expect(scores.score(of: peer) == 5)
        scores.disconnect(peer, now: start)
        scores.penalize(peer, by: 1)
        scores.connect(peer, group: nil)
        #expect(scores.score(of: peer) == -1)
    }

    /// When there is no room to remember another, the best of those that are remembered goes, not the worst.
    @Test func theWorstAreRemembered() {
        var scores = scores { parameters, topic in
            parameters.retainedCountMax = 10
            topic.invalidMessagesWeight = -10
        }
        func leave(_ number: UInt64, faults: Int) {
            let stranger = identity(number).id
            scores.connect(stranger, group: nil)
            for _ in 0..<faults { scores.countInvalidMessage(stranger, t) }
            scores.disconnect(stranger, now: start)
        }
        for number in UInt64(100)..<105 { leave(number, faults: 5) }
        for number in UInt64(200)..<300 { leave(number, faults: 1) }
        for number in UInt64(300)..<303 { leave(number, faults: 3) }
        #expect(scores.recordCount == 11)
        for number in [100, 101, 102, 103, 104] as [UInt64] { #expect(scores.score(of: identity(number).id) == -250) }
        for number in [300, 301, 302] as [UInt64] { #expect(scores.score(of: identity(number).id) == -90) }
    }

    /// Merit of any kind is forgotten when the peer leaves, and so is the peer if it did nothing wrong.
    @Test func whoDidNothingWrongIsForgotten() {
        var scores = scores { _, topic in topic.firstDeliveriesWeight = 1 }
        scores.graft(peer, t, now: start)
        for _ in 0..<3 { scores.countFirstDelivery(peer, t) }
        scores.disconnect(peer, now: after(10))
        #expect(scores.recordCount == 0)
    }

    /// Many of one address, each with little to answer for, do not push out what others did.
    @Test func aCrowdDoesNotPushOthersOut() throws {
        let group = AddressGroup(try #require(IPv4Address("203.0.113.7")))
        var scores = scores { parameters, topic in
            parameters.retainedCountMax = 10
            parameters.colocationWeight = -100
            parameters.colocationThreshold = 1
            topic.invalidMessagesWeight = -100
        }
        for _ in 0..<3 { scores.countInvalidMessage(peer, t) }
        scores.disconnect(peer, now: start)
        for number in UInt64(100)..<150 {
            let stranger = identity(number).id
            scores.connect(stranger, group: group)
            scores.countInvalidMessage(stranger, t)
            scores.disconnect(stranger, now: start)
        }
        #expect(scores.recordCount == 10)
        #expect(scores.score(of: peer) == -900)
    }

    @Test func rememberedPeersAreBounded() {
        var scores = scores { parameters, topic in
            parameters.retainedCountMax = 10
            topic.invalidMessagesWeight = -10
        }
        for number in UInt64(100)..<200 {
            let stranger = identity(number).id
            scores.connect(stranger, group: nil)
            scores.countInvalidMessage(stranger, t)
            scores.disconnect(stranger, now: start)
        }
        #expect(scores.recordCount == 11)
    }

    @Test func decayFactorsForgetInTheNamedTime() {
        let factor = ScoreDecay.factor(forgettingIn: .seconds(10), interval: .seconds(1), zero: 0.01)
        let after = (0..<10).reduce(1.0) { value, _ in value * factor }
        #expect(abs(after - 0.01) < 1e-9)
    }
}
