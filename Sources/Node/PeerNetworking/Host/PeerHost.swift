internal import Glibc
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix
package import PeerProtocols

/// A libp2p host on TCP, Noise and yamux: it listens, dials, and carries streams.
///
/// Sessions have handlers on threads of their own. Streams of messages, of which there are many for a long time, have
/// none: what happens on them goes to one ``PeerEventQueue``. Identify and ping are answered by the host itself. All
/// limits are in ``PeerHostConfiguration``; whoever exceeds one is refused at once and costs nothing further.
package final class PeerHost: Sendable {
    /// Runs a stream of a peer to its end, on a thread of its own that it may block; afterwards the stream is closed.
    package typealias StreamHandler = @Sendable (PeerStream) -> Void

    /// Who this host is.
    package let identity: PeerIdentity
    /// The limits that it was made with.
    package let configuration: PeerHostConfiguration
    let staticKey: NoisePrivateKey
    let group: any EventLoopGroup
    let state = NIOLockedValueBox(State())

    struct State {
        var handlers: [ProtocolName: StreamHandler] = [:]
        var listeners: [(channel: any Channel, address: Multiaddr)] = []
        var counts = ConnectionCounts()
        /// Those of peers whose handshake is not finished.
        var handshakes: [UInt64: any Channel] = [:]
        var connections: [ObjectIdentifier: PeerConnection] = [:]
        var sessionThreadCount = 0
        var takesSessions = true
        var isShutDown = false
        var messageProtocols: [ProtocolName: MessageProtocol] = [:]
        var events: PeerEventQueue?
        var signedPeerRecord: [UInt8]?
        var announcedAddresses: [Multiaddr]?
        /// Those that there ever were.
        var connectionCount: UInt64 = 0
        var protocols: Set<ProtocolName> = [.identify, .ping]
    }

    /// A host that does nothing yet.
    package init(identity: PeerIdentity, configuration: PeerHostConfiguration = PeerHostConfiguration()) {
        self.identity = identity
        self.configuration = configuration
        staticKey = Self.randomNoiseKey()
        group = MultiThreadedEventLoopGroup.singleton
    }

    /// Handles the streams that peers open for `name` with `handler`, from now on and on every connection.
    ///
    /// Identify and ping cannot be replaced.
    package func handle(_ name: ProtocolName, _ handler: @escaping StreamHandler) {
        precondition(
            ![.identify, .identifyPush, .ping].contains(name),
            "the host answers identify and ping itself"
        )
        state.withLockedValue { state in
            precondition(state.messageProtocols[name] == nil, "a protocol has one handler")
            state.handlers[name] = handler
            state.protocols.insert(name)
        }
    }

    /// The open connections.
    package var connections: [PeerConnection] { state.withLockedValue { Array($0.connections.values) } }

    /// Takes no more connections and sessions from peers, and returns when the sessions that run are over, or after
    /// `grace`; connections and their streams of messages stay.
    package func finishSessions(within grace: Duration) async {
        let listeners = state.withLockedValue { state in
            defer { state.listeners = [] }
            state.takesSessions = false
            return state.listeners.map(\.channel)
        }
        for listener in listeners { try? await listener.close() }
        let end = MonotonicInstant.now().advanced(by: grace)
        while state.withLockedValue({ $0.sessionThreadCount > 0 }), .now() < end {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Takes no more connections and streams, lets the running streams end for at most `grace`, then closes everything.
    package func shutDown(grace: Duration = .seconds(10)) async {
        let (listeners, connections) = beginShutDown()
        for listener in listeners { try? await listener.close() }
        for connection in connections { connection.close(gracefully: true) }
        let forced = Task {
            try await Task.sleep(for: grace)
            for connection in connections { connection.close(gracefully: false) }
        }
        for connection in connections { _ = await connection.closed() }
        forced.cancel()
    }

    private func beginShutDown() -> ([any Channel], [PeerConnection]) {
        state.withLockedValue { state in
            defer { state.listeners = [] }
            state.isShutDown = true
            return (state.listeners.map(\.channel), Array(state.connections.values))
        }
    }

    /// A fresh key of the system's generator.
    static func randomNoiseKey() -> NoisePrivateKey {
        var generator = SystemRandomNumberGenerator()
        var bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        defer { bytes.withUnsafeMutableBytes { if let base = $0.baseAddress { explicit_bzero(base, $0.count) } } }
        return NoisePrivateKey(randomBytes: bytes)
    }
}
