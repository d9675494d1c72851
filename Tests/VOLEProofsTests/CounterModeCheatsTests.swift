import BooleanCircuits
import CryptoCore
import Testing
import VOLEProofs

@Suite("Counter blocks whose witness is wrong")
struct CounterModeCheatsTests {
    private static let key = [UInt8](1...16)
    private static let nonce = [UInt8](20..<32)
    private static let counter: UInt32 = 0x0102_0304
    private static let challenge = Block(0x1234, 0x5678)

    /// The reference prover's message, its final proof, and the block it claims.
    private func reference(
        _ lie: CounterLie?,
        opens: Bool
    ) -> (session: ProofSession, message: [UInt8], proof: [UInt8], block: [UInt8]) {
        let session = ProofSession()
        var prover = ReferenceProver(correlations: session.proverCorrelations)
        prover.counterLie = lie
        let wires = prover.commit(bits(ofBytes: Self.key + Self.nonce))
        prover.keySchedule(Array(wires[..<128]))
        let block = prover.counterBlock(nonce: Array(wires[128...]), counter: Self.counter, opens: opens)
        return (session, prover.message, prover.finish(challenge: Self.challenge), block)
    }

    private func run(_ party: any ProofParty, _ wires: [Block], opens: Bool) throws -> [UInt8]? {
        let key = try party.aesKeySchedule(key: Array(wires[..<128]))
        let prefix = try party.aesCounterPrefix(key, nonce: Array(wires[128...]), counter: Self.counter)
        if opens { return try party.aesOpenedCounterBlock(prefix, counter: Self.counter) }
        _ = try party.aesCounterBlock(prefix, counter: Self.counter)
        return nil
    }

    @Test("the reference prover, when honest, sends the same bytes", arguments: [false, true])
    func referenceAgrees(opens: Bool) throws {
        let (_, message, proof, block) = reference(nil, opens: opens)
        #expect(block == AES128(key: Self.key).encrypt(Self.nonce + [1, 2, 3, 4]))
        let session = ProofSession()
        let wires = try session.prover.commit(bits(ofBytes: Self.key + Self.nonce))
        _ = try run(session.prover, wires, opens: opens)
        #expect(session.prover.takeMessage() == message)
        try session.prover.fold(challenge: Self.challenge)
        #expect(try session.prover.finish() == proof)
    }

    static let lies: [CounterLie] =
        (0..<4).flatMap { pair in
            [0, 7, 8, 15].flatMap { byte in
                [
                    CounterLie(step: .norm, pair: pair, byte: byte, change: { $0 ^ 1 }),
                    CounterLie(step: .norm, pair: pair, byte: byte, change: { _ in 0 }),
                    CounterLie(step: .inverse, pair: pair, byte: byte, change: { $0 ^ 0x80 }),
                    CounterLie(step: .inverse, pair: pair, byte: byte, change: { _ in 0 }),
                ]
            }
        } + (0..<16).map { CounterLie(step: .opened, pair: 3, byte: $0, change: { $0 ^ 0x10 }) }

    @Test("a wrong norm, inverse or opened byte is refused, however consistent the rest is", arguments: lies)
    func wrongWitness(lie: CounterLie) throws {
        // The last round commits to inverses only if its output is not opened.
        let opens = lie.step != .inverse
        let (session, message, proof, block) = reference(lie, opens: opens)
        #expect(block != AES128(key: Self.key).encrypt(Self.nonce + [1, 2, 3, 4]))
        session.verifier.feed(message: message)
        let opened = try run(session.verifier, session.verifier.commit(count: 224), opens: opens)
        #expect(opened == nil || opened == block)
        try session.verifier.fold(challenge: Self.challenge)
        #expect(throws: VOLEProofError.proofRejected) { try session.verifier.verify(finalProof: proof) }
    }

    @Test("the honest reference prover is believed", arguments: [false, true])
    func honest(opens: Bool) throws {
        let (session, message, proof, block) = reference(nil, opens: opens)
        session.verifier.feed(message: message)
        let opened = try run(session.verifier, session.verifier.commit(count: 224), opens: opens)
        #expect(opened == nil || opened == block)
        try session.verifier.fold(challenge: Self.challenge)
        try session.verifier.verify(finalProof: proof)
    }

    @Test("an error of degree 2 cannot hide in the coefficients that degree 3 leaves free", arguments: 0..<3)
    func degreesDoNotMix(coefficient: Int) throws {
        var builder = CircuitBuilder(inputCount: 2)
        let product = builder.and(builder.inputs[0], builder.inputs[1])
        let circuit = builder.finish(outputs: [product])
        for lies in [false, true] {
            let session = ProofSession()
            let wires = try session.commit([true, true])
            session.tamper = { lies ? [$0[0] ^ 1] : $0 }
            _ = try session.run(wires) { try $0.run(circuit, inputs: $1) }
            try session.prover.fold(challenge: Self.challenge)
            try session.verifier.fold(challenge: Self.challenge)
            var proof = try session.prover.finish()
            guard lies else {
                try session.verifier.verify(finalProof: proof)
                continue
            }
            // The only constraint is off by one and has the weight of the challenge.
            for (index, byte) in Self.challenge.littleEndianBytes.enumerated() {
                proof[16 * coefficient + index] ^= byte
            }
            #expect(throws: VOLEProofError.proofRejected) { try session.verifier.verify(finalProof: proof) }
        }
    }

    @Test("constraints can be sealed while the next steps are made, once")
    func sealing() throws {
        let session = ProofSession()
        let wires = try session.commit(bits(ofBytes: Self.key + Self.nonce))
        _ = try session.run(wires) { party, wires in
            _ = try run(party, wires, opens: true)
            return []
        }
        #expect(throws: Never.self) { try session.prover.seal() }
        #expect(throws: VOLEProofError.constraintsPending(session.prover.pendingConstraintCount)) {
            try session.prover.seal()
        }
        // The next step is made and sent before the first challenge is there.
        _ = try session.prover.reveal(Array(wires.prover[..<9]))
        let late = session.prover.takeMessage()
        try session.verifier.fold(challenge: Self.challenge)
        try session.prover.fold(challenge: Self.challenge)
        session.verifier.feed(message: late)
        _ = try session.verifier.reveal(Array(wires.verifier[..<9]))
        #expect(throws: VOLEProofError.constraintsPending(1)) { try session.prover.finish() }
        try session.finish()
    }
}
