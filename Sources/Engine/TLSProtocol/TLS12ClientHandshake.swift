/// A TLS 1.2 client without keys: it frames, parses and checks, and whoever holds the keys supplies protected bytes.
///
/// ```
/// start()                          -> ClientHello
/// nextEvent(from:)                 -> .serverFlight       everything up to ServerHelloDone
/// sendKeyExchange(clientPoint:)    -> ClientKeyExchange   and the session hash, from which the keys follow
/// sendFinished(fragment:)          -> ChangeCipherSpec, Finished
/// nextEvent(from:)                 -> .serverFinished     protected; checked by whoever has the key
/// nextEvent(from:), record(_:_:)      .record             opaque application data and alerts
/// ```
///
/// It performs no I/O and buffers at most one record and one handshake message. Every error is final: later calls
/// throw ``TLSError/alreadyFailed``. The checks that need keys (server Finished, record tags) or a certificate (chain,
/// names, signature of the key exchange) are the caller's, and none of them is made here.
package struct TLS12ClientHandshake: Sendable {
    /// What arrived from the server.
    package enum Event: Hashable, Sendable {
        /// The server's whole first flight; ``sendKeyExchange(clientPoint:)`` is next.
        case serverFlight(ServerFlight)
        /// The server's Finished, still protected: sequence number 0 of its direction. The client is connected.
        case serverFinished(fragment: [UInt8])
        /// A protected record after the handshake, application data or alert; sequence numbers follow from 1.
        case record(TLSContentType, fragment: [UInt8])
    }

    /// What is left to happen; each state carries what it alone needs.
    private enum State {
        case start
        case serverFlight(ServerFlightParser)
        case keyExchange(ServerFlight)
        case finished
        case serverChangeCipherSpec
        case serverFinished
        case connected
        case failed
    }

    /// The length of a protected Finished: nonce, handshake header, 12 bytes of verify_data, tag.
    package static let finishedFragmentByteCount =
        GCMFragment.overhead + HandshakeMessage.headerByteCount + TLS12KeySchedule.verifyDataByteCount

    /// How many unrecognized_name warnings are overlooked (RFC 6066 §3 advises servers not to send them at all).
    private static let warningCountMax = 4

    /// The offer that ``start()`` sends.
    package let clientHello: ClientHello
    /// The handshake once the client's point is known, nil before.
    package private(set) var transcript: HandshakeTranscript?

    private var state = State.start
    private var reader = TLSRecordReader()
    private var reassembler = HandshakeReassembler(messageByteCountMax: ServerFlight.messageByteCountMax)
    private var nonces: ExplicitNonceLedger
    private var warningCount = 0
    private var sendsProtected = false

    /// A client that has not yet said anything.
    ///
    /// - Parameters:
    ///   - configuration: the server's name, and limits.
    ///   - clientRandom: 32 fresh random bytes.
    /// - Throws: ``TLSError/misuse(_:)`` for a random of another length.
    package init(configuration: TLS12ClientConfiguration, clientRandom: [UInt8]) throws(TLSError) {
        clientHello = try ClientHello(
            random: clientRandom,
            serverName: configuration.serverName,
            offersHTTP11: configuration.offersHTTP11
        )
        nonces = ExplicitNonceLedger(recordCountMax: configuration.serverRecordCountMax)
    }

    /// Whether the server's Finished has arrived and records may flow.
    package var isConnected: Bool {
        if case .connected = state { true } else { false }
    }
}

// MARK: - What the client sends

extension TLS12ClientHandshake {
    /// The bytes of the ClientHello's record, to be sent first.
    package mutating func start() throws(TLSError) -> [UInt8] {
        guard case .start = state else { throw misuse("start() is the first call and the only one of its kind") }
        state = .serverFlight(ServerFlightParser(answering: clientHello))
        return TLSRecord(type: .handshake, fragment: clientHello.message.encoded).encoded(version: 0x0301)
    }

    /// The bytes of ClientKeyExchange, preceded by an empty Certificate if the server asked for one.
    ///
    /// Call it when the caller is content with the flight. ``transcript`` holds the session hash afterwards.
    ///
    /// - Parameter clientPoint: the client's ephemeral key: 0x04, x, y; 65 bytes.
    /// - Throws: ``TLSError/misuse(_:)`` in another state, or if the point is not on P-256.
    package mutating func sendKeyExchange(clientPoint: [UInt8]) throws(TLSError) -> [UInt8] {
        guard case .keyExchange(let flight) = state else { throw misuse("there is no server flight to answer") }
        let transcript = try HandshakeTranscript(
            clientHello: clientHello,
            serverFlight: flight,
            clientPoint: clientPoint
        )
        self.transcript = transcript
        state = .finished
        return TLSRecord(type: .handshake, fragment: transcript.clientFlight).encoded
    }

    /// The bytes of ChangeCipherSpec and of the protected Finished.
    ///
    /// - Parameter fragment: explicit nonce, ciphertext and tag of the 16-byte Finished message; 40 bytes.
    /// - Throws: ``TLSError/misuse(_:)`` in another state or for another length.
    package mutating func sendFinished(fragment: [UInt8]) throws(TLSError) -> [UInt8] {
        guard case .finished = state else { throw misuse("Finished follows ClientKeyExchange") }
        guard fragment.count == Self.finishedFragmentByteCount else { throw misuse("a Finished fragment is 40 bytes") }
        state = .serverChangeCipherSpec
        sendsProtected = true
        return TLSRecord(type: .changeCipherSpec, fragment: [1]).encoded
            + TLSRecord(type: .handshake, fragment: fragment).encoded
    }

