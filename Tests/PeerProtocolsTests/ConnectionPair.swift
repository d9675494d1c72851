import PeerProtocols
import Testing

/// Two connection machines and the wires between them, on a clock that only tests move.
struct ConnectionPair {
    var dialer: PeerConnectionMachine
    var listener: PeerConnectionMachine
    var now = MonotonicInstant(nanoseconds: 1_000_000_000)
    /// Bytes under way.
    var toListener: [UInt8] = []
    var toDialer: [UInt8] = []
    /// What each machine reported and no test looked at yet.
    var dialerEvents: [PeerConnectionMachine.Event] = []
    var listenerEvents: [PeerConnectionMachine.Event] = []

    /// Two machines that have said nothing; the dialler is peer 1, the listener peer 2.
    init(
        protocols: Set<ProtocolName> = ["/test/1"],
        expecting: PeerID? = nil,
        configuration: PeerConnectionConfiguration = PeerConnectionConfiguration()
    ) throws {
        dialer = try PeerConnectionMachine(
            role: .dialer,
            identity: identity(1),
            staticKey: NoiseXXHandshakeTests.key(0),
            ephemeralKey: NoiseXXHandshakeTests.key(32),
            expectedPeer: try expecting ?? identity(2).id,
            supportedProtocols: protocols,
            configuration: configuration,
            now: now
        )
        listener = try PeerConnectionMachine(
            role: .listener,
            identity: identity(2),
            staticKey: NoiseXXHandshakeTests.key(64),
            ephemeralKey: NoiseXXHandshakeTests.key(96),
            expectedPeer: nil,
            supportedProtocols: protocols,
            configuration: configuration,
            now: now
        )
        dialer.start(now: now)
        listener.start(now: now)
        collect()
    }

    /// Two machines after the handshake.
    static func established(
        protocols: Set<ProtocolName> = ["/test/1"],
        configuration: PeerConnectionConfiguration = PeerConnectionConfiguration()
    ) throws -> ConnectionPair {
        var pair = try ConnectionPair(protocols: protocols, configuration: configuration)
        pair.run()
        guard case .established? = pair.dialerEvents.first, case .established? = pair.listenerEvents.first else {
            Issue.record("the handshake failed: \(pair.dialerEvents) \(pair.listenerEvents)")
            return pair
        }
        pair.clearEvents()
        return pair
    }

    /// Delivers everything in portions of at most `chunkByteCount` bytes until nothing is under way.
    mutating func run(chunkByteCount: Int = .max) {
        while !toListener.isEmpty || !toDialer.isEmpty {
            let forward = toListener.prefix(chunkByteCount)
            toListener.removeFirst(forward.count)
            deliver(Array(forward), to: \.listener)
            let backward = toDialer.prefix(chunkByteCount)
            toDialer.removeFirst(backward.count)
            deliver(Array(backward), to: \.dialer)
        }
    }

    /// Gives one machine bytes, whoever wrote them.
    mutating func deliver(_ bytes: [UInt8], to machine: WritableKeyPath<ConnectionPair, PeerConnectionMachine>) {
        if !bytes.isEmpty { bytes.withUnsafeBytes { self[keyPath: machine].receive($0, now: now) } }
        collect()
    }

    /// Lets time pass for both.
    mutating func wait(_ duration: Duration) {
        now = now.advanced(by: duration)
        dialer.advance(to: now)
        listener.advance(to: now)
        collect()
    }

    /// Picks up output and events of both machines.
    mutating func collect() {
        toListener += dialer.takeOutput()
        toDialer += listener.takeOutput()
        while let event = dialer.nextEvent() { dialerEvents.append(event) }
        while let event = listener.nextEvent() { listenerEvents.append(event) }
    }

    mutating func clearEvents() {
        dialerEvents = []
        listenerEvents = []
    }

    /// Opens a stream from the dialler; both ends of it.
    mutating func openStream(_ name: ProtocolName = "/test/1") throws -> (YamuxStreamID, YamuxStreamID) {
        let id = try dialer.openStream([name], now: now)
        collect()
        run()
        guard dialerEvents.contains(.streamOpened(id, name)) else { throw StreamOpeningError.protocolNotSupported }
        for event in listenerEvents {
            if case .streamAccepted(let accepted, name) = event {
                clearEvents()
                return (id, accepted)
            }
        }
        throw StreamOpeningError.protocolNotSupported
    }

    /// The reason for which a machine's connection ended, if it did.
    static func end(_ events: [PeerConnectionMachine.Event]) -> PeerConnectionError? {
        for case .closed(let error) in events { return error }
        return nil
    }
}
