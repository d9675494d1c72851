import Foundation
import NIOConcurrencyHelpers
import PeerNetworking
import PeerProtocols
import Testing

/// Takes the events of a host on a thread, and lets tests wait for some of them.
final class EventLog: Sendable {
    let queue: PeerEventQueue
    private let state = NIOLockedValueBox(State())

    private struct State {
        var events: [PeerHostEvent] = []
        var unfinished: [PeerHostEvent] = []
        var isHolding = false
    }

    /// What a test waited for did not happen.
    struct Missing: Error {
        var what = ""
    }

    init(costMax: Int = 32 << 20, assemblyByteCountMax: Int = 64 << 20) {
        let bell = DispatchSemaphore(value: 0)
        queue = PeerEventQueue(costMax: costMax, assemblyByteCountMax: assemblyByteCountMax) { bell.signal() }
        Thread.detachNewThread { [weak self] in
            while true {
                _ = bell.wait(timeout: .now() + 1)
                guard let self else { return }
                take()
            }
        }
    }

    /// Whether events are taken without being handled.
    var isHolding: Bool {
        get { state.withLockedValue(\.isHolding) }
        set {
            let finished = state.withLockedValue { state in
                state.isHolding = newValue
                guard !newValue else { return [PeerHostEvent]() }
                defer { state.unfinished = [] }
                return state.unfinished
            }
            queue.finish(finished)
        }
    }

    /// All events so far.
    var all: [PeerHostEvent] { state.withLockedValue(\.events) }

    private func take() {
        let taken = queue.take(max: .max)
        let finished = state.withLockedValue { state in
            state.events += taken
            guard state.isHolding else { return taken }
            state.unfinished += taken
            return []
        }
        queue.finish(finished)
    }

    /// Waits until `body` finds something in the events so far.
    func first<Found>(
        within duration: Duration = .seconds(10),
        _ body: (PeerHostEvent) -> Found?
    ) async throws -> Found {
        let end = ContinuousClock.now + duration
        while true {
            if let found = all.lazy.compactMap(body).first { return found }
            guard .now < end else { throw Missing() }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Waits until there are `count` messages, and gives those that there are.
    func messages(_ count: Int, within duration: Duration = .seconds(10)) async throws -> [[UInt8]] {
        let end = ContinuousClock.now + duration
        while true {
            let messages = received
            if messages.count >= count { return messages }
            guard .now < end else { throw Missing() }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// The messages so far.
    var received: [[UInt8]] {
        all.compactMap { if case .frame(_, let message) = $0 { message } else { nil } }
    }

    /// Waits for a stream.
    func stream(isInbound: Bool) async throws -> MessageStream {
        try await first { event in
            if case .streamOpened(let stream, _) = event, stream.isInbound == isInbound { stream } else { nil }
        }
    }

    /// Waits for the end of a stream.
    func end(within duration: Duration = .seconds(10)) async throws -> MessageStreamEnd {
        try await first(within: duration) { if case .streamClosed(_, let end) = $0 { end } else { nil } }
    }
}
