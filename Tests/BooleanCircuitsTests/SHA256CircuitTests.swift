import BooleanCircuits
import CryptoCore
import Testing

/// A message padded and cut into blocks of words (FIPS 180-4 §5.1.1).
private func blocks(of message: [UInt8]) -> [[UInt8]] {
    var padded = message + [0x80]
    while padded.count % 64 != 56 { padded.append(0) }
    padded += (0..<8).map { UInt8(truncatingIfNeeded: UInt64(8 * message.count) >> UInt64(56 - 8 * $0)) }
    return stride(from: 0, to: padded.count, by: 64).map { Array(padded[$0..<$0 + 64]) }
}

private func wordBits(_ bytes: [UInt8]) -> [Bool] {
    BitOrder.byteBitsToWordBits(BitOrder.bits(ofBytes: bytes))
}

private func digest(_ stateBits: [Bool]) -> [UInt8] {
    BitOrder.bytes(ofBits: BitOrder.wordBitsToByteBits(stateBits))
}

@Suite struct SHA256CircuitTests {
    /// FIPS 180-4 examples (NIST CSRC, "SHA256.pdf") and the empty message.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func knownDigests(message: String, expected: String) {
        var full = BitOrder.bits(ofWords: SHA256.initialState)
        var scheduled = full
        for block in blocks(of: Array(message.utf8)) {
            full = Circuits.sha256Compression.evaluate(full + wordBits(block))
            let words = SHA256Constants.scheduledWords(block: block)
            scheduled = Circuits.sha256ScheduledCompression.evaluate(scheduled + BitOrder.bits(ofWords: words))
        }
        #expect(digest(full) == hex(expected))
        #expect(digest(scheduled) == hex(expected))
    }

    @Test(arguments: 0..<20)
    func compressionsMatchOnRandomInputs(seed: Int) {
        var random = BlockPRG(seed: Block(7, UInt64(seed)))
        let state = (0..<8).map { _ in UInt32(truncatingIfNeeded: random.next()) }
        let block = random.bytes(64)
        let expected = SHA256.compress(state: state, block: block)
        let stateBits = BitOrder.bits(ofWords: state)
        let full = Circuits.sha256Compression.evaluate(stateBits + wordBits(block))
        #expect(BitOrder.words(ofBits: full) == expected)
        let words = SHA256Constants.scheduledWords(block: block)
        let scheduled = Circuits.sha256ScheduledCompression.evaluate(stateBits + BitOrder.bits(ofWords: words))
        #expect(BitOrder.words(ofBits: scheduled) == expected)
    }

    @Test(arguments: [32, 48], [0x36, 0x5c] as [UInt8])
    func keyPadsMatchTheFirstBlockOfHMAC(byteCount: Int, pad: UInt8) {
        var random = BlockPRG(seed: Block(UInt64(byteCount), UInt64(pad)))
        let circuit = Circuits.sha256KeyPad(byteCount: byteCount, pad: pad)
        #expect(circuit.inputCount == 8 * byteCount)
        let constantKeys = [0, 255].map { [UInt8](repeating: $0, count: byteCount) }
        for key in constantKeys + [random.bytes(byteCount)] {
            let block = (key + Array(repeating: 0, count: 64 - byteCount)).map { $0 ^ pad }
            let expected = SHA256.compress(state: SHA256.initialState, block: block)
            #expect(BitOrder.words(ofBits: circuit.evaluate(wordBits(key))) == expected)
        }
    }

    /// HMAC as the handshake runs it: both pads, one inner block, one outer block that both parties know.
    @Test func circuitsComposeToHMAC() {
        var random = BlockPRG(seed: Block(4, 4))
        let (key, message) = (random.bytes(32), random.bytes(40))
        let inner = Circuits.sha256KeyPad(byteCount: 32, pad: 0x36).evaluate(wordBits(key))
        let outer = Circuits.sha256KeyPad(byteCount: 32, pad: 0x5c).evaluate(wordBits(key))
        func lastBlock(_ bytes: [UInt8]) -> [UInt8] { blocks(of: Array(repeating: 0, count: 64) + bytes)[1] }
        let innerDigest = digest(Circuits.sha256Compression.evaluate(inner + wordBits(lastBlock(message))))
        let words = SHA256Constants.scheduledWords(block: lastBlock(innerDigest))
        let tag = Circuits.sha256ScheduledCompression.evaluate(outer + BitOrder.bits(ofWords: words))
        #expect(digest(tag) == HMACSHA256.authenticate(key: key, message: message))
    }
}
