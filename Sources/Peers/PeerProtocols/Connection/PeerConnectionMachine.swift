/// One side of a connection between peers, from its first byte to its last, without socket, clock or randomness.
///
/// In this order: multistream-select, Noise, multistream-select again, yamux, and a negotiation for every stream.
///
/// The driver calls one method for each thing that happens, then handles ``nextEvent()`` until there is none, and
/// sends ``takeOutput()`` whenever the transport takes more. While the transport is full the driver goes on reading
/// but does not take output: answers then pile up to a small bound, and beyond it the connection ends.
package struct PeerConnectionMachine {
    /// What the driver must know.
    package enum Event: Equatable, Sendable {
        /// The connection is secure and streams can be opened; the peer has proven who it is.
        case established(PeerID)
        /// The peer opened a stream for this protocol.
        case streamAccepted(YamuxStreamID, ProtocolName)
        /// A stream that this side opened speaks this protocol.
        case streamOpened(YamuxStreamID, ProtocolName)
        /// A stream that this side opened did not come about.
        case streamFailed(YamuxStreamID, StreamOpeningError)
        /// Data of a stream.
        case data(YamuxStreamID, [UInt8])
        /// More may be sent on a stream.
        case windowGrew(YamuxStreamID)
        /// The peer sends no more on a stream.
        case receiveClosed(YamuxStreamID)
        /// The peer reset a stream.
        case reset(YamuxStreamID)
        /// The round trip was measured.
        case roundTrip(nanoseconds: UInt64)
        /// The connection is over; what ``takeOutput()`` still gives is to be sent before closing.
        case closed(PeerConnectionError)
    }

    enum Phase {
        case selectingSecurity(MultistreamNegotiation, then: NoiseHandshakeMachine)
        case securing(NoiseHandshakeMachine)
        case selectingMultiplexer(MultistreamNegotiation)
        case open
        case closed
    }

    struct StreamNegotiation {
        var negotiation: MultistreamNegotiation
        var input = ByteQueue()
        let deadline: MonotonicInstant
        let isOurs: Bool
        var receiveClosed = false
    }

    /// Which side this is.
    package let role: ConnectionRole
    /// The protocols that streams of the peer may have; a change holds for streams opened afterwards.
    package var supportedProtocols: Set<ProtocolName>
    /// The peer, once it has proven who it is.
    package internal(set) var remotePeer: PeerID?
    let configuration: PeerConnectionConfiguration
    var phase: Phase
    var session: YamuxSession
    var transport: NoiseTransport?
    var negotiations: [YamuxStreamID: StreamNegotiation] = [:]
    var events: [Event] = []
    private var eventHead = 0
    private var rawInput = ByteQueue()
    private var plainInput = ByteQueue()
    private var rawOutput: [UInt8] = []
    var handshakeDeadline: MonotonicInstant
    var nextPingAt: MonotonicInstant
    var idleSince: MonotonicInstant
    var streamRate: TokenBucket
    var goAwayReason: YamuxGoAwayReason?
    var closesWhenIdle = false
    var hadStreams = false

    /// A connection at its start.
    ///
    /// - Parameters:
    ///   - staticKey: This host's Noise key.
    ///   - ephemeralKey: A Noise key for this connection alone; what pings say is derived from it, too.
    ///   - expectedPeer: Who must answer; a listener passes nil.
    /// - Throws: ``NoiseError/cryptographyUnavailable``.
    package init(
        role: ConnectionRole,
        identity: PeerIdentity,
        staticKey: NoisePrivateKey,
        ephemeralKey: NoisePrivateKey,
        expectedPeer: PeerID?,
        supportedProtocols: Set<ProtocolName>,
        configuration: PeerConnectionConfiguration = PeerConnectionConfiguration(),
        now: MonotonicInstant
    ) throws(NoiseError) {
        self.role = role
        self.supportedProtocols = supportedProtocols
        self.configuration = configuration
        let noise = try NoiseHandshakeMachine(
            role: role,
            identity: identity,
            staticKey: staticKey,
            ephemeralKey: ephemeralKey,
            expectedPeer: expectedPeer
        )
        phase = .selectingSecurity(Self.negotiation(role, .noise), then: noise)
        session = YamuxSession(
            role: role,
            configuration: configuration.yamux,
            pingSeed: ephemeralKey.seed(for: "yamux pings")
        )
        handshakeDeadline = now.advanced(by: configuration.handshakeTimeout)
        nextPingAt = now
        idleSince = now
        streamRate = TokenBucket(
            capacity: configuration.inboundStreamBurstMax,
            perSecond: configuration.inboundStreamsPerSecondMax,
            now: now
        )
    }

    /// Says the first words; call once.
    package mutating func start(now: MonotonicInstant) {
        attempt(now: now)
    }

    /// Reads bytes from the network.
    package mutating func receive(_ bytes: UnsafeRawBufferPointer, now: MonotonicInstant) {
        if case .closed = phase { return }
        rawInput.append(bytes)
        attempt(now: now)
    }

    /// The network gives no more bytes, and an error if it broke.
    package mutating func inputClosed(networkError: String? = nil) {
        if let networkError {
            close(.network(networkError), announcing: nil)
        } else {
            close(.closedByPeer(goAwayReason), announcing: nil)
        }
    }

    /// The next event, in order, or nil.
    package mutating func nextEvent() -> Event? {
        guard eventHead < events.count else {
            events.removeAll(keepingCapacity: true)
            eventHead = 0
            return nil
        }
        eventHead += 1
        return events[eventHead - 1]
    }

    /// The bytes to send, in order; they need not be taken while the network is full.
    package mutating func takeOutput() -> [UInt8] {
        if transport != nil { sealSessionOutput() }
        defer { rawOutput = [] }
        return rawOutput
    }

    /// Ends the connection; the peer hears `reason` if the connection got that far.
    mutating func close(_ error: PeerConnectionError, announcing reason: YamuxGoAwayReason?) {
        if case .closed = phase { return }
        if case .open = phase, let reason { session.goAway(reason) }
        phase = .closed
        for (id, stream) in negotiations.sorted(by: { $0.key.rawValue < $1.key.rawValue }) where stream.isOurs {
            events.append(.streamFailed(id, .connectionClosed(error)))
        }
        negotiations = [:]
        events.append(.closed(error))
    }

    private mutating func attempt(now: MonotonicInstant) {
        do throws(PeerConnectionError) {
            try proceed(now: now)
        } catch {
            close(error, announcing: .protocolError)
        }
    }

    private mutating func proceed(now: MonotonicInstant) throws(PeerConnectionError) {
        while true {
            switch phase {
            case .selectingSecurity(var negotiation, let noise):
                guard try advance(&negotiation, &rawInput, &rawOutput) else {
                    phase = .selectingSecurity(negotiation, then: noise)
                    return
                }
                phase = .securing(noise)
            case .securing(var machine):
                let result: NoiseHandshakeMachine.Result?
                do throws(NoiseError) { result = try machine.advance(&rawInput, output: &rawOutput) } catch {
                    throw .security(error)
                }
                guard let result else {
                    phase = .securing(machine)
                    return
                }
                transport = result.transport
                remotePeer = result.remotePeer
                phase = .selectingMultiplexer(Self.negotiation(role, .yamux))
            case .selectingMultiplexer(var negotiation):
                while let plaintext = try openFrame() { plainInput.append(plaintext) }
                var reply: [UInt8] = []
                let agreed = try advance(&negotiation, &plainInput, &reply)
                try seal(reply)
                guard agreed else {
                    // Both header and name fit a few hundred bytes; what waits unread stays below a frame.
                    phase = .selectingMultiplexer(negotiation)
                    return
                }
                phase = .open
                begin(now: now)
                try receiveSession(plainInput.takeAll(), now: now)
            case .open:
                guard let plaintext = try openFrame() else { return }
                try receiveSession(plaintext, now: now)
            case .closed: return
            }
        }
    }

    private func advance(
        _ negotiation: inout MultistreamNegotiation,
        _ input: inout ByteQueue,
        _ output: inout [UInt8]
    ) throws(PeerConnectionError) -> Bool {
        do throws(MultistreamError) {
            return try negotiation.advance(&input, output: &output) != nil
        } catch {
            throw .negotiation(error)
        }
    }

    private mutating func openFrame() throws(PeerConnectionError) -> [UInt8]? {
        do throws(NoiseError) { return try transport?.open(&rawInput) } catch { throw .security(error) }
    }

    private mutating func sealSessionOutput() {
        let plaintext = session.takeOutput()
        guard !plaintext.isEmpty else { return }
        do throws(PeerConnectionError) { try seal(plaintext) } catch { close(error, announcing: nil) }
    }

    private mutating func seal(_ plaintext: [UInt8]) throws(PeerConnectionError) {
        guard !plaintext.isEmpty else { return }
        rawOutput.reserveCapacity(rawOutput.count + plaintext.count + plaintext.count / 1024 + 64)
        let result = plaintext.withUnsafeBytes { bytes in
            Result { () throws(NoiseError) in try transport?.seal(bytes, into: &rawOutput) }
        }
        do throws(NoiseError) { _ = try result.get() } catch { throw .security(error) }
    }

    private static func negotiation(_ role: ConnectionRole, _ name: ProtocolName) -> MultistreamNegotiation {
        role == .dialer ? MultistreamNegotiation(proposing: [name]) : MultistreamNegotiation(accepting: [name])
    }
}
