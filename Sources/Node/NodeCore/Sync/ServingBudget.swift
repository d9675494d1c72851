internal import PeerProtocols

/// What a node gives all peers together, and each of them its share of that.
///
/// While more than half of the budget is there, whoever asks is given. Of the other half peers get what they saved: each
/// that asks gains an equal part of the rate. So many that ask without end leave the others their parts.
struct ServingBudget: Sendable {
    /// What one peer saved.
    struct Share: Sendable {
        fileprivate var saved: Int
        /// What was taken of it last.
        fileprivate var taken = 0
        fileprivate var refilledAt: MonotonicInstant
    }

    private let capacity: Int
    private let perSecond: Int
    private let shareMax: Int
    private var shared: Allowance

    /// A full budget of `capacity` bytes that gains `perSecond` bytes a second, of which a peer saves `shareMax` at most.
    init(capacity: Int, perSecond: Int, shareMax: Int, now: MonotonicInstant) {
        self.capacity = capacity
        self.perSecond = perSecond
        self.shareMax = shareMax
        shared = Allowance(capacity: capacity, perSecond: perSecond, now: now)
    }

    /// The share of a peer that comes: one answer of `most` bytes.
    func newShare(_ most: Int, now: MonotonicInstant) -> Share { Share(saved: min(most, shareMax), refilledAt: now) }

    /// Takes `count` bytes for a peer, one of `askingCount` that ask at present.
    ///
    /// - Returns: nil, or after what time there may be as much.
    mutating func take(_ count: Int, of share: inout Share, askingCount: Int, now: MonotonicInstant) -> Duration? {
        let rate = max(Double(perSecond) / Double(max(askingCount, 1)), 1)
        let seconds = Double(now.nanoseconds(since: share.refilledAt)) / 1_000_000_000
        let gained = min(seconds * rate, Double(shareMax))
        if gained >= 1 {
            share.saved = min(shareMax, share.saved + Int(gained))
            share.refilledAt = now
        }
        let isPlenty = shared.delay(until: capacity / 2 + count, now: now) == .zero
        guard isPlenty || share.saved >= count else {
            return .nanoseconds(Int64(min(Double(count - share.saved) / rate, 3_600) * 1_000_000_000))
        }
        guard shared.take(count, now: now) else { return shared.delay(until: count, now: now) }
        share.taken = isPlenty ? 0 : count
        share.saved -= share.taken
        return nil
    }

    /// Gives back what was taken for a peer last and not needed.
    mutating func giveBack(_ count: Int, to share: inout Share) {
        shared.giveBack(count)
        share.saved = min(shareMax, share.saved + min(count, share.taken))
    }
}
