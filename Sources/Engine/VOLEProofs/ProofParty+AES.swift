internal import CKernels
package import CryptoCore

/// An expanded AES-128 key on wires; redacted, because a prover's wires carry the key's bits.
package struct AESProofKey: Sendable, Redacted {
    /// 1,408 wires: eleven round keys in byte order, lowest bit of each byte first.
    package let roundKeys: [Block]

    /// A key of these round keys.
    package init(roundKeys: [Block]) {
        self.roundKeys = roundKeys
    }
}

/// What the 256 counter blocks that differ in their last byte only have in common; redacted like the key.
package struct AESProofCounterPrefix: Sendable, Redacted {
    /// The key.
    package let key: AESProofKey
    /// The upper 24 bits of the counters.
    package let counterUpperBits: UInt32
    fileprivate let wires: [Block]
}

/// AES-128 with one committed byte per S-box or less (as in FAEST, version 2).
///
/// For the input x of an S-box the prover commits to y, held to x²·y = x and x·y² = y over GF(2^8): either y = x⁻¹, or
/// both are zero. Squares and the S-box's affine part are linear. In counter mode every other round commits only to the
/// four bits of x⁻¹⁷, which lies in GF(2^4), and y = x¹⁶·x⁻¹⁷ has degree 2. Wires are in byte order, lowest bit first.
extension ProofParty {
    /// Expands a key: 40 message bytes (320 correlations), 10 constraints.
    ///
    /// - Parameter key: 128 wires.
    package func aesKeySchedule(key: [Block]) throws -> AESProofKey {
        try requireCount(key.count, 128)
        let step = ProofStep(TAB_QS_AES_KEY_SCHEDULE_BYTES, TAB_QS_AES_KEY_SCHEDULE_CONSTRAINTS)
        return AESProofKey(
            roundKeys: try wires(1408, by: step) { cursor, roundKeys in
                withBases(key, key) { key, _ in tab_qs_aes_key_schedule(cursor, key, roundKeys) }
            }
        )
    }

    /// Encrypts one block: 160 message bytes (1,280 correlations), 20 constraints.
    ///
    /// - Parameters:
    ///   - key: the expanded key.
    ///   - input: 128 wires.
    /// - Returns: 128 wires.
    package func aesEncrypt(_ key: AESProofKey, input: [Block]) throws -> [Block] {
        try requireCount(input.count, 128)
        let step = ProofStep(TAB_QS_AES_BLOCK_BYTES, TAB_QS_AES_BLOCK_CONSTRAINTS)
        return try wires(128, by: step) { cursor, output in
            withBases(key.roundKeys, input) { keys, input in tab_qs_aes_encrypt(cursor, keys, input, output) }
        }
    }

    /// Computes what the counters with the upper 24 bits of `counter` share: 27 message bytes, 4 constraints.
    ///
    /// - Parameters:
    ///   - key: the expanded key.
    ///   - nonce: 96 wires, the first 12 bytes of the counter block.
    ///   - counter: any counter that shares its upper 24 bits with those to be encrypted.
    package func aesCounterPrefix(_ key: AESProofKey, nonce: [Block], counter: UInt32) throws -> AESProofCounterPrefix {
        try requireCount(nonce.count, 96)
        let step = ProofStep(TAB_QS_AES_CTR_PREFIX_BYTES, TAB_QS_AES_CTR_PREFIX_CONSTRAINTS)
        let shared = try wires(Int(TAB_QS_AES_CTR_PREFIX_BLOCKS), by: step) { cursor, prefix in
            withBases(key.roundKeys, nonce) { keys, nonce in
                tab_qs_aes_ctr_prefix(cursor, keys, nonce, counter, prefix)
            }
        }
        return AESProofCounterPrefix(key: key, counterUpperBits: counter >> 8, wires: shared)
    }

    /// Encrypts nonce ‖ counter (big-endian): 101 message bytes (808 correlations), 18 constraints.
    ///
    /// - Returns: 128 wires of keystream.
    /// - Throws: ``VOLEProofError/counterOutsidePrefix``.
    package func aesCounterBlock(_ prefix: AESProofCounterPrefix, counter: UInt32) throws -> [Block] {
        guard counter >> 8 == prefix.counterUpperBits else { throw VOLEProofError.counterOutsidePrefix }
        let step = ProofStep(counterBlockBytes: TAB_QS_AES_CTR_BLOCK_BYTES, openedByteCount: 0)
        return try wires(128, by: step) { cursor, output in
            withBases(prefix.key.roundKeys, prefix.wires) { keys, shared in
                tab_qs_aes_ctr_block(cursor, keys, shared, counter, output)
            }
        }
    }

