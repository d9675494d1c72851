internal import Foundation
internal import PeerNetworking
internal import PeerProtocols

/// Connects to nodes, each on a thread of its own: who begins late may arrive first.
///
/// `@unchecked Sendable`: all mutable state is touched inside `monitor` only.
final class NodeRace: @unchecked Sendable {
    /// A connection to a node and where it is.
    typealias Reached = (connection: PeerConnection, address: Multiaddr)

    private let monitor = Monitor()
    private var arrived: [Result<Reached, any Error>] = []
    private var running = 0
    private var isOver = false

    /// The nodes that are on their way or have arrived.
    var count: Int { monitor.withLock { running + arrived.count } }

    /// Begins to connect to one more node.
    func begin(_ connect: @escaping @Sendable () throws -> Reached) {
        monitor.withLock { running += 1 }
        Thread.detachNewThread { self.finish(Result { try connect() }) }
    }

    /// Waits for the next to arrive or to fail; nil if none has until `deadline`.
    func next(until deadline: MonotonicInstant) -> Result<Reached, any Error>? {
        monitor.withLock {
            while arrived.isEmpty, monitor.wait(until: deadline) {}
            return arrived.isEmpty ? nil : arrived.removeFirst()
        }
    }

    /// Nobody waits any more: whoever arrives is sent away.
    func end() {
        let unused = monitor.withLock {
            isOver = true
            defer { arrived = [] }
            return arrived
        }
        for case .success(let reached) in unused { reached.connection.close() }
    }

    private func finish(_ result: Result<Reached, any Error>) {
        let isLate = monitor.withLock {
            running -= 1
            if !isOver { arrived.append(result) }
            monitor.wakeAll()
            return isOver
        }
        if isLate, case .success(let reached) = result { reached.connection.close() }
    }
}
