import BooleanCircuits
import CryptoCore
import Testing
import VOLEProofs

@Suite("Provers that cheat")
struct CheatingProverTests {
    @Test("a flipped witness bit is refused", arguments: [0, 1, 63, 127])
    func flippedWitness(index: Int) throws {
        let key = [UInt8](0..<16)
        let session = ProofSession()
        let wires = try session.commit(bits(ofBytes: key))
        let lying = (prover: flipped(wires.prover, at: index), verifier: wires.verifier)
        let output = try session.run(lying) { party, wires in
            try party.aesEncrypt(
                party.aesKeySchedule(key: wires),
                input: party.constants([Bool](repeating: false, count: 128))
            )
        }
        _ = try session.reveal(output)
        #expect(throws: VOLEProofError.proofRejected) { try session.finish() }
    }

    @Test("an AND gate whose inputs or output are lied about is refused")
    func wrongGate() throws {
        var builder = CircuitBuilder(inputCount: 2)
        let product = builder.and(builder.inputs[0], builder.inputs[1])
        let circuit = builder.finish(outputs: [product])
        for lies in [[0], [1], [0, 1]] {
            let session = ProofSession()
            let wires = try session.commit([true, false])
            let claimed = lies.reduce(wires.prover) { flipped($0, at: $1) }
            _ = try session.run((claimed, wires.verifier)) { try $0.run(circuit, inputs: $1) }
            #expect(throws: VOLEProofError.proofRejected) { try session.finish() }
        }
        // The correction of the output, on the way.
        let session = ProofSession()
        let wires = try session.commit([true, true])
        session.tamper = { message in message.map { $0 ^ 1 } }
        _ = try session.run(wires) { try $0.run(circuit, inputs: $1) }
        #expect(throws: VOLEProofError.proofRejected) { try session.finish() }
    }

    @Test("the reference prover, when honest, sends the same bytes")
    func referenceAgrees() throws {
        let honest = ProofSession()
        let key = bits(ofBytes: [UInt8](repeating: 0, count: 16))
        var messages: [UInt8] = []
        honest.tamper = { message in
            messages += message
            return message
        }
        let wires = try honest.commit(key)
        _ = try honest.run(wires) { try $0.aesKeySchedule(key: $1).roundKeys }
        let challenge = Block(11, 12)
        try honest.prover.fold(challenge: challenge)
        let proof = try honest.prover.finish()
        var reference = ReferenceProver(correlations: ProofSession().proverCorrelations)
        let referenceKey = reference.commit(key)
        reference.keySchedule(referenceKey)
        #expect(reference.message == messages)
        #expect(reference.finish(challenge: challenge) == proof)
    }

    /// Which of the two equations of an S-box a lie violates.
    struct BoxLie: Sendable, CustomTestStringConvertible {
        let name: String
        let key: [UInt8]
        let index: Int
        let violates: (first: Bool, second: Bool)
        let inverse: @Sendable (UInt8) -> UInt8
        var testDescription: String { name }
    }

    private static let zeroKey = [UInt8](repeating: 0, count: 16)
    private static let mixedKey = [UInt8](1...16)

    static let boxLies: [BoxLie] = [
        // The key zero feeds zeros into the first four S-boxes.
        BoxLie(name: "x = 0, y = 1", key: zeroKey, index: 2, violates: (false, true), inverse: { _ in 1 }),
        BoxLie(name: "x = 0, y = 255", key: zeroKey, index: 3, violates: (false, true), inverse: { _ in 255 }),
        BoxLie(name: "x not 0, y = 0", key: mixedKey, index: 0, violates: (true, false), inverse: { _ in 0 }),
        BoxLie(name: "the same, at the end", key: mixedKey, index: 39, violates: (true, false), inverse: { _ in 0 }),
        BoxLie(
            name: "y another inverse",
            key: mixedKey,
            index: 21,
            violates: (true, true),
            inverse: { AESField.power($0, 254) ^ 1 }
        ),
    ]

    @Test("an S-box witness that is no inverse is refused", arguments: boxLies)
    func wrongInverse(lie: BoxLie) throws {
        for lies in [false, true] {
            let session = ProofSession()
            var prover = ReferenceProver(correlations: session.proverCorrelations)
            if lies { prover.lie = (lie.index, lie.inverse) }
            let key = prover.commit(bits(ofBytes: lie.key))
            prover.keySchedule(key)
            session.verifier.feed(message: prover.message)
            _ = try session.verifier.aesKeySchedule(key: session.verifier.commit(count: 128))
            let challenge = Block(0x1234, 0x5678)
            try session.verifier.fold(challenge: challenge)
            let proof = prover.finish(challenge: challenge)
            if lies {
                let violations = try #require(prover.violations)
                #expect((violations.first != 0) == lie.violates.first)
                #expect((violations.second != 0) == lie.violates.second)
                #expect(throws: VOLEProofError.proofRejected) { try session.verifier.verify(finalProof: proof) }
            } else {
                try session.verifier.verify(finalProof: proof)
            }
        }
    }

    @Test("a wrong revealed bit is refused, wherever it is", arguments: [0, 5, 127, 128, 199])
    func wrongReveal(index: Int) throws {
        let session = ProofSession()
        let witness = (0..<200).map { $0 % 3 == 0 }
        let wires = try session.commit(witness)
        let revealed = try session.reveal((flipped(wires.prover, at: index), wires.verifier))
        var expected = witness
        expected[index].toggle()
        #expect(revealed == expected)
        #expect(throws: VOLEProofError.proofRejected) { try session.finish() }
    }

