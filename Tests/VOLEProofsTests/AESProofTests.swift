import BooleanCircuits
import CryptoCore
import Testing
import VOLEProofs

@Suite("AES with one byte per S-box")
struct AESProofTests {
    @Test("FIPS 197, appendix C.1, is proved in 200 bytes")
    func knownAnswer() throws {
        let session = ProofSession()
        let key = bits(ofBytes: bytes(ofHex: "000102030405060708090a0b0c0d0e0f"))
        let plaintext = bits(ofBytes: bytes(ofHex: "00112233445566778899aabbccddeeff"))
        let wires = try session.commit(key + plaintext)
        let before = session.sentByteCount
        let output = try session.run(wires) { party, wires in
            try party.aesEncrypt(party.aesKeySchedule(key: Array(wires[..<128])), input: Array(wires[128...]))
        }
        #expect(session.sentByteCount - before == 40 + 160)
        session.expectAuthenticated(output)
        let ciphertext = BitOrder.bytes(ofBits: try session.reveal(output))
        #expect(ciphertext == bytes(ofHex: "69c4e0d86a7b0430d8cdb78070b4c55a"))
        try session.finish()
    }

    @Test("FIPS 197, appendix A.1: the last round key")
    func keyExpansion() throws {
        let session = ProofSession()
        let key = bits(ofBytes: bytes(ofHex: "2b7e151628aed2a6abf7158809cf4f3c"))
        let roundKeys = try session.run(try session.commit(key)) { try $0.aesKeySchedule(key: $1).roundKeys }
        #expect(roundKeys.prover.count == 1408)
        session.expectAuthenticated(roundKeys)
        let last = try session.reveal((Array(roundKeys.prover[1280...]), Array(roundKeys.verifier[1280...])))
        #expect(BitOrder.bytes(ofBits: last) == bytes(ofHex: "d014f9a8c9ee2589e13f0cc8b6630ca6"))
        try session.finish()
    }

    @Test("all 256 bytes, zero included, pass the S-box as OpenSSL computes it")
    func everyByte() throws {
        let session = ProofSession()
        let keyBytes = [UInt8](repeating: 0, count: 16)
        let key = try session.run(try session.commit(bits(ofBytes: keyBytes))) {
            try $0.aesKeySchedule(key: $1).roundKeys
        }
        // With key zero the inputs of round 1 are the plaintext's bytes.
        for first in stride(from: 0, to: 256, by: 16) {
            let plaintext = (0..<16).map { UInt8(first + $0) }
            let input = try session.commit(bits(ofBytes: plaintext))
            let output = try session.run((key.prover + input.prover, key.verifier + input.verifier)) { party, wires in
                let key = try party.aesKeySchedule(key: Array(wires[..<128]))
                return try party.aesEncrypt(key, input: Array(wires[1408...]))
            }
            #expect(BitOrder.bytes(ofBits: try session.reveal(output)) == AES128(key: keyBytes).encrypt(plaintext))
        }
        try session.finish()
    }

    @Test("cached counter mode equals AES, across a change of the upper counter bits")
    func counterMode() throws {
        var random = BlockPRG(seed: Block(3, 4))
        for counters in [1..<4, 254..<259, 0x00ff_fffe..<0x0100_0001, 0xffff_fffd..<0xffff_ffff] as [Range<UInt32>] {
            let key = random.bytes(16)
            let nonce = random.bytes(12)
            let session = ProofSession()
            let wires = try session.commit(bits(ofBytes: key + nonce))
            let before = session.sentByteCount
            let keystream = try session.run(wires) { party, wires in
                let key = try party.aesKeySchedule(key: Array(wires[..<128]))
                let blocks = try party.aesCTR(key, nonce: Array(wires[128...]), counters: counters)
                #expect(blocks.allSatisfy { $0.count == 128 })
                return blocks.flatMap { $0 }
            }
            let prefixCount = Set(counters.map { $0 >> 8 }).count
            #expect(session.sentByteCount - before == 40 + 27 * prefixCount + 101 * counters.count)
            session.expectAuthenticated(keystream)
            let expected = counters.flatMap { counter in
                AES128(key: key).encrypt(nonce + (0..<4).map { UInt8(truncatingIfNeeded: counter >> (24 - 8 * $0)) })
            }
            #expect(BitOrder.bytes(ofBits: try session.reveal(keystream)) == expected)
            try session.finish()
        }
    }

