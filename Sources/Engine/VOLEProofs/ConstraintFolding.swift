internal import CKernels
internal import CryptoCore

/// The prover's side of constraints that await a challenge.
///
/// A constraint of degree 2 is a pair (A0, A1), one of degree 3 a triple (A0, A1, A2).
struct ProverConstraints: Redacted {
    var low: [Block] = []
    var linear: [Block] = []
    var cubicLow: [Block] = []
    var cubicLinear: [Block] = []
    var cubicQuadratic: [Block] = []

    /// How many there are.
    var count: Int { low.count + cubicLow.count }

    /// Makes room for those of a step.
    mutating func grow(by step: ProofStep) {
        low.append(contentsOf: repeatElement(.zero, count: step.constraintCount))
        linear.append(contentsOf: repeatElement(.zero, count: step.constraintCount))
        guard step.cubicConstraintCount > 0 else { return }
        cubicLow.append(contentsOf: repeatElement(.zero, count: step.cubicConstraintCount))
        cubicLinear.append(contentsOf: repeatElement(.zero, count: step.cubicConstraintCount))
        cubicQuadratic.append(contentsOf: repeatElement(.zero, count: step.cubicConstraintCount))
    }

    /// Passes the addresses of all five lists, in the order of their declaration; nil for an empty list.
    mutating func withPointers(_ body: (Address, Address, Address, Address, Address) -> Void) {
        low.withUnsafeMutableBufferPointer { low in
            linear.withUnsafeMutableBufferPointer { linear in
                cubicLow.withUnsafeMutableBufferPointer { cubicLow in
                    cubicLinear.withUnsafeMutableBufferPointer { cubicLinear in
                        cubicQuadratic.withUnsafeMutableBufferPointer { cubicQuadratic in
                            body(
                                low.baseAddress,
                                linear.baseAddress,
                                cubicLow.baseAddress,
                                cubicLinear.baseAddress,
                                cubicQuadratic.baseAddress
                            )
                        }
                    }
                }
            }
        }
    }

    /// Where a list is.
    typealias Address = UnsafeMutablePointer<Block>?

    /// Their random combination, as a polynomial of degree 2 in Δ: what the verifier's ``VerifierConstraints`` give
    /// at its Δ, if all hold.
    func folded(challenge: Block) -> [Block] {
        let weight = GF128.power(challenge, low.count)
        return [
            GF128.multiply(weight, PowerSum.sum(cubicLow, challenge)),
            PowerSum.sum(low, challenge) ^ GF128.multiply(weight, PowerSum.sum(cubicLinear, challenge)),
            PowerSum.sum(linear, challenge) ^ GF128.multiply(weight, PowerSum.sum(cubicQuadratic, challenge)),
        ]
    }
}

/// The verifier's side: one block for each constraint.
struct VerifierConstraints: Redacted {
    var quadratic: [Block] = []
    var cubic: [Block] = []

    /// How many there are.
    var count: Int { quadratic.count + cubic.count }

    /// Makes room for those of a step.
    mutating func grow(by step: ProofStep) {
        quadratic.append(contentsOf: repeatElement(.zero, count: step.constraintCount))
        cubic.append(contentsOf: repeatElement(.zero, count: step.cubicConstraintCount))
    }

    /// Passes the addresses of both lists; nil for an empty one.
    mutating func withPointers(_ body: (ProverConstraints.Address, ProverConstraints.Address) -> Void) {
        quadratic.withUnsafeMutableBufferPointer { quadratic in
            cubic.withUnsafeMutableBufferPointer { cubic in body(quadratic.baseAddress, cubic.baseAddress) }
        }
    }

    /// Their random combination; those of degree 2 are multiplied by Δ, so that a term that must vanish has Δ³ in all.
    func folded(challenge: Block, delta: Delta) -> Block {
        GF128.multiply(PowerSum.sum(quadratic, challenge), delta.block)
            ^ GF128.multiply(GF128.power(challenge, quadratic.count), PowerSum.sum(cubic, challenge))
    }
}

/// Random linear combinations by the powers of a challenge.
private enum PowerSum {
    /// The sum of terms[j]·challenge^(n - j) for the n terms: every weight is a positive power.
    ///
    /// A weight challenge^0 = 1 would let a prover choose a false constraint that cancels what an earlier fold left.
    static func sum(_ terms: [Block], _ challenge: Block) -> Block {
        terms.withUnsafeBufferPointer { terms in
            guard let base = terms.baseAddress else { return .zero }
            return GF128.multiply(tab_gf128_horner(.zero, challenge, base, terms.count), challenge)
        }
    }
}

extension GF128 {
    /// `base` to a public power.
    static func power(_ base: Block, _ exponent: Int) -> Block {
        var result = one
        var square = base
        var left = exponent
        while left > 0 {
            if left & 1 == 1 { result = multiply(result, square) }
            square = self.square(square)
            left >>= 1
        }
        return result
    }
}
