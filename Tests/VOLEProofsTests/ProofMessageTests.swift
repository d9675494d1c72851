import BooleanCircuits
import CryptoCore
import Testing
import VOLEProofs

@Suite("Proof messages and calls out of order")
struct ProofMessageTests {
    /// A session whose prover has done one step of each kind, and its message.
    private func proved() throws -> (session: ProofSession, message: [UInt8]) {
        let session = ProofSession()
        let wires = try session.prover.commit((0..<131).map { $0 % 2 == 0 })
        _ = try session.prover.aesKeySchedule(key: Array(wires[..<128]))
        _ = try session.prover.run(Self.circuit, inputs: Array(wires[..<3]))
        _ = try session.prover.reveal(Array(wires[..<5]))
        return (session, session.prover.takeMessage())
    }

    private static let circuit: Circuit = {
        var builder = CircuitBuilder(inputCount: 3)
        let first = builder.and(builder.inputs[0], builder.inputs[1])
        let second = builder.and(first, builder.inputs[2])
        return builder.finish(outputs: [second])
    }()

    private func replay(_ verifier: ProofVerifier) throws {
        let wires = try verifier.commit(count: 131)
        _ = try verifier.aesKeySchedule(key: Array(wires[..<128]))
        _ = try verifier.run(Self.circuit, inputs: Array(wires[..<3]))
        _ = try verifier.reveal(Array(wires[..<5]))
        try verifier.fold(challenge: Block(21, 22))
    }

    @Test("byte by byte is as good as in one piece")
    func dripFeed() throws {
        let (session, message) = try proved()
        #expect(message.count == 17 + 40 + 1 + 1)
        for byte in message { session.verifier.feed(message: [byte]) }
        session.verifier.feed(message: [])
        try replay(session.verifier)
        try session.prover.fold(challenge: Block(21, 22))
        try session.verifier.verify(finalProof: try session.prover.finish())
        #expect(session.verifier.isVerified)
    }

    @Test("feeding only what the next step needs works too")
    func interleavedFeeding() throws {
        let (session, message) = try proved()
        session.verifier.feed(message: Array(message[..<20]))
        let wires = try session.verifier.commit(count: 131)
        session.verifier.feed(message: Array(message[20...]))
        _ = try session.verifier.aesKeySchedule(key: Array(wires[..<128]))
        #expect(session.verifier.unreadByteCount == 2)
    }

    @Test("a truncated message is the peer's fault, at every length")
    func truncated() throws {
        let length = try proved().message.count
        for kept in 0..<length {
            let (session, message) = try proved()
            session.verifier.feed(message: Array(message[..<kept]))
            let error = try #require(throws: VOLEProofError.self) { try replay(session.verifier) }
            #expect(error.isPeerFault)
            // The rest comes too late.
            session.verifier.feed(message: Array(message[kept...]))
            #expect(throws: error) { try session.verifier.commit(count: 1) }
            #expect(throws: error) { try session.verifier.verify(finalProof: [UInt8](repeating: 0, count: 48)) }
        }
    }

