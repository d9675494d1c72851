internal import PeerProtocols

/// Lets a peer's requests through: a bounded burst, then a steady rate.
struct RequestBudget: Sendable {
    /// Until when the requests let through so far are paid for.
    private var paidUntil: MonotonicInstant

    init(now: MonotonicInstant) {
        paidUntil = now
    }

    /// Takes one request; false if the peer has to wait.
    mutating func take(burst: Int, perSecond: Int, now: MonotonicInstant) -> Bool {
        let cost = Duration.seconds(1) / perSecond
        let start = max(paidUntil, now)
        let end = start.advanced(by: cost)
        guard end <= now.advanced(by: cost * burst) else { return false }
        paidUntil = end
        return true
    }
}