    @Test("an opened counter block is AES's, costs 16 bytes less, and nothing more for zero S-box inputs")
    func openedCounterMode() throws {
        var random = BlockPRG(seed: Block(3, 5))
        let key = random.bytes(16)
        let nonce = random.bytes(12)
        let session = ProofSession()
        let wires = try session.commit(bits(ofBytes: key + nonce))
        let before = session.sentByteCount
        let counters: Range<UInt32> = 0x1200..<0x1240
        var opened: [[UInt8]] = []
        _ = try session.run(wires) { party, wires in
            let key = try party.aesKeySchedule(key: Array(wires[..<128]))
            let prefix = try party.aesCounterPrefix(key, nonce: Array(wires[128...]), counter: 0x1200)
            opened.append(try counters.flatMap { try party.aesOpenedCounterBlock(prefix, counter: $0) })
            #expect(throws: VOLEProofError.counterOutsidePrefix) {
                try party.aesOpenedCounterBlock(prefix, counter: 0x1300)
            }
            return []
        }
        #expect(session.sentByteCount - before == 40 + 27 + (85 + 16) * counters.count)
        let aes = AES128(key: key)
        let expected = counters.flatMap { aes.encrypt(nonce + [0, 0, UInt8($0 >> 8), UInt8($0 & 0xff)]) }
        #expect(opened == [expected, expected])
        // 1,024 S-boxes of last rounds: some have the input zero, whose inverse is zero.
        let lastKey = try session.run(wires) { try $0.aesKeySchedule(key: Array($1[..<128])).roundKeys }
        let roundKey = BitOrder.bytes(ofBits: lastKey.prover[1280...].map(\.lowBit))
        #expect(expected.indices.contains { expected[$0] ^ roundKey[$0 % 16] == 0x63 })
        try session.finish()
    }

    @Test("a public nonce is a constant; a prefix serves its 256 counters and no others")
    func prefix() throws {
        let session = ProofSession()
        let wires = try session.commit(bits(ofBytes: [UInt8](repeating: 7, count: 16)))
        let nonce = [UInt8](1...12)
        let blocks = try session.run(wires) { party, wires in
            let key = try party.aesKeySchedule(key: wires)
            let prefix = try party.aesCounterPrefix(key, nonce: party.constants(bits(ofBytes: nonce)), counter: 0x1234)
            #expect(throws: VOLEProofError.counterOutsidePrefix) {
                try party.aesCounterBlock(prefix, counter: 0x1300)
            }
            return try party.aesCounterBlock(prefix, counter: 0x12ff) + party.aesCounterBlock(prefix, counter: 0x1200)
        }
        let aes = AES128(key: [UInt8](repeating: 7, count: 16))
        let expected = aes.encrypt(nonce + [0, 0, 0x12, 0xff]) + aes.encrypt(nonce + [0, 0, 0x12, 0])
        #expect(BitOrder.bytes(ofBits: try session.reveal(blocks)) == expected)
        try session.finish()
    }

    @Test("wrong shapes are the caller's fault")
    func shapes() throws {
        let session = ProofSession()
        let wires = try session.commit([Bool](repeating: true, count: 128)).prover
        let prover = session.prover
        #expect(throws: VOLEProofError.wrongWireCount(expected: 128, received: 127)) {
            try prover.aesKeySchedule(key: Array(wires[1...]))
        }
        let key = try prover.aesKeySchedule(key: wires)
        #expect(throws: VOLEProofError.wrongWireCount(expected: 128, received: 1)) {
            try prover.aesEncrypt(key, input: [wires[0]])
        }
        #expect(throws: VOLEProofError.wrongWireCount(expected: 96, received: 128)) {
            try prover.aesCTR(key, nonce: wires, counters: 0..<1)
        }
        #expect(throws: VOLEProofError.wrongWireCount(expected: 768, received: 128)) {
            try prover.run(Circuits.sha256Compression, inputs: wires)
        }
        #expect(throws: VOLEProofError.wrongWireCount(expected: 128, received: 1)) {
            try prover.assertEqual(wires, [true])
        }
        #expect(!VOLEProofError.counterOutsidePrefix.isPeerFault)
    }
}
