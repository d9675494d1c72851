package import CryptoCore

/// A whole TLS 1.2 client in one party: ``TLS12ClientHandshake`` and the keys it goes without.
///
/// For fetching a page without a notary and for tests. It performs no I/O: feed what arrives to
/// ``nextEvent(from:)``, send what ``takeOutput()`` returns. After ``Event/serverFlight(_:)`` the caller checks the
/// server's identity and then calls ``acceptServer()``; nothing of the application is sent before that.
package struct LocalTLS12Client: Sendable, Redacted {
    /// What the client learned.
    package enum Event: Hashable, Sendable {
        /// Who the server says it is; ``acceptServer()`` goes on.
        case serverFlight(ServerFlight)
        /// The handshake is over and the server's Finished matches.
        case connected
        /// Bytes of the application.
        case applicationData([UInt8])
        /// The server sends nothing more; what came before is whole, and its close_notify is answered.
        case closed
    }

    private let ephemeralKey: P256Scalar
    private var handshake: TLS12ClientHandshake
    private var output: [UInt8] = []
    private var serverPoint: [UInt8]?
    private var keys: Keys?
    private var progress = Progress.open

    /// How far the connection is from its end.
    private enum Progress {
        /// Both directions are open, or not yet protected.
        case open
        /// close_notify was sent; the server may still send.
        case closedByClient
        /// The server sent close_notify, so nothing goes either way any more.
        case closed
        /// An error or an abort; nothing goes either way any more.
        case failed
    }

    /// What exists from the key exchange on.
    private struct Keys: Redacted {
        var sealer: GCMRecordSealer
        var opener: GCMRecordOpener
        let serverVerifyData: [UInt8]
    }

    /// A client that has its ClientHello ready in ``takeOutput()``.
    ///
    /// - Parameters:
    ///   - configuration: the server's name, and limits.
    ///   - random: fresh; gives the hello's random and the ephemeral key.
    package init(configuration: TLS12ClientConfiguration, random: inout BlockPRG) throws(TLSError) {
        handshake = try TLS12ClientHandshake(
            configuration: configuration,
            clientRandom: random.bytes(ClientHello.randomByteCount)
        )
        ephemeralKey = P256Scalar.random(from: &random)
        output = try handshake.start()
    }

    /// Whether application data may be sent.
    package var isConnected: Bool { handshake.isConnected && progress == .open }

    /// The bytes to send to the server; empty when there are none.
    package mutating func takeOutput() -> [UInt8] {
        defer { output = [] }
        return output
    }

    /// Answers the server's flight; call it when its identity was verified.
    ///
    /// - Throws: ``TLSError/misuse(_:)`` in another state.
    package mutating func acceptServer() throws(TLSError) {
        guard let serverPoint, keys == nil, progress == .open else {
            throw .misuse("there is no server flight to accept")
        }
        guard let point = try? P256Point(uncompressed: serverPoint) else { throw .invalidServerPoint }
        guard let clientPoint = try? P256Point.generatorMultiple(ephemeralKey),
            let sharedPoint = try? point.multiplied(by: ephemeralKey)
        else { throw .libraryFailure }
        output += try handshake.sendKeyExchange(clientPoint: clientPoint.uncompressed)
        guard let transcript = handshake.transcript else { throw .misuse("there is no server flight to accept") }
        let masterSecret = TLS12KeySchedule.masterSecret(
            premasterSecret: sharedPoint.x,
            sessionHash: transcript.sessionHash
        )
        var keys = Self.deriveKeys(masterSecret: masterSecret, transcript: transcript)
        output += try handshake.sendFinished(fragment: keys.keys.sealer.seal(.handshake, keys.finished))
        self.keys = keys.keys
    }

    /// Queues application data, cut into records of at most 2^14 bytes.
    ///
    /// - Throws: ``TLSError/misuse(_:)`` before the handshake is over or after the end.
    package mutating func send(_ plaintext: [UInt8]) throws(TLSError) {
        guard isConnected else { throw .misuse("application data needs a connection") }
        var rest = ArraySlice(plaintext)
        while !rest.isEmpty {
            try sendProtected(.applicationData, Array(rest.prefix(TLSRecord.plaintextByteCountMax)))
            rest = rest.dropFirst(TLSRecord.plaintextByteCountMax)
        }
    }

    /// Queues close_notify: this client sends nothing more, and still takes what the server sends.
    ///
    /// - Throws: ``TLSError/misuse(_:)`` before the handshake is over or after the end.
    package mutating func close() throws(TLSError) {
        guard isConnected else { throw .misuse("there is no connection to close") }
        try sendProtected(.alert, TLSAlert.closeNotify.encoded)
        progress = .closedByClient
    }

    /// The next event in what arrived, or nil when all of it is consumed.
    ///
    /// On an error the alert that tells the server is queued in ``takeOutput()``.
    ///
    /// - Parameter bytes: what arrived; what is consumed is removed from its front.
    package mutating func nextEvent(from bytes: inout ArraySlice<UInt8>) throws(TLSError) -> Event? {
        do throws(TLSError) {
            while true {
                if progress == .failed { throw TLSError.alreadyFailed }
                // What follows a close_notify is ignored (RFC 5246 §7.2.1).
                guard progress != .closed, let event = try handshake.nextEvent(from: &bytes) else { return nil }
                if let event = try accept(event) { return event }
            }
        } catch {
            fail(with: error)
            throw error
        }
    }

    /// Notes that the server closed the connection.
    ///
    /// - Throws: ``TLSError/truncated`` without a close_notify before it.
    package mutating func receiveEnd() throws(TLSError) {
        switch progress {
        case .closed: return
        case .failed: throw .alreadyFailed
        case .open, .closedByClient:
            progress = .failed
            throw .truncated
        }
    }

    /// Queues the alert for `error` and sends nothing after it; also for a server whose identity was refused.
    package mutating func abort(_ alert: TLSAlert) {
        guard progress == .open || progress == .closedByClient else { return }
        if let bytes = handshake.plaintextAlert(alert) {
            output += bytes
        } else {
            // Sealing fails only when the library does; the connection is over either way.
            try? sendProtected(.alert, alert.encoded)
        }
        progress = .failed
    }
}