    /// The bytes of a protected record.
    ///
    /// Alerts may be sent as soon as Finished was, and also after a failure; application data when connected.
    ///
    /// - Parameters:
    ///   - type: application data or alert.
    ///   - fragment: explicit nonce, ciphertext and tag.
    /// - Throws: ``TLSError/misuse(_:)`` in another state, for another type, or a fragment of impossible length.
    package func record(_ type: TLSContentType, _ fragment: [UInt8]) throws(TLSError) -> [UInt8] {
        let lengths = GCMFragment.overhead...(TLSRecord.plaintextByteCountMax + GCMFragment.overhead)
        guard lengths.contains(fragment.count) else { throw .misuse("no protected record has this length") }
        guard type == .alert && sendsProtected || type == .applicationData && isConnected else {
            throw .misuse("this record cannot be sent now")
        }
        return TLSRecord(type: type, fragment: fragment).encoded
    }

    /// The bytes of an alert in the clear, or nil once alerts must be protected or before anything was sent.
    package func plaintextAlert(_ alert: TLSAlert) -> [UInt8]? {
        if sendsProtected { return nil }
        if case .start = state { return nil }
        return TLSRecord(type: .alert, fragment: alert.encoded).encoded
    }

    /// Ends the client, because a caller's mistake leaves no state worth going on from.
    private mutating func misuse(_ words: String) -> TLSError {
        if case .failed = state { return .alreadyFailed }
        state = .failed
        return .misuse(words)
    }
}

// MARK: - What the server sends

extension TLS12ClientHandshake {
    /// The next event in what arrived, or nil when all of it is consumed.
    ///
    /// - Parameter bytes: what arrived from the server; what is consumed is removed from its front.
    /// - Throws: ``TLSError``; the client is over and ``TLSError/alert`` says what to tell the server.
    package mutating func nextEvent(from bytes: inout ArraySlice<UInt8>) throws(TLSError) -> Event? {
        do throws(TLSError) {
            while true {
                if case .failed = state { throw TLSError.alreadyFailed }
                guard let record = try reader.nextRecord(from: &bytes) else { return nil }
                if let event = try accept(record) { return event }
            }
        } catch {
            state = .failed
            throw error
        }
    }

    /// Notes that the server closed the connection.
    ///
    /// - Throws: ``TLSError/truncated`` inside a record or before the handshake is over. A close between records is
    ///   no error here: only a protected close_notify or the application's framing tells a whole answer from a part.
    package mutating func receiveEnd() throws(TLSError) {
        if case .failed = state { throw .alreadyFailed }
        guard isConnected, !reader.isInsideRecord else {
            state = .failed
            throw .truncated
        }
    }

    private mutating func accept(_ record: TLSRecord) throws(TLSError) -> Event? {
        switch state {
        case .serverFinished, .connected: return try acceptProtected(record)
        default: return try acceptPlaintext(record)
        }
    }

    private mutating func acceptPlaintext(_ record: TLSRecord) throws(TLSError) -> Event? {
        switch (record.type, state) {
        case (.alert, _):
            try acceptAlert(try TLSAlert(decoding: record.fragment))
        case (.handshake, .serverFlight(let parser)):
            guard !record.fragment.isEmpty else { throw .malformed(.handshakeMessage) }
            reassembler.append(record.fragment)
            return try acceptMessages(parser)
        case (.changeCipherSpec, .serverChangeCipherSpec):
            guard record.fragment == [1] else { throw .malformed(.changeCipherSpec) }
            reader.expectProtectedRecords()
            state = .serverFinished
        case (.handshake, _):
            // NewSessionTicket was not offered (RFC 5077 §3.2); HelloRequest and the rest have no place either.
            throw .unexpected(record.fragment.first.map { HandshakeType(rawValue: $0).element } ?? .handshakeMessage)
        case (.changeCipherSpec, _):
            throw .unexpected(.changeCipherSpec)
        case (.applicationData, _):
            throw .unexpected(.applicationData)
        }
        return nil
    }

    private mutating func acceptMessages(_ parser: ServerFlightParser) throws(TLSError) -> Event? {
        var parser = parser
        while let message = try reassembler.nextMessage() {
            let flight = try parser.accept(message)
            reader.versionIsFixed()
            guard let flight else { continue }
            guard reassembler.isEmpty else { throw .unexpected(.handshakeMessage) }
            state = .keyExchange(flight)
            return .serverFlight(flight)
        }
        state = .serverFlight(parser)
        return nil
    }

    private mutating func acceptAlert(_ alert: TLSAlert) throws(TLSError) {
        // A warning between the fragments of a message would be interleaving; anything but this one ends the client.
        guard alert == TLSAlert(.warning, .unrecognizedName), reassembler.isEmpty,
            warningCount < Self.warningCountMax
        else { throw .alertReceived(alert) }
        warningCount += 1
    }

    private mutating func acceptProtected(_ record: TLSRecord) throws(TLSError) -> Event? {
        if record.type == .changeCipherSpec { throw .unexpected(.changeCipherSpec) }
        let fragment = try GCMFragment(decoding: record.fragment)
        try nonces.note(fragment.explicitNonce)
        if case .connected = state {
            // A protected handshake record is a HelloRequest or worse: nothing that this client takes part in.
            guard record.type != .handshake else { throw .renegotiationRefused }
            return .record(record.type, fragment: record.fragment)
        }
        guard record.type == .handshake else {
            throw .unexpected(record.type == .alert ? .alert : .applicationData)
        }
        guard record.fragment.count == Self.finishedFragmentByteCount else { throw .malformed(.finished) }
        state = .connected
        return .serverFinished(fragment: record.fragment)
    }
}
