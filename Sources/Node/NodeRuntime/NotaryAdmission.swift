internal import MPCTLS
internal import NIOConcurrencyHelpers
internal import PeerProtocols

/// Counts running and failed sessions, and decides who gets in.
final class NotaryAdmission: Sendable {
    private struct State {
        var running = 0
        var runningByPeer: [PeerID: Int] = [:]
        var aborts: [PeerID: [ContinuousClock.Instant]] = [:]
    }

    /// The most peers whose aborts are remembered.
    private static let rememberedPeerCountMax = 4096

    private let configuration: NotaryConfiguration
    private let state = NIOLockedValueBox(State())

    init(configuration: NotaryConfiguration) {
        self.configuration = configuration
    }

    /// Sessions that are running.
    var runningCount: Int { state.withLockedValue { $0.running } }

    /// Takes a place, or says why there is none.
    func enter(_ peer: PeerID, now: ContinuousClock.Instant) -> String? {
        state.withLockedValue { state in
            let recent = (state.aborts[peer] ?? []).filter { now - $0 < configuration.abortWindow }
            if !recent.isEmpty { state.aborts[peer] = recent } else { state.aborts[peer] = nil }
            if recent.count >= configuration.abortCountMax {
                return "too many of your sessions failed lately; try again later"
            }
            if state.running >= configuration.sessionCountMax {
                return "busy: \(configuration.sessionCountMax) sessions are running; try again or use another notary"
            }
            if state.runningByPeer[peer, default: 0] >= configuration.sessionCountPerPeerMax {
                return "you have \(configuration.sessionCountPerPeerMax) sessions running, which is the limit"
            }
            state.running += 1
            state.runningByPeer[peer, default: 0] += 1
            return nil
        }
    }

    /// Gives the place back; a refusal by policy came before anything secret, and is no abort.
    func leave(_ peer: PeerID, counting result: Result<some Any, any Error>, now: ContinuousClock.Instant) {
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
            if state.aborts[peer] == nil, state.aborts.count >= Self.rememberedPeerCountMax {
                state.aborts.removeAll()
            }
            state.aborts[peer, default: []].append(now)
        }
    }
}
