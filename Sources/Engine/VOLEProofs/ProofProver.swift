package import CKernels
package import CryptoCore

/// The prover of a QuickSilver proof (ePrint 2021/076, figure 5), over correlated OTs with a malicious verifier.
///
/// Zero knowledge: every message bit is masked by a fresh correlation's random bit, and the final proof is masked by
/// two random VOLEs over GF(2^128) made of 128 correlations each, whatever the challenges are. Wires carry the witness in
/// their low bits and are secret. All steps run in time that depends on public shapes only.
///
/// The driver's loop: steps, send ``takeMessage()``, receive a challenge, ``fold(challenge:)``; at the end send
/// ``finish()``. With ``seal()`` before the challenge is in, the next steps need not wait for it. Not thread-safe.
package final class ProofProver: ProofParty, Redacted {
    private let correlations: (Int) throws -> [Block]
    private var message: [UInt8] = []
    private var pending = ProverConstraints()
    private var sealed: ProverConstraints?
    /// The coefficients of 1, Δ and Δ² of what was folded.
    private var sums = [Block](repeating: .zero, count: 3)
    private var isFinished = false

    /// A prover that has proved nothing yet.
    ///
    /// - Parameter correlations: returns the next `count` MACs of correlated OTs whose low bits are random choice
    ///   bits; the verifier's source returns the matching keys.
    package init(correlations: @escaping (Int) throws -> [Block]) {
        self.correlations = correlations
    }

    /// The constant 1: a MAC under the verifier's key 1 + Δ.
    package var one: Block { Block(1, 0) }

    package var pendingConstraintCount: Int { pending.count + (sealed?.count ?? 0) }

    /// Commits to witness bits: one correlation and one message bit each, padded to a byte.
    ///
    /// - Returns: one wire per bit.
    package func commit(_ bits: [Bool]) throws -> [Block] {
        let randoms = try draw(bits.count)
        message += zip(packedBits(bits), packedValues(randoms)).map { $0 ^ $1 }
        // The low bit of a wire is its value; the key changes by 1 + Δ where the correction is 1.
        return zip(bits, randoms).map { bit, random in
            Block(random[0] & ~1 | (bit ? 1 : 0), random[1])
        }
    }

    package func reveal(_ wires: [Block]) throws -> [Bool] {
        guard !isFinished else { throw VOLEProofError.alreadyFinished }
        let values = packedValues(wires)
        message += values
        open(wires, values)
        return unpackedBits(values[...], count: wires.count)
    }

    package func assertEqual(_ wires: [Block], _ bits: [Bool]) throws {
        guard !isFinished else { throw VOLEProofError.alreadyFinished }
        try requireCount(bits.count, wires.count)
        let values = packedValues(wires)
        guard constantTimeEqual(values, packedBits(bits)) else { throw VOLEProofError.assertionIsFalse }
        open(wires, values)
    }

    /// The bytes of all steps since the last call, for the verifier's ``ProofVerifier/feed(message:)``.
    package func takeMessage() -> [UInt8] {
        defer { message = [] }
        return message
    }

    /// Sets all pending constraints apart for the next ``fold(challenge:)``, so that further steps can be made before
    /// their challenge is in.
    ///
    /// - Throws: ``VOLEProofError/messageNotTaken(byteCount:)`` if the verifier cannot have had the whole message,
    ///   ``VOLEProofError/constraintsPending(_:)`` if what was sealed before has not been folded.
    package func seal() throws {
        try requireTaken()
        guard sealed == nil else { throw VOLEProofError.constraintsPending(pendingConstraintCount) }
        sealed = pending
        pending = ProverConstraints()
    }

    /// Settles what was sealed, or else all pending constraints.
    ///
    /// - Parameter challenge: the verifier's; any value keeps the proof zero-knowledge.
    /// - Throws: ``VOLEProofError/messageNotTaken(byteCount:)`` if the verifier cannot have had the whole message.
    package func fold(challenge: Block) throws {
        if sealed == nil { try seal() }
        guard let constraints = sealed else { return }
        sums = zip(sums, constraints.folded(challenge: challenge)).map { $0 ^ $1 }
        sealed = nil
    }

    /// Ends the proof: 256 correlations and 48 bytes, whatever was proved.
    ///
    /// - Returns: U ‖ V ‖ W, where the verifier's sum must be U + V·Δ + W·Δ².
    /// - Throws: ``VOLEProofError/constraintsPending(_:)`` if a challenge is missing.
    package func finish() throws -> [UInt8] {
        try requireTaken()
        guard pending.count == 0, sealed == nil else { throw VOLEProofError.constraintsPending(pendingConstraintCount) }
        let mask = try draw(FinalProof.correlationCount)
        isFinished = true
        // Two VOLEs over the field, the second times Δ: the MACs' sum under the same weights, and the choice bits as
        // one element.
        for (power, opening) in PackedOpening.all(mask, packedValues(mask)[...]).enumerated() {
            sums[power] ^= opening.wires
            sums[power + 1] ^= opening.bits
        }
        return sums.flatMap(\.littleEndianBytes)
    }

    package func perform(_ step: ProofStep, _ kernel: (UnsafeMutablePointer<tab_qs_cursor>) -> Void) throws {
        let randoms = try draw(step.correlationCount)
        let firstByte = message.count
        let first = pending.low.count
        let firstCubic = pending.cubicLow.count
        message.append(contentsOf: repeatElement(0, count: step.byteCount))
        pending.grow(by: step)
        randoms.withUnsafeBufferPointer { randoms in
            message.withUnsafeMutableBufferPointer { message in
                pending.withPointers { low, linear, cubicLow, cubicLinear, cubicQuadratic in
                    var cursor = tab_qs_cursor(
                        correlations: randoms.baseAddress,
                        message: message.baseAddress.map { $0 + firstByte },
                        constraints: low.map { $0 + first },
                        linear_terms: linear.map { $0 + first },
                        cubic_constraints: cubicLow.map { $0 + firstCubic },
                        cubic_linear_terms: cubicLinear.map { $0 + firstCubic },
                        cubic_quadratic_terms: cubicQuadratic.map { $0 + firstCubic },
                        delta: .zero,
                        is_prover: 1
                    )
                    kernel(&cursor)
                }
            }
        }
    }

    /// Adds constraints of degree 1, which have the shape of the others once multiplied by Δ.
    ///
    /// A0 is 0, and A1 the MAC of wires plus bits; the MAC of a zero equals its key.
    private func open(_ wires: [Block], _ values: [UInt8]) {
        for opening in PackedOpening.all(wires, values[...]) {
            pending.low.append(.zero)
            pending.linear.append(opening.wires ^ opening.bits)
        }
    }

    private func draw(_ count: Int) throws -> [Block] {
        guard !isFinished else { throw VOLEProofError.alreadyFinished }
        guard count > 0 else { return [] }
        let blocks = try correlations(count)
        guard blocks.count == count else {
            throw VOLEProofError.wrongCorrelationCount(expected: count, received: blocks.count)
        }
        return blocks
    }

    private func requireTaken() throws(VOLEProofError) {
        guard !isFinished else { throw .alreadyFinished }
        guard message.isEmpty else { throw .messageNotTaken(byteCount: message.count) }
    }
}
