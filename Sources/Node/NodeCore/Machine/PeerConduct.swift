internal import Glibc
internal import PeerProtocols

/// What peers did wrong outside gossip: points that fade, the negative of P5.
///
/// Kept when a peer leaves, so that nobody loses a bad name by reconnecting. Bounded: the least points go first.
struct PeerConduct: Sendable {
    private struct Points {
        var value: Double
        var at: MonotonicInstant
    }

    private let parameters: ConductParameters
    private var points: [PeerID: Points] = [:]
    /// Below it a peer has a clean slate.
    private static let pointsMin = 1.0

    init(parameters: ConductParameters) {
        self.parameters = parameters
    }

    /// Peers with points, in the order of their ids.
    var peers: [PeerID] { points.keys.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) } }
    var isEmpty: Bool { points.isEmpty }

    /// The application score of a peer: 0 or less.
    func score(of peer: PeerID, now: MonotonicInstant) -> Double {
        points[peer].map { -value(of: $0, now: now) } ?? 0
    }

    /// A peer misbehaved.
    mutating func note(_ misconduct: Misconduct, of peer: PeerID, now: MonotonicInstant) {
        let present = points[peer].map { value(of: $0, now: now) } ?? 0
        if points[peer] == nil, points.count >= parameters.peerCountMax { evict(now: now) }
        points[peer] = Points(value: present + parameters.points(of: misconduct), at: now)
    }

    /// Forgets what has faded.
    mutating func fade(now: MonotonicInstant) {
        guard !points.isEmpty else { return }
        points = points.filter { value(of: $0.value, now: now) >= Self.pointsMin }
    }

    private mutating func evict(now: MonotonicInstant) {
        let least = points.min { left, right in
            let (a, b) = (value(of: left.value, now: now), value(of: right.value, now: now))
            return a == b ? left.key.bytes.lexicographicallyPrecedes(right.key.bytes) : a < b
        }
        if let least { points[least.key] = nil }
    }

    private func value(of points: Points, now: MonotonicInstant) -> Double {
        let elapsed = Duration.nanoseconds(Int64(clamping: now.nanoseconds(since: points.at)))
        guard parameters.halfLife > .zero else { return 0 }
        return points.value * exp2(-(elapsed / parameters.halfLife))
    }
}

extension ConductParameters {
    fileprivate func points(of misconduct: Misconduct) -> Double {
        switch misconduct {
        case .malformedFrame: malformedFrame
        case .invalidRecord: invalidRecord
        case .falseDigest: falseDigest
        case .stalled: stalled
        case .excess: excess
        case .badPeerRecord: badPeerRecord
        }
    }
}
