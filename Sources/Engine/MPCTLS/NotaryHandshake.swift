internal import BooleanCircuits
internal import CryptoCore
internal import PartyChannel
internal import TLSProtocol
internal import VOLEProofs
internal import WireFormat

/// The notary's part of the handshake: evaluation of what the prover garbled, and shares of the client's tags.
final class NotaryHandshake {
    private let channel: any PartyChannel
    private let transcript: TranscribingChannel
    private let context: SessionContext
    let seed: NotarySeed
    private let material: NotaryMaterial
    private var nonces: BlockPRG

    private var keys: KeySchedule<EvaluationBackend>?
    private var openedMasks: [Bool] = []
    private var openingHashes: [Block] = []
    private var view: KeyScheduleView?
    private var tags: TagNotary?
    private var shareCorrections: [Bool] = []
    private var finished = ProtectedBlocks()
    private var request = ProtectedBlocks()
    private var hashKeyColours: [Bool] = []

    /// Wires of the committed masks λ and of the prover's share; the notary's own share.
    private(set) var maskWires: [Block] = []
    private(set) var shareWires: [Block] = []
    private(set) var share = P256FieldElement.zero

    /// What the notary keeps about one client record.
    private struct ProtectedBlocks {
        var maskColours: [Bool] = []
        var keystreamColours: [Bool] = []
        var labelDigest: [UInt8] = []
        var nonce: [UInt8] = []
        var ciphertext: [UInt8] = []
    }

    init(
        channel: any PartyChannel,
        transcript: TranscribingChannel,
        context: SessionContext,
        seed: NotarySeed,
        material: NotaryMaterial,
        nonces: BlockPRG
    ) {
        self.channel = channel
        self.transcript = transcript
        self.context = context
        self.seed = seed
        self.material = material
        self.nonces = nonces
    }

    /// Colour bits of all shared outputs that were evaluated, in the order of ``GarbledHandshake/shared``.
    var sharedColours: [Bool] {
        hashKeyColours + finished.maskColours + finished.keystreamColours + request.maskColours
            + request.keystreamColours
    }

    /// Stores the tables, the hashes of the labels to be opened, and the commitments to all output masks.
    func receiveGarbling() throws {
        let tables = TableStore(byteCount: 32 * (try GarbledHandshake.andCount(maxSent: context.parameters.maxSent)))
        while tables.missing > 0 {
            try tables.append(
                try channel.receive(SessionFrame.tables, limit: 4 * GarblingBackend.frameByteCount + (1 << 20))
            )
        }
        let bitCount = OpenedValue.totalBitCount
        let openings = try transcript.receive(SessionFrame.openings, exactly: bitCount / 8 + 32 * bitCount)
        openedMasks = BitOrder.bits(ofBytes: Array(openings[..<(bitCount / 8)]))
        openingHashes = BlockCoding.blocks(Array(openings[(bitCount / 8)...]))
        guard OpeningHashes.areDistinct(openingHashes) else {
            throw MPCTLSError.peerViolation("the two hashes of a label to be opened are equal")
        }
        let masks = try transcript.receive(SessionFrame.masks, exactly: context.sharedBitCount / 8)
        material.proof.feed(message: masks)
        maskWires = try material.proof.commit(count: context.sharedBitCount)
        try transcript.send(SessionFrame.ready, [])
        try channel.flush()
        keys = KeySchedule(backend: EvaluationBackend(hashSeed: context.hashSeed, tables: tables))
    }

    /// Shares the premaster secret with the prover.
    func exchangeKeys(validate: (HandshakeTranscript) throws -> Void) throws -> HandshakeDisclosure {
        let bytes = try transcript.receive(SessionFrame.keyExchange, limit: KeyExchangeMessage.byteCountMax)
        let message = try KeyExchangeMessage(wireBytes: bytes, limit: KeyExchangeMessage.byteCountMax)
        switch (message.handshake, context.parameters.revealsServerIdentity) {
        case (.revealed(let handshake), true): try validate(handshake)
        case (.committed, false): break
        default: throw MPCTLSError.peerViolation("the handshake is not disclosed in the way that was agreed")
        }
        let serverPoint = try checkedPoint(message.handshake.serverPoint, "the server's ephemeral key")
        try checkClientPoint(try checkedPoint(message.handshake.clientPoint, "the client's ephemeral key"))
        var premaster = try PremasterNotary(
            point: try serverPoint.multiplied(by: seed.ephemeralShare),
            seed: seed,
            shares: material.fieldShares
        )
        try transcript.send(SessionFrame.keyExchangeReply, try premaster.firstReply(message.differences))
        let slope = try transcript.receive(SessionFrame.slope, exactly: 32)
        let reply = try premaster.secondReply(slope)
        share = premaster.share
        shareCorrections = zip(FieldCoding.integerBits(share), material.labelBits).map { $0 != $1.lowBit }
        try transcript.send(SessionFrame.slopeReply, reply + BitOrder.bytes(ofBits: shareCorrections))
        material.proof.feed(message: try transcript.receive(SessionFrame.shareCommitment, exactly: 32))
        shareWires = try material.proof.commit(count: 256)
        view = KeyScheduleView(
            clientRandom: message.handshake.clientRandom,
            serverRandom: message.handshake.serverRandom,
            sessionHash: message.handshake.sessionHash
        )
        return message.handshake
    }

