internal import BooleanCircuits
internal import CryptoCore
internal import PartyChannel
internal import VOLEProofs

/// The prover's half of the final proof, chunk by chunk over the channel.
final class ProvingBackend: ProofBackend, Redacted {
    typealias AESKey = AESProofKey

    private let proof: ProofProver
    private let channel: any PartyChannel
    private let meter: CorrelationMeter
    private let reserve: (Int) throws -> Void
    private var budget: ProofBudget
    private var witnessBits: ArraySlice<Bool>
    private var awaitsChallenge = false

    /// - Parameters:
    ///   - meter: counts what `proof` takes.
    ///   - reserve: prepares correlations together with the other party.
    ///   - witnessBits: what ``witness(_:)`` commits, in order.
    init(
        proof: ProofProver,
        channel: any PartyChannel,
        meter: CorrelationMeter,
        budget: ProofBudget,
        witnessBits: [Bool],
        reserve: @escaping (Int) throws -> Void
    ) throws {
        self.proof = proof
        self.channel = channel
        self.meter = meter
        self.budget = budget
        self.witnessBits = witnessBits[...]
        self.reserve = reserve
        _ = meter.take()
        if let count = self.budget.refill() { try reserve(count) }
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

    func witness(_ count: Int) throws -> [Block] {
        precondition(witnessBits.count >= count, "the statement commits no more than its witness")
        defer { witnessBits = witnessBits.dropFirst(count) }
        return try proof.commit(Array(witnessBits.prefix(count)))
    }

    func reveal(_ wires: [Block]) throws -> [Bool] { try proof.reveal(wires) }

    func assertMasked(_ wires: [Block], masks: [Block], equals colours: [Bool]) throws {
        let masked = zip(wires, masks).map { $0 ^ $1 }
        try proof.assertEqual(masked, masked.lowBits)
    }

    func assertEqual(_ wires: [Block], _ bits: [Bool]) throws { try proof.assertEqual(wires, bits) }

    func checkpoint() throws {
        budget.spend(meter.take())
        guard budget.isChunkFull else { return }
        try settle()
        budget.nextChunk()
        guard let count = budget.refill() else { return }
        // Both parties speak for that, and the challenge comes first.
        try receiveChallenge()
        try reserve(count)
    }

    /// Settles what is left and sends the final proof.
    func finish() throws {
        try settle()
        try receiveChallenge()
        try channel.send(SessionFrame.finalProof, try proof.finish())
        try channel.flush()
    }

    /// Sends a chunk; its challenge is awaited only when the next chunk has been sent, so that both parties compute.
    private func settle() throws {
        try channel.send(SessionFrame.proof, proof.takeMessage())
        try channel.flush()
        try receiveChallenge()
        try proof.seal()
        awaitsChallenge = true
    }

    private func receiveChallenge() throws {
        guard awaitsChallenge else { return }
        awaitsChallenge = false
        let challenge = try channel.receive(SessionFrame.challenge, exactly: 16)
        try proof.fold(challenge: Block(littleEndian: challenge[...]))
    }
}

/// Counts correlations between two looks.
final class CorrelationMeter {
    private var count = 0

    /// Notes that `count` were taken.
    func add(_ count: Int) { self.count += count }

    /// What was taken since the last call.
    func take() -> Int {
        defer { count = 0 }
        return count
    }
}
