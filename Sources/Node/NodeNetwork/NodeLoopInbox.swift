internal import Attestations
internal import NodeCore
internal import PeerNetworking
internal import PeerProtocols
internal import Records

/// What other threads tell a node's loop, and what wakes it.
///
/// `@unchecked Sendable`: all mutable state is touched inside `monitor` only.
final class NodeLoopInbox: @unchecked Sendable {
    /// A message to the loop.
    enum Message: Sendable {
        /// What became of commits.
        case store(StoreCommitter.Report)
        /// An attempt to reach a peer ended.
        case dialled(DialQueue.Attempt, succeeded: Bool)
        /// An event for the node, of a thread that waits for what it brings about.
        case event(NodeEvent)
        /// Show the node to somebody.
        case look(Look)
        /// End soon.
        case stop
    }

    /// Somebody who wants to look at the node, once: at nil if the node stops first.
    struct Look: Sendable {
        let body: @Sendable ((machine: NodeMachine, now: NodeInstant)?) -> Void
    }

    private let requestCountMax: Int
    private let monitor = Monitor()
    private var messages: [Message] = []
    private var requestCount = 0
    private var isRung = false
    private var isClosed = false

    /// - Parameter requestCountMax: The requests of other threads that wait; what the loop itself brought about always fits.
    init(requestCountMax: Int) {
        self.requestCountMax = requestCountMax
    }

    /// Tells the loop what it waits for: as often as the loop asked for something, so that the number is bounded.
    func post(_ message: Message) {
        monitor.withLock {
            guard !isClosed else { return }
            messages.append(message)
            monitor.wakeAll()
        }
    }

    /// Asks something of the loop; false if too much waits, or the loop has ended.
    func request(_ message: Message) -> Bool {
        monitor.withLock {
            guard !isClosed, requestCount < requestCountMax else { return false }
            requestCount += 1
            messages.append(message)
            monitor.wakeAll()
            return true
        }
    }

    /// Wakes the loop, because events of the network wait.
    func ring() {
        monitor.withLock {
            isRung = true
            monitor.wakeAll()
        }
    }

    /// Waits until there is something to do, at most until `deadline`, and gives the messages.
    func take(until deadline: MonotonicInstant) -> [Message] {
        monitor.withLock {
            while messages.isEmpty, !isRung {
                guard monitor.wait(until: deadline) else { break }
            }
            isRung = false
            requestCount = 0
            defer { messages = [] }
            return messages
        }
    }

    /// Takes nothing more, and gives what was not taken.
    func close() -> [Message] {
        monitor.withLock {
            isClosed = true
            defer { messages = [] }
            return messages
        }
    }
}
