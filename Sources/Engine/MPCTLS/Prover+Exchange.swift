internal import BooleanCircuits
internal import CryptoCore
internal import PartyChannel
package import TLSProtocol

/// A session whose request was answered and whose server has closed; the notary has opened nothing yet.
package struct ClosedExchange: Redacted {
    /// The key schedule as far as the prover knows it.
    package let keys: ProverKeySchedule
    let handshake: HandshakeTranscript
    let handshakeBlinder: [UInt8]
    let disclosure: HandshakeDisclosure
    let ephemeralShare: P256Scalar
    let request: [UInt8]
    /// What was on the wire; the prover shows it to the notary as it stands here.
    package var record: SessionRecord
}

extension Prover {
    /// Connects to the server through the two-party computation, sends `request`, and reads until the server closes.
    ///
    /// The response cannot be decrypted before the notary opens its seed, so its end is where the server ends it: ask
    /// for `Connection: close`. The chain, host name and signature are checked before the first secret-dependent
    /// message: the server's Finished is verified only in the final proof (the reasoning of RFC 7918 §4).
    ///
    /// - Parameters:
    ///   - request: the plaintext, at most `maxSent` bytes.
    ///   - serverName: sent as SNI.
    ///   - connection: a fresh connection to the server.
    ///   - validate: checks the server's certificate chain and key exchange signature; throws to abort.
    /// - Throws: ``TLSError`` or ``MPCTLSError/serverFailure(_:)`` for the server, ``ChannelError`` or
    ///   ``MPCTLSError/peerViolation(_:)`` for the notary.
    package func exchange(
        _ request: [UInt8],
        serverName: ServerName,
        connection: any ServerConnection,
        validate: (ServerFlight) throws -> Void
    ) throws -> ClosedExchange {
        guard !request.isEmpty, request.count <= parameters.maxSent else {
            throw MPCTLSError.invalidRequest(
                "the request has \(request.count) bytes; this session is set up for 1 to \(parameters.maxSent)"
            )
        }
        try begin(.ready)
        defer { connection.close() }
        hooks.phase(.handshake)
        var client = try TLS12ClientHandshake(
            configuration: TLS12ClientConfiguration(
                serverName: serverName,
                serverRecordCountMax: parameters.recordCountMax + 1
            ),
            clientRandom: random.bytes(32)
        )
        var input = ServerInput(connection: connection)
        try connection.write(try client.start())
        guard case .serverFlight(let flight) = try input.next(&client) else {
            throw MPCTLSError.serverFailure("the server's first flight did not come first")
        }
        try validate(flight)

        let ephemeralShare = P256Scalar.random(from: &random)
        let clientPoint = try P256Point.generatorMultiple(ephemeralShare).adding(notaryPoint)
        let keyExchange = try client.sendKeyExchange(clientPoint: clientPoint.uncompressed)
        guard let handshake = client.transcript else { preconditionFailure("the transcript follows the key exchange") }
        let blinder = random.bytes(32)
        let disclosure: HandshakeDisclosure =
            parameters.revealsServerIdentity
            ? .revealed(handshake) : .committed(CommittedHandshake(handshake, blinder: blinder))
        var keys = try deriveKeys(
            handshake: disclosure,
            ephemeralShare: ephemeralShare,
            requestByteCount: request.count
        )
        let finished = try protectFinished(&keys)
        try connection.write(keyExchange + (try client.sendFinished(fragment: finished.fragment)))
        guard case .serverFinished(let serverFinished) = try input.next(&client) else {
            throw MPCTLSError.serverFailure("the server's Finished did not come first")
        }

        hooks.phase(.request)
        let requestRecord = try protectRequest(request, keys)
        try connection.write(try client.record(.applicationData, requestRecord.fragment))

        hooks.phase(.response)
        let records = try readResponse(&client, &input)
        let record = SessionRecord(
            view: keys.view,
            serverFinishedHash: handshake.serverFinishedHash(clientVerifyData: keys.view.digest(.verifyData)),
            clientFinished: finished,
            request: requestRecord,
            serverFinished: try ProtectedRecord(type: .handshake, fragment: serverFinished),
            serverRecords: records
        )
        try record.validateServerRecords()
        reach(.closed)
        return ClosedExchange(
            keys: keys,
            handshake: handshake,
            handshakeBlinder: blinder,
            disclosure: disclosure,
            ephemeralShare: ephemeralShare,
            request: request,
            record: record
        )
    }

