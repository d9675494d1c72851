internal import BooleanCircuits
internal import CryptoCore
internal import PartyChannel
internal import TLSProtocol
internal import VOLEProofs
internal import WireFormat

/// The notary's part of the handshake: evaluation of what the prover garbled, and shares of the client's tags.
///
/// Here is the state, and what happens before circuits are evaluated; ``evaluateKeySchedule()`` and the protection of
/// records follow in files of their own.
final class NotaryHandshake: Redacted {
    let channel: any PartyChannel
    let transcript: TranscribingChannel
    let context: SessionContext
    let seed: NotarySeed
    let material: NotaryMaterial
    var nonces: BlockPRG

    var keys: KeySchedule<EvaluationBackend>?
    var openedMasks: [Bool] = []
    var openingHashes: [Block] = []
    var view: KeyScheduleView?
    var tags: TagNotary?
    var finished = ProtectedBlocks()
    var request = ProtectedBlocks()
    var hashKeyColours: [Bool] = []

    /// Wires of the committed masks λ and of the prover's share; the notary's own share.
    private(set) var maskWires: [Block] = []
    private(set) var shareWires: [Block] = []
    private(set) var share = P256FieldElement.zero

    /// What the notary keeps about one client record.
    struct ProtectedBlocks: Redacted {
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
            throw MPCTLSError.peerViolation("the two hashes of labels to be opened are equal")
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
        let shareCorrections = zip(FieldCoding.integerBits(share), material.labelBits).map { $0 != $1.lowBit }
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
