internal import BooleanCircuits
internal import CryptoCore
internal import PartyChannel

/// The evaluation of the key schedule: labels in, colours out, and nothing out for a label that was not announced.
extension NotaryHandshake {
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
}
