internal import BooleanCircuits
internal import CryptoCore
internal import PartyChannel
internal import VOLEProofs

/// The notary's half of the final proof, chunk by chunk over the channel.
final class VerifyingBackend: ProofBackend, Redacted {
    typealias AESKey = AESProofKey

    private let proof: ProofVerifier
    private let channel: any PartyChannel
    private let meter: CorrelationMeter
    private let reserve: (Int) throws -> Void
    private var budget: ProofBudget
    private var challenges: BlockPRG

    /// - Parameters:
    ///   - challenges: fresh randomness that nothing opened so far depends on.
    init(
        proof: ProofVerifier,
        channel: any PartyChannel,
        meter: CorrelationMeter,
        budget: ProofBudget,
        challenges: BlockPRG,
        reserve: @escaping (Int) throws -> Void
    ) throws {
        self.proof = proof
        self.channel = channel
        self.meter = meter
        self.budget = budget
        self.challenges = challenges
        self.reserve = reserve
        _ = meter.take()
        try refill()
        try feed()
    }

    func run(_ circuit: Circuit, _ inputs: [Block]) throws -> [Block] { try proof.run(circuit, inputs: inputs) }

    func constants(_ bits: [Bool]) -> [Block] { proof.constants(bits) }

    func aesExpand(_ key: [Block]) throws -> AESProofKey { try proof.aesKeySchedule(key: key) }

    func aesOfZero(_ key: AESProofKey) throws -> [Block] {
        try proof.aesEncrypt(key, input: constants([Bool](repeating: false, count: 128)))
    }

    func aesCounterBlocks(
        _ key: AESProofKey,
        nonce: [Block],
        counters: some Collection<UInt32>
    ) throws -> [Block] {
        try proof.aesCTR(key, nonce: nonce, counters: counters).flatMap { $0 }
    }

    func counterPrefix(_ key: AESProofKey, nonce: [Block], counter: UInt32) throws -> AESProofCounterPrefix {
        try proof.aesCounterPrefix(key, nonce: nonce, counter: counter)
    }

    func counterBlock(_ prefix: AESProofCounterPrefix, counter: UInt32) throws -> [Block] {
        try proof.aesCounterBlock(prefix, counter: counter)
    }

    func openedCounterBlock(_ prefix: AESProofCounterPrefix, counter: UInt32) throws -> [UInt8] {
        try proof.aesOpenedCounterBlock(prefix, counter: counter)
    }

    func witness(_ count: Int) throws -> [Block] { try proof.commit(count: count) }

    func reveal(_ wires: [Block]) throws -> [Bool] { try proof.reveal(wires) }

    func assertMasked(_ wires: [Block], masks: [Block], equals colours: [Bool]) throws {
        try proof.assertEqual(zip(wires, masks).map { $0 ^ $1 }, colours)
    }

    func assertEqual(_ wires: [Block], _ bits: [Bool]) throws { try proof.assertEqual(wires, bits) }

    func checkpoint() throws {
        budget.spend(meter.take())
        guard budget.isChunkFull else { return }
        try settle()
        budget.nextChunk()
        try refill()
        try feed()
    }

    /// Settles what is left and checks the final proof.
    ///
    /// - Throws: ``MPCTLSError/proofRejected(_:)`` if anything that was proved or opened does not hold.
    func verify() throws {
        try settle()
        let final = try channel.receive(SessionFrame.finalProof, limit: 4096)
        do {
            try proof.verify(finalProof: final)
        } catch {
            throw MPCTLSError.proofRejected("\(error)")
        }
    }

    private func refill() throws {
        if let count = budget.refill() { try reserve(count) }
    }

    private func feed() throws {
        proof.feed(message: try channel.receive(SessionFrame.proof, limit: ProofChunk.messageByteCountMax))
    }

    private func settle() throws {
        let challenge = challenges.nextBlock()
        try channel.send(SessionFrame.challenge, challenge.littleEndianBytes)
        try channel.flush()
        try proof.fold(challenge: challenge)
    }
}
