internal import NIOConcurrencyHelpers

/// The events of a host on their way from the event loops to the one thread that handles them.
///
/// Bounded without ever making an event loop wait: a stream with too many unhandled messages is read no further, and
/// beyond the bound for all events together no message is cut from any stream, and peers can open neither connections
/// nor streams. Ends of what was begun always fit, as there is one for each beginning.
package final class PeerEventQueue: Sendable {
    private struct State {
        var events: [PeerHostEvent] = []
        var head = 0
        var cost = 0
    }

    let memory: FrameMemory
    private let costMax: Int
    private let wake: @Sendable () -> Void
    private let state = NIOLockedValueBox(State())

    /// An empty queue.
    ///
    /// - Parameters:
    ///   - costMax: The bytes of unhandled messages, each counted with some 256 bytes more.
    ///   - assemblyByteCountMax: The bytes of long messages that have not arrived in full.
    ///   - wake: Called, on any thread, when there is something to take after there was nothing; must not wait, not even
    ///     for a lock that somebody holds while using a stream.
    package init(
        costMax: Int = 32 << 20,
        assemblyByteCountMax: Int = 64 << 20,
        wake: @escaping @Sendable () -> Void
    ) {
        self.costMax = costMax
        self.wake = wake
        memory = FrameMemory(byteCountMax: assemblyByteCountMax)
    }

    /// The oldest events, at most `max`; each batch is given to ``finish(_:)`` when it was handled.
    package func take(max: Int) -> [PeerHostEvent] {
        state.withLockedValue { state in
            let end = min(state.events.count, state.head + max)
            let taken = Array(state.events[state.head..<end])
            state.head = end
            if state.head == state.events.count {
                state.events.removeAll(keepingCapacity: state.events.capacity <= 4096)
                state.head = 0
            } else if state.head >= 1024, state.head >= state.events.count / 2 {
                state.events.removeFirst(state.head)
                state.head = 0
            }
            return taken
        }
    }

    /// These events were handled: their streams may be read on.
    package func finish(_ events: [PeerHostEvent]) {
        let cost = events.reduce(0) { $0 + $1.cost }
        state.withLockedValue { $0.cost -= cost }
        for case .frame(let stream, let message) in events {
            stream.handled(PeerHostEvent.frame(stream, message).cost)
        }
    }

    /// Whether nothing waits.
    package var isEmpty: Bool { state.withLockedValue { $0.head == $0.events.count } }

    /// What the unhandled events count for.
    package var cost: Int { state.withLockedValue { $0.cost } }

    /// Whether something new may begin.
    var hasRoom: Bool { state.withLockedValue { $0.cost < costMax } }

    /// Adds an event.
    func append(_ event: PeerHostEvent) {
        let wakes = state.withLockedValue { state in
            state.events.append(event)
            state.cost += event.cost
            return state.events.count == state.head + 1
        }
        if wakes { wake() }
    }
}
