import CKernels

/// TMMO, a tweakable correlation-robust hash: H(x, i) = π(π(x) ⊕ i) ⊕ π(x), with π = AES-128 under a fixed public key.
///
/// Guo, Katz, Wang, Yu, *Efficient and Secure Multiparty Computation from Fixed-Key Block Ciphers*, ePrint 2019/074 §7:
/// tweakable circular correlation robust when π is an ideal permutation. Never use one tweak twice with inputs that
/// share a secret offset.
package enum CorrelationRobustHash {
    /// The hash of one block.
    package static func hash(_ x: Block, tweak: UInt64) -> Block {
        var input = x
        var output = Block.zero
        tab_tmmo_hash(&input, &output, 1, tweak)
        return output
    }

    /// The hashes of all `xs`; element j uses the tweak `firstTweak` + j.
    package static func hash(_ xs: [Block], firstTweak: UInt64) -> [Block] {
        [Block](unsafeUninitializedCapacity: xs.count) { buffer, initialized in
            initialized = xs.count
            xs.withUnsafeBufferPointer { hash($0, into: buffer, firstTweak: firstTweak) }
        }
    }

    /// Writes the hashes of all `xs` to the start of `output`, which may be the same memory.
    ///
    /// - Precondition: `output` holds at least as many blocks as `xs`.
    package static func hash(
        _ xs: UnsafeBufferPointer<Block>,
        into output: UnsafeMutableBufferPointer<Block>,
        firstTweak: UInt64
    ) {
        precondition(output.count >= xs.count, "room for one hash per input")
        guard let source = xs.baseAddress, let target = output.baseAddress, !xs.isEmpty else { return }
        tab_tmmo_hash(source, target, xs.count, firstTweak)
    }
}
