/// The circuits of the TLS key schedule and record layer, each built once per process on first use.
///
/// Bits of bytes are in *byte order* (bit j of byte i has index 8i + j), bits of SHA-256 words in *word order* (index
/// 32w + j is bit j of the word w that big-endian loading gives). Known values enter as input wires.
package enum Circuits {
    /// State 256 and block 512, both in word order → state 256 (FIPS 180-4 §6.2.2).
    package static let sha256Compression = SHA256Circuit.compression()

    /// State 256 and the 64 words W_t + K_t (2,048 bits, word order) → state 256.
    ///
    /// For blocks that both parties know: the message schedule and the additions of K_t are done outside
    /// (``SHA256Constants/scheduledWords(block:)``).
    package static let sha256ScheduledCompression = SHA256Circuit.scheduledCompression()

    /// HMAC's first block (RFC 2104): key bits in word order → the state after compressing the padded key ⊕ pad.
    ///
    /// - Parameters:
    ///   - byteCount: the key's length: 32 or 48.
    ///   - pad: 0x36 (inner) or 0x5c (outer).
    package static func sha256KeyPad(byteCount: Int, pad: UInt8) -> Circuit {
        switch (byteCount, pad) {
        case (32, 0x36): self.innerPad32
        case (32, 0x5c): self.outerPad32
        case (48, 0x36): self.innerPad48
        case (48, 0x5c): self.outerPad48
        default: preconditionFailure("HMAC pads are 0x36 and 0x5c, keys of 32 or 48 bytes")
        }
    }

    private static let innerPad32 = SHA256Circuit.keyPad(byteCount: 32, pad: 0x36)
    private static let outerPad32 = SHA256Circuit.keyPad(byteCount: 32, pad: 0x5c)
    private static let innerPad48 = SHA256Circuit.keyPad(byteCount: 48, pad: 0x36)
    private static let outerPad48 = SHA256Circuit.keyPad(byteCount: 48, pad: 0x5c)

    /// AES-128 key 128 (byte order) → round keys 0 to 10, 1,408 bits; 1,280 AND gates.
    package static let aes128KeySchedule = AES128Circuit.keySchedule()

    /// Round keys 1,408 and plaintext 128 → ciphertext 128; 5,120 AND gates.
    package static let aes128Block = AES128Circuit.block()

    /// Round keys 1,408, nonce 96 and the upper three counter bytes 24 → the prefix that 256 counters share; 864 AND gates.
    ///
    /// The input block is nonce ‖ counter, the counter big-endian, as in GCM (NIST SP 800-38D §7.1).
    package static let aes128CTRPrefix = AES128Circuit.counterPrefix()

    /// Round keys 1,408, prefix and the last counter byte 8 → keystream block 128; 4,256 AND gates.
    package static let aes128CTRBlock = AES128Circuit.counterBlock()

    /// The number of bits that ``aes128CTRPrefix`` gives and ``aes128CTRBlock`` takes.
    package static let aes128CTRPrefixBitCount = AES128Circuit.prefixBitCount

    /// a 256 and b 256, both below p, least significant bit first → a + b modulo the P-256 field prime.
    ///
    /// Operands of p or more give some fixed 256-bit value, not the sum.
    package static let p256ModularAdd = P256AdditionCircuit.modularAdd()
}
