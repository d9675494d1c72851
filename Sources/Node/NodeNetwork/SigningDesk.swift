internal import NodeCore
internal import PeerNetworking
internal import PeerProtocols

/// Where threads that want something signed wait for the answer.
///
/// `@unchecked Sendable`: all mutable state is touched inside `monitor` only.
final class SigningDesk: @unchecked Sendable {
    private let monitor = Monitor()
    private var waiting: Set<SigningRequestID> = []
    private var answers: [SigningRequestID: SigningAnswer] = [:]
    private var requestCount: UInt64 = 0
    private var isClosed = false

    /// A name for a request that will be answered; nil after the node stopped.
    func open() -> SigningRequestID? {
        monitor.withLock {
            guard !isClosed else { return nil }
            requestCount += 1
            let id = SigningRequestID(number: requestCount)
            waiting.insert(id)
            return id
        }
    }

    /// Waits for the answer to a request.
    func wait(for id: SigningRequestID) -> SigningAnswer {
        monitor.withLock {
            while waiting.contains(id) { _ = monitor.wait(until: nil) }
            return answers.removeValue(forKey: id) ?? .refused(.storeUnavailable)
        }
    }

    /// Answers a request.
    func answer(_ id: SigningRequestID, _ answer: SigningAnswer) {
        monitor.withLock {
            guard waiting.remove(id) != nil else { return }
            answers[id] = answer
            monitor.wakeAll()
        }
    }

    /// The requests that wait for an answer.
    var waitingCount: Int { monitor.withLock { waiting.count } }

    /// Refuses all that wait and all that follow.
    func close() {
        monitor.withLock {
            isClosed = true
            waiting = []
            monitor.wakeAll()
        }
    }
}
