import BooleanCircuits
import CryptoCore
import Testing
import VOLEProofs

/// Prover and verifier in one process, over ideal correlations, with hooks where a cheater would act.
final class ProofSession {
    let delta: Delta
    let prover: ProofProver
    let verifier: ProofVerifier
    let proverCorrelations: IdealCorrelations
    private var challenges: BlockPRG
    /// All message bytes sent, tampered or not.
    private(set) var sentByteCount = 0
    /// What is done to a message on its way.
    var tamper: ([UInt8]) -> [UInt8] = { $0 }

    init(seed: UInt64 = 1, challengeSeed: UInt64 = 7) {
        var random = BlockPRG(seed: Block(seed, 0))
        delta = Delta(random: &random)
        let dealt = random.nextBlock()
        let proverCorrelations = IdealCorrelations(.prover, delta: delta, seed: dealt)
        let verifierCorrelations = IdealCorrelations(.verifier, delta: delta, seed: dealt)
        self.proverCorrelations = proverCorrelations
        prover = ProofProver(correlations: proverCorrelations.next)
        verifier = ProofVerifier(delta: delta, correlations: verifierCorrelations.next)
        challenges = BlockPRG(seed: Block(challengeSeed, 1))
    }

    /// Sends what the prover has to say.
    func send() {
        let message = tamper(prover.takeMessage())
        sentByteCount += message.count
        verifier.feed(message: message)
    }

    /// Both commit to `witness`; returns each party's wires.
    func commit(_ witness: [Bool]) throws -> (prover: [Block], verifier: [Block]) {
        let wires = try prover.commit(witness)
        send()
        return (wires, try verifier.commit(count: witness.count))
    }

    /// Both run `statement` on their wires, the verifier after it has the prover's message.
    func run(
        _ wires: (prover: [Block], verifier: [Block]),
        _ statement: (any ProofParty, [Block]) throws -> [Block]
    ) throws -> (prover: [Block], verifier: [Block]) {
        let result = try statement(prover, wires.prover)
        send()
        return (result, try statement(verifier, wires.verifier))
    }

    /// Both open wires; returns what the verifier sees.
    func reveal(_ wires: (prover: [Block], verifier: [Block])) throws -> [Bool] {
        _ = try prover.reveal(wires.prover)
        send()
        return try verifier.reveal(wires.verifier)
    }

    /// One challenge for everything so far.
    func fold() throws {
        let challenge = challenges.nextBlock()
        try prover.fold(challenge: challenge)
        try verifier.fold(challenge: challenge)
    }

    /// Folds and verifies.
    func finish(tampering: ([UInt8]) -> [UInt8] = { $0 }) throws {
        try fold()
        try verifier.verify(finalProof: tampering(try prover.finish()))
    }

    /// Every wire of the prover is a MAC of its low bit under the verifier's key.
    func expectAuthenticated(
        _ wires: (prover: [Block], verifier: [Block]),
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(wires.prover.count == wires.verifier.count, sourceLocation: sourceLocation)
        let authentic = zip(wires.prover, wires.verifier).allSatisfy { mac, key in
            !key.lowBit && mac == key ^ delta.block.masked(by: mac.lowBit)
        }
        #expect(authentic, sourceLocation: sourceLocation)
    }
}

/// What a cheating prover holds that claims the opposite bit for a wire.
func flipped(_ wires: [Block], at indices: Int...) -> [Block] {
    var result = wires
    for index in indices { result[index] ^= Block(1, 0) }
    return result
}

func bits(ofBytes bytes: [UInt8]) -> [Bool] { BitOrder.bits(ofBytes: bytes) }

func bytes(ofHex hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(16 * digits[$0] + digits[$0 + 1]) }
}
