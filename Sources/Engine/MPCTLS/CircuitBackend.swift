package import BooleanCircuits
package import CryptoCore

/// What the key schedule needs from a way to evaluate circuits: garbling, evaluating, or proving.
///
/// The TLS computation is written once, in ``KeySchedule``, over this protocol, so that what was garbled, what was
/// evaluated and what is proved cannot drift apart. A wire is one `Block` in all four implementations: a zero-label
/// (garbler), an active label (evaluator), a MAC (proof prover) or a key (proof verifier).
package protocol CircuitBackend: AnyObject {
    /// An expanded AES-128 key, in whatever form suits the backend.
    associatedtype AESKey

    /// Runs `circuit`; one wire per input bit, one per output bit.
    func run(_ circuit: Circuit, _ inputs: [Block]) throws -> [Block]

    /// Wires that carry bits known to both parties.
    func constants(_ bits: [Bool]) -> [Block]

    /// Expands an AES-128 key of 128 wires in byte order.
    func aesExpand(_ key: [Block]) throws -> AESKey

    /// AES-128 of the public all-zero block: GHASH's key H, 128 wires in byte order.
    func aesOfZero(_ key: AESKey) throws -> [Block]

    /// Counter-mode blocks for the 32-bit counters `counters` under a 96-wire nonce; 128 wires a block.
    func aesCounterBlocks(_ key: AESKey, nonce: [Block], counters: some Collection<UInt32>) throws -> [Block]
}

/// AES over circuits, shared by the garbler and the evaluator.
///
/// The 27 S-boxes that only the nonce and the upper 24 counter bits reach are evaluated once per 256 blocks.
package struct CircuitAES: Redacted {
    /// 1,408 wires: eleven round keys in byte order.
    package let roundKeys: [Block]
}

extension CircuitBackend where AESKey == CircuitAES {
    package func aesExpand(_ key: [Block]) throws -> CircuitAES {
        CircuitAES(roundKeys: try run(Circuits.aes128KeySchedule, key))
    }

    package func aesOfZero(_ key: CircuitAES) throws -> [Block] {
        try run(Circuits.aes128Block, key.roundKeys + constants([Bool](repeating: false, count: 128)))
    }

    package func aesCounterBlocks(
        _ key: CircuitAES,
        nonce: [Block],
        counters: some Collection<UInt32>
    ) throws -> [Block] {
        var blocks: [Block] = []
        blocks.reserveCapacity(128 * counters.count)
        var prefix: [Block] = []
        var prefixCounter: UInt32?
        for counter in counters {
            if prefixCounter != counter >> 8 {
                prefixCounter = counter >> 8
                let upperBits = BitOrder.bits(
                    ofBytes: (0..<3).map { UInt8(truncatingIfNeeded: counter >> (24 - 8 * $0)) }
                )
                prefix = try run(Circuits.aes128CTRPrefix, key.roundKeys + nonce + constants(upperBits))
            }
            let lastBits = constants(BitOrder.bits(ofBytes: [UInt8(truncatingIfNeeded: counter)]))
            blocks += try run(Circuits.aes128CTRBlock, key.roundKeys + prefix + lastBits)
        }
        return blocks
    }
}
