package import Attestations
package import CryptoCore
internal import Foundation
package import KeyValueStorage
package import NodeCore
package import PeerNetworking
package import PeerProtocols
package import Records

/// Runs a node: brings events of the network, the store, the clock and other threads to its decisions, one after the
/// other on one thread, and does what they decide.
///
/// The store is written on a second thread; sockets belong to event loops that only move bytes. Nothing waits for a
/// peer, and no queue is without a bound.
package final class NodeLoop: Sendable {
    /// The host whose connections and streams the node uses.
    package let host: PeerHost
    private let inbox: NodeLoopInbox
    private let events: PeerEventQueue
    private let desk = SigningDesk()
    private let committer: StoreCommitter
    private let ending = Ending()

    /// Why a node's loop did not do what it was asked.
    package enum Failure: Error, Hashable, Sendable {
        /// The node stopped, or is about to.
        case stopped
        /// Too many requests wait.
        case busy
    }

    /// Starts a node on a host that neither listens nor has connections yet.
    ///
    /// - Parameters:
    ///   - configuration: How the node behaves; the host says the node's protocol version.
    ///   - host: Of the same key.
    ///   - store: Opened with ``NodeCore/NodeStore/layout(network:)``; closed by whoever opened it, after ``stop(grace:)``.
    ///   - limits: Of the driver itself.
    ///   - seed: What the node's random choices come from; secret.
    ///   - notice: Hears of everything that the node thinks worth telling, on the node's thread; must not wait.
    package init(
        configuration: NodeConfiguration,
        key: Secp256k1PrivateKey,
        host: PeerHost,
        store: any KeyValueStore,
        limits: NodeLoopConfiguration = NodeLoopConfiguration(),
        seed: Block,
        notice: @escaping @Sendable (NodeNotice) -> Void
    ) throws {
        precondition(
            host.configuration.protocolVersion == configuration.protocolVersion,
            "the host tells peers which network the node belongs to"
        )
        let inbox = NodeLoopInbox(requestCountMax: limits.requestCountMax)
        let events = PeerEventQueue { inbox.ring() }
        let machine = try NodeMachine(configuration: configuration, key: key, store: store, seed: seed, now: .now())
        host.report(to: events)
        let committer = StoreCommitter(store: store, configuration: limits) { inbox.post(.store($0)) }
        let start = NodeLoopRun(
            machine: machine,
            traffic: PeerTraffic(
                host: host,
                gossip: configuration.gossip,
                protocols: machine.framedProtocols,
                configuration: limits
            ) { inbox.post(.dialled($0, succeeded: $1)) },
            inbox: inbox,
            events: events,
            committer: committer,
            desk: desk,
            limits: limits,
            notice: notice
        )
        self.host = host
        self.inbox = inbox
        self.events = events
        self.committer = committer
        Thread.detachNewThread { [desk, ending] in
            Thread.current.name = "node"
            var run = start
            run.run()
            desk.close()
            ending.reach()
        }
    }

    /// The node listens at these addresses, which others can reach it at; call once, after the host listens.
    package func start(listening addresses: [Multiaddr]) throws(Failure) {
        guard inbox.request(.event(.started(listening: addresses))) else { throw .busy }
    }

    /// Others reach the node at these addresses from now on; its peers are told.
    package func announce(_ addresses: [Multiaddr]) throws(Failure) {
        guard inbox.request(.event(.listening(addresses))) else { throw ending.isReached ? .stopped : .busy }
    }

    /// Signs an attestation, keeps it and tells everyone; blocks until it is safe in the store.
    @available(*, noasync)
    package func attest(_ header: AttestationHeader, contextText: String?) -> SigningAnswer {
        request { .attestationRequested($0, header, contextText: contextText) }
    }

    /// Asks whether something may be signed; blocks until the intent is safe in the store.
    @available(*, noasync)
    package func permit(_ intent: SigningIntent) -> SigningAnswer {
        request { .signatureRequested($0, intent) }
    }

    /// Looks at the node, between two events.
    ///
    /// - Parameter body: Runs on the node's thread, so it must be quick.
    package func inspect<Result: Sendable>(
        _ body: @escaping @Sendable (NodeMachine, NodeInstant) -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let look = NodeLoopInbox.Look { node in
                guard let node else { return continuation.resume(throwing: Failure.stopped) }
                continuation.resume(returning: body(node.machine, node.now))
            }
            guard !inbox.request(.look(look)) else { return }
            continuation.resume(throwing: ending.isReached ? Failure.stopped : Failure.busy)
        }
    }

    /// The commits that were done, and the writes to the store that they took.
    package var commitStatistics: (commits: Int, groups: Int) { committer.statistics }

    /// Whether the node's thread has ended.
    package var hasEnded: Bool { ending.isReached }

    /// Takes no more sessions and lets those that run end for at most `grace`; then ends the node with what it has begun,
    /// says goodbye, and closes all connections, in a few seconds more.
    package func stop(grace: Duration) async {
        await host.finishSessions(within: grace)
        inbox.post(.stop)
        await ending.wait()
        await host.shutDown(grace: Self.closingTime)
        let stopped = Ending()
        Thread.detachNewThread { [committer] in
            committer.stop()
            stopped.reach()
        }
        await stopped.wait()
    }

    /// How long connections may take to send what waits.
    private static let closingTime = Duration.seconds(2)

    private func request(_ event: (SigningRequestID) -> NodeEvent) -> SigningAnswer {
        guard let id = desk.open() else { return .refused(.storeUnavailable) }
        guard inbox.request(.event(event(id))) else {
            desk.answer(id, .refused(.busy))
            return desk.wait(for: id)
        }
        return desk.wait(for: id)
    }
}