    @Test("extra bytes are the peer's fault, before a challenge and before the end")
    func extended() throws {
        let (session, message) = try proved()
        session.verifier.feed(message: message + [0])
        #expect(throws: VOLEProofError.trailingMessageBytes(1)) { try replay(session.verifier) }

        let (late, lateMessage) = try proved()
        late.verifier.feed(message: lateMessage)
        try replay(late.verifier)
        try late.prover.fold(challenge: Block(21, 22))
        late.verifier.feed(message: [1, 2])
        #expect(throws: VOLEProofError.trailingMessageBytes(2)) {
            try late.verifier.verify(finalProof: try late.prover.finish())
        }
        #expect(!late.verifier.isVerified)
    }

    @Test("padding bits must be zero", arguments: [(16, 0x08), (16, 0x80), (57, 0x04), (57, 0x80), (58, 0x20)])
    func padding(index: Int, bit: UInt8) throws {
        let (session, original) = try proved()
        var message = original
        message[index] |= bit
        session.verifier.feed(message: message)
        #expect(throws: VOLEProofError.paddingNotZero) { try replay(session.verifier) }
    }

    @Test("a final proof of another length is refused", arguments: [0, 1, 32, 47, 49, 64])
    func finalProofLength(count: Int) throws {
        let session = ProofSession()
        let error = VOLEProofError.malformedFinalProof(byteCount: count)
        #expect(throws: error) { try session.verifier.verify(finalProof: [UInt8](repeating: 0, count: count)) }
        #expect(error.isPeerFault)
        #expect("\(error)" == "the final proof has \(count) bytes, it must have 48")
    }

    @Test("constraints without a challenge cannot be skipped")
    func pending() throws {
        let session = ProofSession()
        _ = try session.reveal(try session.commit([true]))
        #expect(throws: VOLEProofError.constraintsPending(1)) { try session.prover.finish() }
        #expect(throws: VOLEProofError.constraintsPending(1)) {
            try session.verifier.verify(finalProof: [UInt8](repeating: 0, count: 48))
        }
    }

    @Test("the prover does not fold or finish before its message is taken")
    func untaken() throws {
        let session = ProofSession()
        _ = try session.prover.commit([true, false])
        #expect(throws: VOLEProofError.messageNotTaken(byteCount: 1)) {
            try session.prover.fold(challenge: Block(1, 1))
        }
        #expect(throws: VOLEProofError.messageNotTaken(byteCount: 1)) { try session.prover.finish() }
    }

    @Test("nothing follows the end")
    func finished() throws {
        let session = ProofSession()
        let wires = try session.commit([true])
        try session.finish()
        for party in [session.prover, session.verifier] as [any ProofParty] {
            let own = party === session.prover ? wires.prover : wires.verifier
            #expect(throws: VOLEProofError.alreadyFinished) { try party.reveal(own) }
            #expect(throws: VOLEProofError.alreadyFinished) { try party.assertEqual(own, [true]) }
            #expect(throws: VOLEProofError.alreadyFinished) { try party.fold(challenge: Block(1, 1)) }
            #expect(throws: VOLEProofError.alreadyFinished) {
                try party.run(Self.circuit, inputs: [own[0], own[0], own[0]])
            }
        }
        #expect(throws: VOLEProofError.alreadyFinished) { try session.prover.finish() }
    }

    @Test("a source of correlations that runs dry is reported")
    func shortCorrelations() throws {
        let prover = ProofProver { [Block](repeating: .zero, count: $0 - 1) }
        #expect(throws: VOLEProofError.wrongCorrelationCount(expected: 3, received: 2)) {
            try prover.commit([true, true, true])
        }
    }

    @Test("what the verifier sees does not depend on the witness beyond what is opened")
    func masking() throws {
        // With the same correlations, two witnesses give messages that differ exactly by the witnesses, so that each
        // is uniform when the correlations are; the final proofs of different sessions share no block.
        var messages: [[UInt8]] = []
        for witness in [[UInt8](repeating: 0, count: 16), [UInt8](repeating: 0xa5, count: 16)] {
            let session = ProofSession()
            _ = try session.prover.commit(bits(ofBytes: witness))
            messages.append(session.prover.takeMessage())
        }
        #expect(zip(messages[0], messages[1]).allSatisfy { $0 ^ $1 == 0xa5 })
        var halves: Set<[UInt8]> = []
        for seed in 1...20 as ClosedRange<UInt64> {
            let session = ProofSession(seed: seed)
            _ = try session.reveal(try session.commit([true]))
            try session.finish { proof in
                halves.insert(Array(proof[..<16]))
                halves.insert(Array(proof[16...]))
                return proof
            }
        }
        #expect(halves.count == 40)
    }
}