extension LocalTLS12Client {
    private mutating func fail(with error: TLSError) {
        if let alert = error.alert { abort(alert) }
        progress = .failed
    }

    private mutating func sendProtected(_ type: TLSContentType, _ plaintext: [UInt8]) throws(TLSError) {
        guard var keys else { throw .misuse("the connection is not protected, or over") }
        output += try handshake.record(type, keys.sealer.seal(type, plaintext))
        self.keys = keys
    }

    private mutating func accept(_ event: TLS12ClientHandshake.Event) throws(TLSError) -> Event? {
        switch event {
        case .serverFlight(let flight):
            serverPoint = flight.serverPoint
            return .serverFlight(flight)
        case .serverFinished(let fragment):
            let plaintext = try open(.handshake, fragment)
            guard let keys, constantTimeEqual(plaintext, Self.finished(keys.serverVerifyData)) else {
                throw .wrongServerFinished
            }
            return .connected
        case .record(let type, let fragment):
            let plaintext = try open(type, fragment)
            guard type == .alert else { return plaintext.isEmpty ? nil : .applicationData(plaintext) }
            let alert = try TLSAlert(decoding: plaintext)
            guard alert.kind == .closeNotify else { throw .alertReceived(alert) }
            if progress == .open { try sendProtected(.alert, TLSAlert.closeNotify.encoded) }
            progress = .closed
            return .closed
        }
    }

    private mutating func open(_ type: TLSContentType, _ fragment: [UInt8]) throws(TLSError) -> [UInt8] {
        guard var keys else { throw .misuse("no keys") }
        let plaintext = try keys.opener.open(type, fragment)
        self.keys = keys
        return plaintext
    }

    private static func deriveKeys(
        masterSecret: [UInt8],
        transcript: HandshakeTranscript
    ) -> (keys: Keys, finished: [UInt8]) {
        let traffic = TLS12KeySchedule.trafficKeys(
            masterSecret: masterSecret,
            clientRandom: transcript.clientHello.random,
            serverRandom: transcript.serverFlight.serverRandom
        )
        let clientVerifyData = TLS12KeySchedule.verifyData(
            masterSecret: masterSecret,
            label: .clientFinished,
            transcriptHash: transcript.sessionHash
        )
        let serverVerifyData = TLS12KeySchedule.verifyData(
            masterSecret: masterSecret,
            label: .serverFinished,
            transcriptHash: transcript.serverFinishedHash(clientVerifyData: clientVerifyData)
        )
        let keys = Keys(
            sealer: GCMRecordSealer(key: traffic.client),
            opener: GCMRecordOpener(key: traffic.server),
            serverVerifyData: serverVerifyData
        )
        return (keys, finished(clientVerifyData))
    }

    private static func finished(_ verifyData: [UInt8]) -> [UInt8] {
        HandshakeMessage(type: .finished, body: verifyData).encoded
    }
}
