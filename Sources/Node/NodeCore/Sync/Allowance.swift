internal import PeerProtocols

/// What a peer may use: a burst, then a steady rate.
struct Allowance: Sendable {
    private let capacity: Int
    private let nanosecondsPerUnit: Double
    private var left: Int
    private var refilledAt: MonotonicInstant

    /// A full allowance of `capacity` units that gains `perSecond` units a second.
    init(capacity: Int, perSecond: Int, now: MonotonicInstant) {
        self.capacity = capacity
        nanosecondsPerUnit = 1_000_000_000 / Double(max(perSecond, 1))
        left = capacity
        refilledAt = now
    }

    /// Takes units if all of them are there.
    mutating func take(_ count: Int, now: MonotonicInstant) -> Bool {
        refill(now: now)
        guard count <= left else { return false }
        left -= count
        return true
    }

    /// How long until `count` units are there, if nothing is taken meanwhile.
    mutating func delay(until count: Int, now: MonotonicInstant) -> Duration {
        refill(now: now)
        guard count > left else { return .zero }
        return .nanoseconds(Int64(Double(count - left) * nanosecondsPerUnit))
    }

    /// Gives back what was taken and not needed.
    mutating func giveBack(_ count: Int) {
        left = min(capacity, left + max(count, 0))
    }

    private mutating func refill(now: MonotonicInstant) {
        let gained = Double(now.nanoseconds(since: refilledAt)) / nanosecondsPerUnit
        guard gained >= 1 else { return }
        guard gained < Double(capacity - left) else {
            left = capacity
            refilledAt = now
            return
        }
        let whole = gained.rounded(.down)
        left += Int(whole)
        refilledAt = refilledAt.advanced(by: .nanoseconds(Int64(whole * nanosecondsPerUnit)))
    }
}