    /// Encrypts nonce ‖ counter and opens the result to both parties: 85 committed and 16 opened message bytes (680
    /// correlations), 18 constraints.
    ///
    /// That is 16 bytes and 128 correlations less than ``aesCounterBlock(_:counter:)`` and ``reveal(_:)``: with the
    /// output known, the inverses of the last round are linear in the wires of the last round key.
    ///
    /// - Returns: 16 bytes, for the verifier *unverified* as those of ``reveal(_:)`` are.
    /// - Throws: ``VOLEProofError/counterOutsidePrefix``.
    package func aesOpenedCounterBlock(_ prefix: AESProofCounterPrefix, counter: UInt32) throws -> [UInt8] {
        guard counter >> 8 == prefix.counterUpperBits else { throw VOLEProofError.counterOutsidePrefix }
        let byteCount = Int(TAB_QS_AES_OPENED_CTR_BLOCK_OPENED_BYTES)
        let step = ProofStep(counterBlockBytes: TAB_QS_AES_OPENED_CTR_BLOCK_BYTES, openedByteCount: byteCount)
        return try [UInt8](unsafeUninitializedCapacity: byteCount) { output, initialized in
            try perform(step) { cursor in
                guard let base = output.baseAddress else { return }
                withBases(prefix.key.roundKeys, prefix.wires) { keys, shared in
                    tab_qs_aes_opened_ctr_block(cursor, keys, shared, counter, base)
                }
            }
            initialized = byteCount
        }
    }

    /// Counter mode: 101 message bytes a block, and 27 for each run of counters with the same upper 24 bits.
    ///
    /// - Parameters:
    ///   - key: the expanded key.
    ///   - nonce: 96 wires.
    ///   - counters: the 32-bit counters, ascending.
    /// - Returns: 128 wires of keystream for each counter.
    package func aesCTR(
        _ key: AESProofKey,
        nonce: [Block],
        counters: some Collection<UInt32>
    ) throws -> [[Block]] {
        var prefix: AESProofCounterPrefix?
        var blocks: [[Block]] = []
        blocks.reserveCapacity(counters.count)
        for counter in counters {
            let current: AESProofCounterPrefix
            if let prefix, prefix.counterUpperBits == counter >> 8 {
                current = prefix
            } else {
                current = try aesCounterPrefix(key, nonce: nonce, counter: counter)
                prefix = current
            }
            blocks.append(try aesCounterBlock(current, counter: counter))
        }
        return blocks
    }

    /// Runs a kernel that writes `count` wires.
    private func wires(
        _ count: Int,
        by step: ProofStep,
        _ kernel: (UnsafeMutablePointer<tab_qs_cursor>, UnsafeMutablePointer<Block>) -> Void
    ) throws -> [Block] {
        try [Block](unsafeUninitializedCapacity: count) { output, initialized in
            try perform(step) { cursor in
                if let base = output.baseAddress { kernel(cursor, base) }
            }
            initialized = count
        }
    }
}

extension ProofStep {
    /// A step that commits to bytes.
    fileprivate init(_ byteCount: Int32, _ constraintCount: Int32) {
        self.init(correlationCount: 8 * Int(byteCount), constraintCount: Int(constraintCount))
    }

    /// A counter block.
    fileprivate init(counterBlockBytes: Int32, openedByteCount: Int) {
        self.init(
            correlationCount: 8 * Int(counterBlockBytes),
            openedByteCount: openedByteCount,
            constraintCount: Int(TAB_QS_AES_CTR_BLOCK_CONSTRAINTS),
            cubicConstraintCount: Int(TAB_QS_AES_CTR_BLOCK_CUBIC_CONSTRAINTS)
        )
    }
}

/// Passes the addresses of two arrays that are known not to be empty.
private func withBases(
    _ a: [Block],
    _ b: [Block],
    _ body: (UnsafePointer<Block>, UnsafePointer<Block>) -> Void
) {
    a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
            if let a = a.baseAddress, let b = b.baseAddress { body(a, b) }
        }
    }
}
