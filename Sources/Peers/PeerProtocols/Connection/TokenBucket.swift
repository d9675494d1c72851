/// Lets through a bounded burst, then a steady rate.
struct TokenBucket {
    private let capacity: Int
    private let nanosecondsPerToken: UInt64
    private var tokens: Int
    private var refilledAt: MonotonicInstant

    /// A full bucket of `capacity` tokens that gains `perSecond` tokens a second.
    init(capacity: Int, perSecond: Int, now: MonotonicInstant) {
        self.capacity = capacity
        nanosecondsPerToken = 1_000_000_000 / UInt64(max(perSecond, 1))
        tokens = capacity
        refilledAt = now
    }

    /// Takes a token if there is one.
    mutating func take(now: MonotonicInstant) -> Bool {
        let gained = now.nanoseconds(since: refilledAt) / nanosecondsPerToken
        if gained > 0 {
            tokens = Int(min(UInt64(capacity), UInt64(tokens) + min(gained, UInt64(capacity))))
            refilledAt = MonotonicInstant(nanoseconds: refilledAt.nanoseconds + gained * nanosecondsPerToken)
        }
        guard tokens > 0 else { return false }
        tokens -= 1
        return true
    }
}