    @Test("a revealed bit changed on the way is refused")
    func tamperedReveal() throws {
        let session = ProofSession()
        let wires = try session.commit([true, false, true])
        session.tamper = { [$0[0] ^ 2] }
        #expect(try session.reveal(wires) == [true, true, true])
        #expect(throws: VOLEProofError.proofRejected) { try session.finish() }
    }

    @Test("what an early fold found false cannot be cancelled in a later one", arguments: [true, false])
    func cancellationAcrossFolds(weightedByChallenge: Bool) throws {
        let session = ProofSession()
        let wires = try session.commit([Bool](repeating: false, count: 128))
        _ = try session.reveal((flipped([wires.prover[0]], at: 0), [wires.verifier[0]]))
        let challenge = Block(0xfeed_f00d, 0x1234)
        try session.prover.fold(challenge: challenge)
        try session.verifier.fold(challenge: challenge)
        // One false constraint of value 1 leaves its weight: the challenge, or 1 if weights began with challenge^0.
        // An opening that is false by just that value would cancel it if its own weight were 1.
        let left = weightedByChallenge ? challenge : Block(1, 0)
        var cancelling = wires.prover
        for index in 0..<128 where left.bit(index) { cancelling[index] ^= Block(1, 0) }
        _ = try session.reveal((cancelling, wires.verifier))
        #expect(throws: VOLEProofError.proofRejected) { try session.finish() }
    }

    @Test("every bit of the final proof matters")
    func tamperedFinalProof() throws {
        for bit in 0..<384 {
            let session = ProofSession()
            _ = try session.reveal(try session.commit([true]))
            #expect(throws: VOLEProofError.proofRejected) {
                try session.finish { proof in
                    var proof = proof
                    proof[bit / 8] ^= 1 << UInt8(bit % 8)
                    return proof
                }
            }
            #expect(throws: VOLEProofError.proofRejected) {
                try session.verifier.verify(finalProof: [UInt8](repeating: 0, count: 48))
            }
        }
    }

    @Test("every byte of AES's corrections matters")
    func tamperedCorrections() throws {
        for index in stride(from: 0, to: 27 + 101, by: 3) {
            let session = ProofSession()
            let wires = try session.commit(bits(ofBytes: [UInt8](0..<28)))
            session.tamper = { message in
                var message = message
                message[40 + index] ^= 0x10
                return message
            }
            _ = try session.run(wires) { party, wires in
                let key = try party.aesKeySchedule(key: Array(wires[..<128]))
                return try party.aesCTR(key, nonce: Array(wires[128...]), counters: 1..<2)[0]
            }
            #expect(throws: VOLEProofError.proofRejected) { try session.finish() }
        }
    }

    @Test("every committed and every opened byte of an opened block matters")
    func tamperedOpening() throws {
        for index in 0..<101 {
            let session = ProofSession()
            let wires = try session.commit(bits(ofBytes: [UInt8](0..<28)))
            session.tamper = { message in
                var message = message
                message[40 + 27 + index] ^= 0x01
                return message
            }
            _ = try session.run(wires) { party, wires in
                let key = try party.aesKeySchedule(key: Array(wires[..<128]))
                let prefix = try party.aesCounterPrefix(key, nonce: Array(wires[128...]), counter: 1)
                _ = try party.aesOpenedCounterBlock(prefix, counter: 1)
                return []
            }
            #expect(throws: VOLEProofError.proofRejected) { try session.finish() }
        }
    }

    @Test("a prover with another last round key cannot open what follows from it")
    func otherLastRoundKey() throws {
        for index in [1280, 1407] {
            let session = ProofSession()
            let wires = try session.commit(bits(ofBytes: [UInt8](0..<28)))
            _ = try session.run(wires) { party, wires in
                let key = try party.aesKeySchedule(key: Array(wires[..<128]))
                // The cheater's every step is consistent with a key that has one other bit.
                let claimed =
                    party is ProofProver ? AESProofKey(roundKeys: flipped(key.roundKeys, at: index)) : key
                let prefix = try party.aesCounterPrefix(claimed, nonce: Array(wires[128...]), counter: 1)
                _ = try party.aesOpenedCounterBlock(prefix, counter: 1)
                return []
            }
            #expect(throws: VOLEProofError.proofRejected) { try session.finish() }
        }
    }

    @Test("a proof replayed under another challenge is refused")
    func replay() throws {
        let session = ProofSession()
        let wires = try session.commit([true, true])
        let product = try session.run(wires) { party, wires in
            var builder = CircuitBuilder(inputCount: 2)
            let output = builder.and(builder.inputs[0], builder.inputs[1])
            return try party.run(builder.finish(outputs: [output]), inputs: wires)
        }
        _ = try session.reveal(product)
        try session.prover.fold(challenge: Block(1, 2))
        try session.verifier.fold(challenge: Block(1, 3))
        let proof = try session.prover.finish()
        #expect(throws: VOLEProofError.proofRejected) { try session.verifier.verify(finalProof: proof) }
    }

    @Test("a proof of another session is refused")
    func otherSession() throws {
        let first = ProofSession(seed: 1)
        let second = ProofSession(seed: 2)
        for session in [first, second] {
            _ = try session.reveal(try session.commit([true]))
            try session.fold()
        }
        let proof = try first.prover.finish()
        #expect(throws: VOLEProofError.proofRejected) { try second.verifier.verify(finalProof: proof) }
    }
}