    /// Evaluates the seven steps, opening to both parties what each step opens.
    func evaluateKeySchedule() throws {
        let shares = try receiveLabels(count: 512)
        let notaryShare = (0..<256).map { material.labelBits[$0] ^ shares[256 + $0] }
        let inner = try run { try $0.premaster(proverShare: Array(shares[..<256]), notaryShare: notaryShare) }
        try open([(.premasterInner, inner)])

        let a1 = try receiveWords(1)
        try open([(.masterA1, try run { try $0.masterA1(a1[0]) })])
        let first = try receiveWords(2)
        try open([(.masterA2, try run { try $0.masterFirstBlock(first[0], a2: first[1]) })])
        let second = try receiveWords(1)
        try open([(.masterInner, try run { try $0.masterSecondBlock(second[0]) })])
        let outputs = try receiveWords(2)
        try open([
            (.expansionA1, try run { try $0.underMaster(outputs[0]) }),
            (.finishedA1, try run { try $0.underMaster(outputs[1]) }),
        ])
        let last = try receiveWords(3)
        let hashKey = try run { try $0.writeKeys(last[0]) }
        hashKeyColours = hashKey.lowBits
        try open([
            (.expansionA2, try run { try $0.underMaster(last[1]) }),
            (.verifyData, Array(try run { try $0.underMaster(last[2]) }[..<96])),
        ])
        try evaluateRecords()
    }

    /// The last step: keystreams of Finished and of the request, committed to before their labels are compared.
    private func evaluateRecords() throws {
        let wordByteCount = 16 * ScheduledWordLayout.variableBitCount
        let payload = try transcript.receive(SessionFrame.labels, exactly: wordByteCount + 2 + 16)
        let words = scheduledLabels(BlockCoding.blocks(Array(payload[..<wordByteCount])))
        let byteCount = Int(payload[wordByteCount]) << 8 | Int(payload[wordByteCount + 1])
        guard (1...context.parameters.maxSent).contains(byteCount) else {
            throw MPCTLSError.peerViolation("a request of \(byteCount) bytes was not agreed on")
        }
        try run { try $0.implicitNonces(words) }
        finished = try evaluateRecord(sequence: 0, byteCount: 16, name: "finished")
        request = try evaluateRecord(sequence: 1, byteCount: byteCount, name: "request")
        // Nothing is evaluated any more: the tables need not wait for the server.
        keys = nil
        let tags = TagNotary(
            hashKeyShare: GF128.fromGHASH(bytes: BitOrder.bytes(ofBits: hashKeyColours)),
            seed: seed,
            shares: material.hashKeyShares
        )
        self.tags = tags
        let reply = try tags.firstReply(Array(payload[(wordByteCount + 2)...]))
        let commitments = [finished, request].flatMap {
            context.labelCommitment(digest: $0.labelDigest, nonce: $0.nonce)
        }
        try transcript.send(
            SessionFrame.colours,
            BitOrder.bytes(ofBits: finished.keystreamColours + request.keystreamColours) + commitments + reply
        )
    }

    private func evaluateRecord(sequence: UInt64, byteCount: Int, name: String) throws -> ProtectedBlocks {
        let (mask, blocks) = try run { try $0.clientRecord(sequence: sequence, byteCount: byteCount) }
        let keystream = Array(blocks[..<(8 * byteCount)])
        return ProtectedBlocks(
            maskColours: mask.lowBits,
            keystreamColours: keystream.lowBits,
            labelDigest: context.labelDigest(keystream, record: name),
            nonce: nonces.bytes(16)
        )
    }

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
}

// MARK: - Parts of the above

extension NotaryHandshake {
    private func run<Result>(_ body: (inout KeySchedule<EvaluationBackend>) throws -> Result) throws -> Result {
        guard var current = keys else { preconditionFailure("circuits are evaluated after their tables came") }
        defer { keys = current }
        return try body(&current)
    }

    private func receiveLabels(count: Int) throws -> [Block] {
        BlockCoding.blocks(try transcript.receive(SessionFrame.labels, exactly: 16 * count))
    }

    private func receiveWords(_ count: Int) throws -> [[Block]] {
        let each = ScheduledWordLayout.variableBitCount
        let all = try receiveLabels(count: count * each)
        return (0..<count).map { scheduledLabels(Array(all[$0 * each..<($0 + 1) * each])) }
    }

    private func scheduledLabels(_ variable: [Block]) -> [Block] {
        ScheduledWordLayout.assemble(variable: variable, fixed: [Block](repeating: .zero, count: 256))
    }

    /// Answers with the colour bits of `values` if every label is one of the two that the prover announced.
    private func open(_ values: [(OpenedValue, [Block])]) throws {
        var colours: [Bool] = []
        for (value, labels) in values {
            guard OpeningHashes.matches(active: labels, firstIndex: value.offset, hashes: openingHashes) else {
                throw MPCTLSError.peerViolation("a garbled circuit gave a label that the prover did not announce")
            }
            let masks = openedMasks[value.offset..<value.offset + value.bitCount]
            view?.open(value, zip(labels, masks).map { $0.lowBit != $1 })
            colours += labels.lowBits
        }
        try transcript.send(SessionFrame.colours, BitOrder.bytes(ofBits: colours))
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

    private func checkedPoint(_ bytes: [UInt8], _ what: String) throws(MPCTLSError) -> P256Point {
        do {
            return try P256Point(uncompressed: bytes)
        } catch {
            throw .peerViolation("\(what) is not a point of P-256")
        }
    }

    /// The prover's own share T_P = X − T_V must exist and differ from ±T_V.
    private func checkClientPoint(_ client: P256Point) throws {
        let own = try P256Point.generatorMultiple(seed.ephemeralShare)
        guard let prover = try? client.adding(own.negated), prover.x != own.x else {
            throw MPCTLSError.peerViolation("the client's ephemeral key is not a sum of two shares")
        }
    }
}
