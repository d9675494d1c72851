internal import CKernels
internal import CryptoCore

/// `sum` plus the sum of terms[j]·challenge^(n - j) for the n terms: every weight is a positive power.
///
/// A weight challenge^0 = 1 would let a prover choose a false constraint that cancels what an earlier fold left.
func folded(_ terms: [Block], into sum: Block, challenge: Block) -> Block {
    terms.withUnsafeBufferPointer { terms in
        guard let base = terms.baseAddress else { return sum }
        return sum ^ GF128.multiply(tab_gf128_horner(.zero, challenge, base, terms.count), challenge)
    }
}
