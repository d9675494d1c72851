internal import BooleanCircuits
internal import CryptoCore
internal import PartyChannel
internal import TLSProtocol
internal import WireFormat

/// The client's two records, one share of a tag each, and the end of the conversation with the server.
extension NotaryHandshake {
    /// Compares the labels of Finished's keystream, then gives its part of the tag and the powers of the hash key.
    func protectFinished() throws {
        let powerByteCount = 16 * (context.hashKeyEvaluationCount - 1)
        let message = try transcript.receive(SessionFrame.finishedRecord, exactly: 32 + 16 + powerByteCount)
        try compareLabels(finished, Array(message[..<32]))
        finished.ciphertext = Array(message[32..<48])
        guard var tags else { preconditionFailure("the hash key is shared before a tag is made") }
        let powers = try tags.secondReply(Array(message[48...]))
        self.tags = tags
        try transcript.send(
            SessionFrame.finishedTag,
            finished.nonce + powers + tagShare(.handshake, sequence: 0, finished, tags)
        )
    }

    /// Compares the labels of the request's keystream, then gives its part of the one tag for this sequence number.
    func protectRequest() throws {
        let byteCount = request.keystreamColours.count / 8
        let message = try transcript.receive(SessionFrame.requestRecord, exactly: 32 + byteCount)
        try compareLabels(request, Array(message[..<32]))
        request.ciphertext = Array(message[32...])
        guard let tags else { preconditionFailure("the hash key is shared before a tag is made") }
        try transcript.send(
            SessionFrame.requestTag,
            request.nonce + tagShare(.applicationData, sequence: 1, request, tags)
        )
        try channel.flush()
    }

    /// Takes everything that was on the wire; afterwards the session's content is fixed.
    func close(disclosure: HandshakeDisclosure) throws -> SessionRecord {
        let limit = CloseMessage.byteCountMax(context.parameters)
        let message = try CloseMessage(
            wireBytes: try transcript.receive(SessionFrame.close, limit: limit),
            limit: limit
        )
        guard let view else { preconditionFailure("the key schedule comes before the close") }
        var finishedHash = message.serverFinishedHash
        if case .revealed(let handshake) = disclosure {
            finishedHash = handshake.serverFinishedHash(clientVerifyData: view.digest(.verifyData))
            guard finishedHash == message.serverFinishedHash else {
                throw MPCTLSError.peerViolation("the hash of the handshake is wrong")
            }
        }
        let record = SessionRecord(
            view: view,
            serverFinishedHash: finishedHash,
            clientFinished: protected(.handshake, 0, finished.ciphertext, message.finishedTag),
            request: protected(.applicationData, 1, request.ciphertext, message.requestTag),
            serverFinished: message.serverFinished,
            serverRecords: message.serverRecords
        )
        guard record.receivedByteCount <= context.parameters.maxReceived,
            record.serverRecords.count <= context.parameters.recordCountMax
        else {
            throw MPCTLSError.peerViolation("the response is longer than was agreed")
        }
        do {
            try record.validateServerRecords()
        } catch {
            throw error.blamedOnProver
        }
        return record
    }

    private func compareLabels(_ blocks: ProtectedBlocks, _ digest: [UInt8]) throws {
        guard constantTimeEqual(blocks.labelDigest, digest) else {
            throw MPCTLSError.peerViolation("the prover's labels of a keystream differ from the evaluated ones")
        }
    }

    private func tagShare(
        _ type: TLSContentType,
        sequence: UInt64,
        _ blocks: ProtectedBlocks,
        _ tags: TagNotary
    ) -> [UInt8] {
        TagSharing.tagShare(
            powers: tags.powers,
            header: GCMFragment.additionalData(
                sequenceNumber: sequence,
                type: type,
                plaintextByteCount: blocks.ciphertext.count
            ),
            ciphertext: blocks.ciphertext,
            mask: BitOrder.bytes(ofBits: blocks.maskColours)
        )
    }

    private func protected(
        _ type: TLSContentType,
        _ sequence: UInt64,
        _ ciphertext: [UInt8],
        _ tag: [UInt8]
    ) -> ProtectedRecord {
        ProtectedRecord(
            type: type,
            explicitNonce: GCMFragment.explicitNonce(sequenceNumber: sequence),
            ciphertext: ciphertext,
            tag: tag
        )
    }
}
