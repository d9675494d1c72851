internal import NIOConcurrencyHelpers
internal import PeerProtocols

/// Reads what a peer says of itself, without a thread, and reports it once.
final class IdentifyReader: StreamEndpoint {
    private struct State {
        var input = ByteQueue()
        var isDone = false
        var requests = StreamRequests()
    }

    private let connection: PeerConnection
    private let isPush: Bool
    private let events: PeerEventQueue
    private let end: MonotonicInstant
    private let state = NIOLockedValueBox(State())

    /// For the stream of a connection on which the peer answers within `timeout`, or tells something without being
    /// asked.
    init(connection: PeerConnection, isPush: Bool, events: PeerEventQueue, timeout: Duration, now: MonotonicInstant) {
        self.connection = connection
        self.isPush = isPush
        self.events = events
        end = now.advanced(by: timeout)
    }

    // A message is shorter than the window of a new stream, so the peer never gets credit for more.
    var windowByteCountMax: Int { 0 }
    var isDrained: Bool { true }
    var deadline: MonotonicInstant? { state.withLockedValue { $0.isDone ? nil : end } }

    func deliver(_ bytes: [UInt8], now: MonotonicInstant) -> Bool {
        state.withLockedValue { state in
            guard !state.isDone else { return false }
            state.input.append(bytes)
            do throws(IdentifyError) {
                guard let message = try IdentifyMessage.take(from: &state.input) else { return false }
                if let key = message.publicKey, PeerID(publicKey: key) != connection.remotePeer {
                    report(&state, .failure(.wrongKey))
                } else {
                    report(&state, .success(message))
                }
            } catch {
                report(&state, .failure(.malformed))
            }
            return true
        }
    }

    func deliverEnd(now: MonotonicInstant) -> Bool {
        state.withLockedValue { report(&$0, .failure($0.input.isEmpty ? .notAvailable : .malformed)) }
    }

    func fail(_ error: StreamError, voidsInput: Bool) {
        state.withLockedValue { _ = report(&$0, .failure(.notAvailable)) }
    }

    func takeRequests(now: MonotonicInstant) -> StreamRequests {
        state.withLockedValue { state in
            defer { state.requests = StreamRequests() }
            return state.requests
        }
    }

    func takeOutput(max: Int, now: MonotonicInstant) -> StreamOutput {
        StreamOutput(bytes: [], hasMore: false, closes: true)
    }

    func expire(now: MonotonicInstant) -> Bool {
        state.withLockedValue { state in
            guard end <= now else { return false }
            return report(&state, .failure(.timedOut))
        }
    }

    func drain() {}

    /// Reports the first result, after which the stream has no use; true if it was the first.
    @discardableResult
    private func report(_ state: inout State, _ result: Result<IdentifyMessage, IdentifyFailure>) -> Bool {
        guard !state.isDone else { return false }
        state.isDone = true
        if case .success = result { state.requests.abandons = true } else { state.requests.resets = true }
        state.input = ByteQueue()
        switch result {
        case .success(let message) where isPush: events.append(.identifiedAgain(connection, message))
        // A message that nobody asked for and nobody understands says nothing.
        case .failure where isPush: break
        default: events.append(.identified(connection, result))
        }
        return true
    }
}
