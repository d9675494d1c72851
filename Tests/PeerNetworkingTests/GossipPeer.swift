import CryptoCore
import Foundation
import Gossip
import NIOConcurrencyHelpers
import PeerNetworking
import PeerProtocols
import Testing

/// A host with a bare gossip router on a thread, which accepts any message: what a node is made of, without records.
///
/// `@unchecked Sendable`: the router and its streams are touched inside `monitor` only.
final class GossipPeer: @unchecked Sendable {
    let host: PeerHost
    let topic: GossipTopic
    private let events: PeerEventQueue
    private let monitor = Monitor()
    /// Apart from `monitor`, which is held while streams are used.
    private let bell = DispatchSemaphore(value: 0)
    private var router: GossipRouter
    private var outputs: [PeerID: (stream: MessageStream, outbox: GossipOutbox, held: [UInt8]?)] = [:]
    /// What peers said before the own stream to them was open.
    private var early: [PeerID: [GossipRPC]] = [:]
    private var messages: [GossipMessage] = []
    private var isStopped = false

    /// - Parameter change: Of the router's configuration.
    init(
        _ number: UInt8,
        topic name: String,
        versions: [GossipVersion] = GossipVersion.proposals,
        _ change: (inout GossipConfiguration) -> Void = { _ in }
    ) throws {
        topic = try #require(GossipTopic(name))
        var configuration = GossipConfiguration()
        configuration.scoring.isLoopbackExempt = true
        configuration.scoring.topics[topic] = TopicScoreParameters()
        change(&configuration)
        let identity = try HostPair.identity(number)
        router = try GossipRouter(
            identity: identity,
            configuration: configuration,
            seed: Block(UInt64(number), 1),
            firstSequenceNumber: UInt64(Date().timeIntervalSince1970 * 1e9),
            now: .now()
        )
        var hostConfiguration = PeerHostConfiguration()
        hostConfiguration.agentVersion = "tabellion/test"
        host = PeerHost(identity: identity, configuration: hostConfiguration)
        events = PeerEventQueue { [bell] in bell.signal() }
        host.report(to: events)
        for version in versions {
            let name = try #require(ProtocolName(version.rawValue))
            host.carry(MessageProtocol(name, frameByteCountMax: configuration.limits.rpcByteCountMax))
        }
        proposals = versions.compactMap { ProtocolName($0.rawValue) }
        monitor.withLock { perform(router.join(topic, now: .now())) }
        Thread.detachNewThread { [weak self] in
            while let self, !self.turn() {}
        }
    }

    private let proposals: [ProtocolName]

    /// Listens on the loopback interface.
    func listen() async throws -> Multiaddr {
        try await host.listen(on: try Multiaddr("/ip4/127.0.0.1/tcp/0"))
    }

    func stop() async {
        monitor.withLock { isStopped = true }
        await host.shutDown(grace: .milliseconds(500))
    }

    func publish(_ data: [UInt8]) throws {
        try monitor.withLock { perform(try router.publish(data, to: topic, now: .now()).effects) }
    }

    func score(of peer: PeerID) -> Double { monitor.withLock { router.score(of: peer) } }
    var statistics: GossipStatistics { monitor.withLock { router.statistics } }
    var received: [GossipMessage] { monitor.withLock { messages } }
    var mesh: [PeerID] { monitor.withLock { router.mesh(of: topic) ?? [] } }
    var peers: [PeerID] { monitor.withLock { router.connectedPeers } }

    /// Waits until `condition` holds.
    func wait(
        within duration: Duration = .seconds(15),
        line: Int = #line,
        _ condition: (GossipPeer) -> Bool
    ) async throws {
        let end = ContinuousClock.now + duration
        while !condition(self) {
            guard .now < end else { throw EventLog.Missing(what: "line \(line), \(statistics)") }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func turn() -> Bool {
        if events.isEmpty { _ = bell.wait(timeout: .now() + .milliseconds(50)) }
        return monitor.withLock {
            let batch = events.take(max: 64)
            for event in batch { handle(event) }
            events.finish(batch)
            perform(router.advance(to: .now()))
            return isStopped
        }
    }

    private func handle(_ event: PeerHostEvent) {
        switch event {
        case .identified(let connection, _): connection.openMessages(proposals, tag: 0)
        case .streamOpened(let stream, 0):
            guard let version = GossipVersion(rawValue: stream.protocolName.description) else { return }
            outputs[stream.remotePeer] = (stream, GossipOutbox(), nil)
            perform(
                router.connect(
                    stream.remotePeer,
                    version: version,
                    isOutbound: stream.connection.role == .dialer,
                    group: nil,
                    now: .now()
                )
            )
            for rpc in early.removeValue(forKey: stream.remotePeer) ?? [] {
                perform(router.receive(rpc, from: stream.remotePeer, now: .now()))
            }
        case .frame(let stream, let bytes):
            do {
                let rpc = try GossipRPC(decoding: bytes, limits: router.configuration.limits)
                guard outputs[stream.remotePeer] != nil else {
                    early[stream.remotePeer, default: []].append(rpc)
                    return
                }
                perform(router.receive(rpc, from: stream.remotePeer, now: .now()))
            } catch {
                stream.reset()
                perform(router.reportMalformedStream(of: stream.remotePeer, now: .now()))
            }
        case .streamClosed(let stream, let end) where end.isMisbehaviour:
            perform(router.reportMalformedStream(of: stream.remotePeer, now: .now()))
        case .writable(let stream): pump(stream.remotePeer)
        case .disconnected(let connection, _):
            outputs[connection.remotePeer] = nil
            router.disconnect(connection.remotePeer, now: .now())
        default: break
        }
    }

    private func perform(_ effects: [GossipEffect]) {
        for effect in effects {
            switch effect {
            case .send(let rpc, let peer):
                _ = outputs[peer]?.outbox.append(rpc)
                pump(peer)
            case .validate(let message, let id, _):
                messages.append(message)
                perform(router.report(.accept, of: id, now: .now()))
            case .disconnect(let peer, _):
                for connection in host.connections where connection.remotePeer == peer {
                    connection.close(gracefully: false)
                }
            case .connect: break
            }
        }
    }

    private func pump(_ peer: PeerID) {
        while let message = outputs[peer]?.held ?? outputs[peer]?.outbox.next()?.encoded {
            outputs[peer]?.held = nil
            guard outputs[peer]?.stream.send(message) == .full else { continue }
            outputs[peer]?.held = message
            return
        }
    }
}
