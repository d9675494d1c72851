internal import PeerProtocols

/// What one peer did in one topic: the counters behind P1 to P4.
struct TopicCounters: Sendable {
    private(set) var graftedAt: MonotonicInstant?
    private(set) var timeInMesh = Duration.zero
    private var isMeshDeliveryActive = false
    private(set) var firstDeliveries = 0.0
    private(set) var meshDeliveries = 0.0
    private(set) var meshFailures = 0.0
    private(set) var invalidMessages = 0.0

    /// Whether nothing is on record.
    var isBlank: Bool {
        graftedAt == nil && firstDeliveries == 0 && meshDeliveries == 0 && meshFailures == 0 && invalidMessages == 0
    }

    mutating func graft(now: MonotonicInstant) {
        graftedAt = now
        timeInMesh = .zero
        isMeshDeliveryActive = false
    }

    /// The peer leaves the mesh; a deficit of deliveries sticks to it.
    mutating func prune(_ parameters: TopicScoreParameters) {
        guard graftedAt != nil else { return }
        let deficit = deficit(parameters)
        meshFailures += deficit * deficit
        graftedAt = nil
        timeInMesh = .zero
        isMeshDeliveryActive = false
    }

    mutating func countFirstDelivery(_ parameters: TopicScoreParameters) {
        firstDeliveries = min(firstDeliveries + 1, parameters.firstDeliveriesCap)
        countMeshDelivery(parameters)
    }

    mutating func countMeshDelivery(_ parameters: TopicScoreParameters) {
        guard graftedAt != nil else { return }
        meshDeliveries = min(meshDeliveries + 1, parameters.meshDeliveriesCap)
    }

    mutating func countInvalidMessage() {
        invalidMessages += 1
    }

    /// A peer that comes back starts without merit, but not without faults.
    mutating func forgetMerit() {
        firstDeliveries = 0
        meshDeliveries = 0
    }

    mutating func decay(_ parameters: TopicScoreParameters, zero: Double, now: MonotonicInstant) {
        firstDeliveries = Self.decayed(firstDeliveries, by: parameters.firstDeliveriesDecay, zero: zero)
        meshDeliveries = Self.decayed(meshDeliveries, by: parameters.meshDeliveriesDecay, zero: zero)
        meshFailures = Self.decayed(meshFailures, by: parameters.meshFailureDecay, zero: zero)
        invalidMessages = Self.decayed(invalidMessages, by: parameters.invalidMessagesDecay, zero: zero)
        if let graftedAt {
            timeInMesh = .nanoseconds(Int64(clamping: now.nanoseconds(since: graftedAt)))
            if timeInMesh > parameters.meshDeliveriesActivation { isMeshDeliveryActive = true }
        }
    }

    /// Σ wᵢPᵢ of this topic, without the topic's weight.
    func score(_ parameters: TopicScoreParameters) -> Double {
        var score = 0.0
        if graftedAt != nil {
            let quanta = (timeInMesh / parameters.timeInMeshQuantum).rounded(.down)
            score += parameters.timeInMeshWeight * min(quanta, parameters.timeInMeshCap)
        }
        score += parameters.firstDeliveriesWeight * firstDeliveries
        let deficit = deficit(parameters)
        score += parameters.meshDeliveriesWeight * deficit * deficit
        score += parameters.meshFailureWeight * meshFailures
        score += parameters.invalidMessagesWeight * invalidMessages * invalidMessages
        return score
    }

    private func deficit(_ parameters: TopicScoreParameters) -> Double {
        isMeshDeliveryActive ? max(0, parameters.meshDeliveriesThreshold - meshDeliveries) : 0
    }

    /// `value` after one decay interval.
    static func decayed(_ value: Double, by factor: Double, zero: Double) -> Double {
        let decayed = value * factor
        return decayed < zero ? 0 : decayed
    }
}
