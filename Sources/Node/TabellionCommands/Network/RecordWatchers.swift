internal import Attestations
internal import Synchronization

/// Tells whoever watches a node of each new record.
final class RecordWatchers: Sendable {
    /// The most at a time.
    static let countMax = 8
    /// Records that may wait for one watcher; it misses further ones, and is told so.
    static let waitingCountMax = 1_024

    enum Event: Sendable {
        case recorded(AttestationID)
        case missed(Int)
    }

    private struct Watcher {
        var continuation: AsyncStream<Event>.Continuation
        var missedCount = 0
    }

    private struct State {
        var watchers: [Int: Watcher] = [:]
        var nextNumber = 0
    }

    private let state = Mutex(State())

    /// New records from now on; nil if there are too many watchers.
    func add() -> AsyncStream<Event>? {
        state.withLock { state in
            guard state.watchers.count < Self.countMax else { return nil }
            let (stream, continuation) = AsyncStream.makeStream(
                of: Event.self,
                bufferingPolicy: .bufferingOldest(Self.waitingCountMax)
            )
            let number = state.nextNumber
            state.nextNumber += 1
            continuation.onTermination = { [weak self] _ in
                self?.state.withLock { state in _ = state.watchers.removeValue(forKey: number) }
            }
            state.watchers[number] = Watcher(continuation: continuation)
            return stream
        }
    }

    /// A record is new and safe.
    func tell(_ id: AttestationID) {
        let watchers = state.withLock { $0.watchers }
        for (number, watcher) in watchers {
            if watcher.missedCount > 0 {
                guard case .enqueued = watcher.continuation.yield(.missed(watcher.missedCount)) else {
                    state.withLock { $0.watchers[number]?.missedCount += 1 }
                    continue
                }
                state.withLock { $0.watchers[number]?.missedCount = 0 }
            }
            if case .dropped = watcher.continuation.yield(.recorded(id)) {
                state.withLock { $0.watchers[number]?.missedCount += 1 }
            }
        }
    }
}