    /// Encrypts Finished and has its tag computed.
    private func protectFinished(_ keys: inout ProverKeySchedule) throws -> ProtectedRecord {
        let verifyData = keys.view.digest(.verifyData)
        let plaintext = HandshakeMessage(type: .finished, body: verifyData).encoded
        let ciphertext = xor(plaintext, keys.finishedKeystream)
        let powers = try keys.tags.secondMessage(reply: keys.hashKeyReply)
        try transcript.send(SessionFrame.finishedRecord, keys.finishedLabelDigest + ciphertext + powers)
        let reply = try transcript.receive(SessionFrame.finishedTag, exactly: 16 + powers.count + 16)
        guard
            constantTimeEqual(
                context.labelCommitment(digest: keys.finishedLabelDigest, nonce: Array(reply[..<16])),
                keys.finishedCommitment
            )
        else {
            throw MPCTLSError.peerViolation("the notary's keystream of Finished does not open its commitment")
        }
        try keys.tags.finish(reply: Array(reply[16..<16 + powers.count]))
        return protected(.handshake, 0, ciphertext, keys, garbled.finished.mask, Array(reply[(16 + powers.count)...]))
    }

    /// Encrypts the request and has its tag computed.
    private func protectRequest(_ request: [UInt8], _ keys: ProverKeySchedule) throws -> ProtectedRecord {
        let ciphertext = xor(request, keys.requestKeystream)
        try transcript.send(SessionFrame.requestRecord, keys.requestLabelDigest + ciphertext)
        let reply = try transcript.receive(SessionFrame.requestTag, exactly: 32)
        guard
            constantTimeEqual(
                context.labelCommitment(digest: keys.requestLabelDigest, nonce: Array(reply[..<16])),
                keys.requestCommitment
            )
        else {
            throw MPCTLSError.peerViolation("the notary's keystream of the request does not open its commitment")
        }
        return protected(.applicationData, 1, ciphertext, keys, garbled.request.mask, Array(reply[16...]))
    }

    /// Joins both parties' shares of a tag.
    private func protected(
        _ type: TLSContentType,
        _ sequence: UInt64,
        _ ciphertext: [UInt8],
        _ keys: ProverKeySchedule,
        _ maskLabels: [Block],
        _ notaryShare: [UInt8]
    ) -> ProtectedRecord {
        let share = TagSharing.tagShare(
            powers: keys.tags.powers,
            header: GCMFragment.additionalData(
                sequenceNumber: sequence,
                type: type,
                plaintextByteCount: ciphertext.count
            ),
            ciphertext: ciphertext,
            mask: BitOrder.bytes(ofBits: maskLabels.lowBits)
        )
        return ProtectedRecord(
            type: type,
            explicitNonce: GCMFragment.explicitNonce(sequenceNumber: sequence),
            ciphertext: ciphertext,
            tag: xor(share, notaryShare)
        )
    }

    /// Reads records until the server closes or sends an alert, within what was agreed.
    private func readResponse(
        _ client: inout TLS12ClientHandshake,
        _ input: inout ServerInput
    ) throws -> [ProtectedRecord] {
        var records: [ProtectedRecord] = []
        var byteCount = 0
        while let event = try input.next(&client) {
            guard case .record(let type, let fragment) = event else {
                throw MPCTLSError.serverFailure("the server repeated its handshake")
            }
            let record = try ProtectedRecord(type: type, fragment: fragment)
            byteCount += type == .applicationData ? record.ciphertext.count : 0
            guard byteCount <= parameters.maxReceived else {
                throw MPCTLSError.responseTooLarge(limit: parameters.maxReceived)
            }
            records.append(record)
            if type == .alert { break }
        }
        return records
    }
}

/// Bytes from the server that no event has consumed yet.
struct ServerInput {
    private let connection: any ServerConnection
    private var buffer: ArraySlice<UInt8> = []

    init(connection: any ServerConnection) {
        self.connection = connection
    }

    /// The next event, or nil if the server closed between two records after the handshake.
    mutating func next(_ client: inout TLS12ClientHandshake) throws -> TLS12ClientHandshake.Event? {
        while true {
            if let event = try client.nextEvent(from: &buffer) { return event }
            let bytes = try connection.read()
            guard !bytes.isEmpty else {
                try client.receiveEnd()
                return nil
            }
            buffer = bytes[...]
        }
    }
}
