import BooleanCircuits
import CKernels
import CryptoCore
import Testing
import VOLEProofs

@Suite("QuickSilver over circuits")
struct CircuitProofTests {
    /// The padded block of "abc" (FIPS 180-4), in word order.
    private static var abcBlock: [Bool] {
        let block = bytes(ofHex: "61626380") + [UInt8](repeating: 0, count: 59) + [24]
        return BitOrder.byteBitsToWordBits(bits(ofBytes: block))
    }

    @Test("SHA-256 of abc is proved and opened, at one bit an AND and one constraint for 128")
    func sha256() throws {
        let session = ProofSession()
        let block = try session.commit(Self.abcBlock)
        let circuit = Circuits.sha256Compression
        let committedBytes = session.sentByteCount
        let digest = try session.run(block) { party, wires in
            let state = party.constants(BitOrder.bits(ofWords: SHA256.initialState))
            return try party.run(circuit, inputs: state + wires)
        }
        #expect(session.sentByteCount - committedBytes == (circuit.andCount + 7) / 8)
        #expect(session.prover.pendingConstraintCount == (circuit.andCount + 127) / 128)
        #expect(session.verifier.pendingConstraintCount == session.prover.pendingConstraintCount)
        session.expectAuthenticated(digest)
        let opened = BitOrder.bytes(ofBits: BitOrder.wordBitsToByteBits(try session.reveal(digest)))
        #expect(opened == bytes(ofHex: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"))
        #expect(!session.verifier.isVerified)
        try session.finish()
        #expect(session.verifier.isVerified)
        #expect(session.proverCorrelations.drawnCount == 512 + circuit.andCount + 256)
    }

    @Test("a digest can be asserted without sending it, and the wrong digest cannot")
    func assertion() throws {
        for wrongBit in [nil, 0, 127, 128, 255] as [Int?] {
            let session = ProofSession()
            let digest = try session.run(try session.commit(Self.abcBlock)) { party, wires in
                let state = party.constants(BitOrder.bits(ofWords: SHA256.initialState))
                return try party.run(Circuits.sha256Compression, inputs: state + wires)
            }
            let expected = BitOrder.byteBitsToWordBits(bits(ofBytes: SHA256.hash(Array("abc".utf8))))
            var asserted = expected
            if let wrongBit { asserted[wrongBit].toggle() }
            if let wrongBit {
                #expect(throws: VOLEProofError.assertionIsFalse) {
                    try session.prover.assertEqual(digest.prover, asserted)
                }
                try session.prover.assertEqual(flipped(digest.prover, at: wrongBit), asserted)
            } else {
                try session.prover.assertEqual(digest.prover, asserted)
            }
            try session.verifier.assertEqual(digest.verifier, asserted)
            if wrongBit == nil {
                try session.finish()
            } else {
                #expect(throws: VOLEProofError.proofRejected) { try session.finish() }
                #expect(!session.verifier.isVerified)
            }
        }
    }

    @Test("random circuits agree with plain evaluation, for odd numbers of gates", arguments: 1...12)
    func randomCircuits(seed: UInt64) throws {
        var random = BlockPRG(seed: Block(seed, 99))
        var builder = CircuitBuilder(inputCount: 17)
        var wires = builder.inputs
        for _ in 0..<(40 * Int(seed) + Int(seed)) {
            let a = wires[Int(random.next() % UInt64(wires.count))]
            let b = wires[Int(random.next() % UInt64(wires.count))]
            switch random.next() % 4 {
            case 0: wires.append(builder.xor(a, b))
            case 1: wires.append(~a)
            default: wires.append(builder.and(a, b))
            }
        }
        let circuit = builder.finish(outputs: Array(wires.suffix(20)))
        let witness = (0..<17).map { _ in random.next() & 1 == 1 }
        let session = ProofSession(seed: seed)
        let outputs = try session.run(try session.commit(witness)) { party, inputs in
            try party.run(circuit, inputs: inputs)
        }
        session.expectAuthenticated(outputs)
        #expect(try session.reveal(outputs) == circuit.evaluate(witness))
        try session.finish()
    }

    @Test("constants, XOR and NOT are free and right")
    func linear() throws {
        let session = ProofSession()
        let wires = try session.commit([false, false, true, true])
        let mixed = try session.run(wires) { party, wires in
            let sum = try party.xor(wires, party.constants([false, true, false, true]))
            return sum + sum.map(party.not) + [party.constant(true), party.constant(false)]
        }
        session.expectAuthenticated(mixed)
        let values = try session.reveal(mixed)
        #expect(values == [false, true, true, false, true, false, false, true, true, false])
        try session.finish()
        #expect(session.proverCorrelations.drawnCount == 4 + 256)
    }

    @Test("several folds, some of nothing, settle one proof")
    func severalFolds() throws {
        let session = ProofSession()
        try session.fold()
        var state = try session.commit([Bool](repeating: true, count: 768))
        for _ in 0..<3 {
            let digest = try session.run(state) { try $0.run(Circuits.sha256Compression, inputs: $1) }
            try session.fold()
            #expect(session.prover.pendingConstraintCount == 0)
            state = (digest.prover + state.prover[256...], digest.verifier + state.verifier[256...])
        }
        _ = try session.reveal(state)
        try session.finish()
        #expect(session.verifier.isVerified)
    }

    @Test("the portable kernels give the same messages and proofs")
    func portableKernels() throws {
        func transcript() throws -> [[UInt8]] {
            let session = ProofSession()
            var messages: [[UInt8]] = []
            session.tamper = { message in
                messages.append(message)
                return message
            }
            let wires = try session.commit([Bool](repeating: true, count: 768))
            _ = try session.run(wires) { party, wires in
                let key = try party.aesKeySchedule(key: Array(wires[..<128]))
                return try party.aesCTR(key, nonce: Array(wires[128..<224]), counters: 254..<258).flatMap { $0 }
                    + party.run(Circuits.sha256Compression, inputs: wires)
            }
            try session.finish { proof in
                messages.append(proof)
                return proof
            }
            return messages
        }
        let accelerated = try transcript()
        tab_cpu_use_portable(1)
        defer { tab_cpu_use_portable(0) }
        #expect(try transcript() == accelerated)
    }
}
