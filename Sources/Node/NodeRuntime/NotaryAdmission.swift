internal import MPCTLS
internal import NIOConcurrencyHelpers
package import PeerProtocols

/// Counts running and failed sessions, and decides who gets in.
package final class NotaryAdmission: Sendable {
    private struct State {
        var running = 0
        var runningByPeer: [PeerID: Int] = [:]
        var aborts: [PeerID: [ContinuousClock.Instant]] = [:]
    }

    /// The most peers whose aborts are remembered, unless a test says otherwise.
    package static let rememberedPeerCountMax = 4096

    private let configuration: NotaryConfiguration
    private let rememberedPeerCountMax: Int
    private let state = NIOLockedValueBox(State())

    /// - Parameter rememberedPeerCountMax: for the aborts of one peer more, the one is forgotten whose last abort is the
    ///   longest ago.
    package init(
        configuration: NotaryConfiguration,
        rememberedPeerCountMax: Int = NotaryAdmission.rememberedPeerCountMax
    ) {
        self.configuration = configuration
        self.rememberedPeerCountMax = rememberedPeerCountMax
    }

    /// Sessions that are running.
    package var runningCount: Int { state.withLockedValue { $0.running } }

    /// Peers whose aborts are remembered.
    package var rememberedPeerCount: Int { state.withLockedValue { $0.aborts.count } }

    /// Takes a place, or says why there is none.
    package func enter(_ peer: PeerID, now: ContinuousClock.Instant) -> String? {
        state.withLockedValue { state in
            let recent = (state.aborts[peer] ?? []).filter { now - $0 < configuration.abortWindow }
            if !recent.isEmpty { state.aborts[peer] = recent } else { state.aborts[peer] = nil }
            if recent.count >= configuration.abortCountMax {
                return "too many of your sessions failed lately; try again later"
            }
            if state.running >= configuration.sessionCountMax {
                return "busy: \(configuration.sessionCountMax) sessions are running; try again or use another notary"
            }
            let share = configuration.sessionCountPerPeer
            if state.runningByPeer[peer, default: 0] >= share {
                return "you have \(share) sessions running, which is the limit for one peer"
            }
            state.running += 1
            state.runningByPeer[peer, default: 0] += 1
            return nil
        }
    }

    /// Gives the place back; a refusal by policy came before anything secret, and is no abort.
    package func leave(_ peer: PeerID, counting result: Result<some Any, any Error>, now: ContinuousClock.Instant) {
        var aborted = true
        switch result {
        case .success: aborted = false
        case .failure(let error):
            if case .refusedByPolicy = error as? MPCTLSError { aborted = false }
        }
        leave(peer, aborted: aborted, now: now)
    }

    private func leave(_ peer: PeerID, aborted: Bool, now: ContinuousClock.Instant) {
        state.withLockedValue { state in
            state.running -= 1
            state.runningByPeer[peer, default: 1] -= 1
            if state.runningByPeer[peer] == 0 { state.runningByPeer[peer] = nil }
            guard aborted else { return }
            if state.aborts[peer] == nil, state.aborts.count >= rememberedPeerCountMax {
                // Forgetting everybody would let whoever fails under enough names wipe its own slate, too.
                let oldest = state.aborts.min { ($0.value.last ?? now) < ($1.value.last ?? now) }
                if let oldest { state.aborts[oldest.key] = nil }
            }
            state.aborts[peer, default: []].append(now)
        }
    }
}
