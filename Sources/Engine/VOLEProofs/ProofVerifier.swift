package import CKernels
package import CryptoCore

/// The verifier of a QuickSilver proof (ePrint 2021/076, figure 5), over correlated OTs with a malicious prover.
///
/// Soundness. Δ is uniform over 127 bits (its low bit is 1) and unknown to the prover; challenges are uniform over
/// GF(2^128) and drawn after the messages they settle. If any gate, S-box, revealed bit or assertion is false, then
/// ``verify(finalProof:)`` accepts with probability at most N / 2^128 + 3 / 2^127, where N is the number of
/// constraints of the whole proof (one per 128 ANDs, 8 S-boxes or 128 opened bits). The argument:
/// - A step's polynomials take values in GF(2) or GF(2^8); combining them with powers of X up to the degree of the
///   extension loses nothing. The value of a false combined constraint is known to the prover and not zero.
/// - Constraints of degree 2 are multiplied by Δ, so that in all of them a false statement shows as a term in Δ³.
/// - A fold adds to the final check the sum of its n constraints times challenge^1 … challenge^n. For a false
///   constraint among them the coefficient of Δ³ becomes a polynomial of degree at most n in the challenge, not
///   constant whatever earlier folds left behind because no weight is challenge^0; it vanishes for at most n
///   challenges. Over several folds with independent challenges these failures add up, hence N.
/// - Otherwise the check is a polynomial of degree 3 in Δ with at most three roots, fixed before the prover learns
///   anything about Δ.
///
/// The outcome of the verification is one bit about Δ to a cheating prover: a Δ serves one proof session only.
/// Not thread-safe.
package final class ProofVerifier: ProofParty, Redacted {
    private let delta: Delta
    private let correlations: (Int) throws -> [Block]
    private var inbox: [UInt8] = []
    private var consumed = 0
    private var pending = VerifierConstraints()
    private var sum = Block.zero
    private var isFinished = false
    private var fault: VOLEProofError?

    /// Whether a final proof was accepted: everything revealed and asserted so far holds.
    package private(set) var isVerified = false

    /// A verifier that has seen nothing yet.
    ///
    /// - Parameters:
    ///   - delta: the correlations' global key.
    ///   - correlations: returns the next `count` keys of correlated OTs, all with low bit 0.
    package init(delta: Delta, correlations: @escaping (Int) throws -> [Block]) {
        self.delta = delta
        self.correlations = correlations
    }

    /// The key of the constant 1, whose MAC is 1.
    package var one: Block { Block(1, 0) ^ delta.block }

    package var pendingConstraintCount: Int { pending.count }

    /// Bytes that were fed and belong to no step so far.
    package var unreadByteCount: Int { inbox.count - consumed }

    /// Accepts more of the prover's message; boundaries between calls mean nothing.
    ///
    /// The caller bounds the length: `unreadByteCount` is what is buffered.
    package func feed(message: [UInt8]) {
        if consumed == inbox.count {
            inbox = message
        } else {
            inbox.removeSubrange(..<consumed)
            inbox += message
        }
        consumed = 0
    }

    /// Receives the prover's commitment to `count` bits.
    ///
    /// - Returns: one wire per bit.
    package func commit(count: Int) throws -> [Block] {
        let corrections = unpackedBits(inbox[try read(bitCount: count)], count: count)
        let one = self.one
        return zip(try draw(count), corrections).map { $0 ^ one.masked(by: $1) }
    }

    package func reveal(_ wires: [Block]) throws -> [Bool] {
        let bytes = inbox[try read(bitCount: wires.count)]
        open(wires, bytes)
        return unpackedBits(bytes, count: wires.count)
    }

    package func assertEqual(_ wires: [Block], _ bits: [Bool]) throws {
        try requireUsable()
        try requireCount(bits.count, wires.count)
        open(wires, packedBits(bits)[...])
    }

    /// Settles all pending constraints.
    ///
    /// - Parameter challenge: uniform, fresh, and drawn after the message of every step so far was fed.
    /// - Throws: ``VOLEProofError/trailingMessageBytes(_:)`` if the prover sent more than the steps used.
    package func fold(challenge: Block) throws {
        try requireUsable()
        try requireConsumed()
        sum ^= pending.folded(challenge: challenge, delta: delta)
        pending.quadratic.removeAll(keepingCapacity: true)
        pending.cubic.removeAll(keepingCapacity: true)
    }

    /// Checks the whole proof.
    ///
    /// Only when this has returned do revealed bits and assertions hold.
    /// - Parameter finalProof: the 48 bytes of ``ProofProver/finish()``.
    /// - Throws: ``VOLEProofError/proofRejected`` if anything proved is false; other cases for malformed bytes or
    ///   constraints that no challenge has settled.
    package func verify(finalProof: [UInt8]) throws {
        try requireUsable()
        try requireConsumed()
        guard pending.count == 0 else { throw VOLEProofError.constraintsPending(pending.count) }
        guard finalProof.count == FinalProof.byteCount else {
            throw failed(.malformedFinalProof(byteCount: finalProof.count))
        }
        let mask = try draw(FinalProof.correlationCount)
        isFinished = true
        var power = GF128.one
        var expected = Block.zero
        for start in stride(from: 0, to: FinalProof.byteCount, by: 16) {
            expected ^= GF128.multiply(Block(littleEndian: finalProof[start..<start + 16]), power)
            power = GF128.multiply(power, delta.block)
        }
        power = GF128.one
        for opening in PackedOpening.all(mask, [UInt8](repeating: 0, count: FinalProof.correlationCount / 8)[...]) {
            sum ^= GF128.multiply(opening.wires, power)
            power = GF128.multiply(power, delta.block)
        }
        guard constantTimeEqual(sum, expected) else { throw failed(.proofRejected) }
        isVerified = true
    }

    package func perform(_ step: ProofStep, _ kernel: (UnsafeMutablePointer<tab_qs_cursor>) -> Void) throws {
        let bytes = try read(bitCount: step.correlationCount, openedByteCount: step.openedByteCount)
        let keys = try draw(step.correlationCount)
        let first = pending.quadratic.count
        let firstCubic = pending.cubic.count
        pending.grow(by: step)
        keys.withUnsafeBufferPointer { keys in
            inbox.withUnsafeMutableBufferPointer { inbox in
                pending.withPointers { quadratic, cubic in
                    var cursor = tab_qs_cursor(
                        correlations: keys.baseAddress,
                        message: inbox.baseAddress.map { $0 + bytes.lowerBound },
                        constraints: quadratic.map { $0 + first },
                        linear_terms: nil,
                        cubic_constraints: cubic.map { $0 + firstCubic },
                        cubic_linear_terms: nil,
                        cubic_quadratic_terms: nil,
                        delta: delta.block,
                        is_prover: 0
                    )
                    kernel(&cursor)
                }
            }
        }
    }

    /// Adds the counterparts of the prover's constraints of degree 1.
    ///
    /// B is Δ times the key of wires plus bits, which equals the MAC exactly if they agree. A bit 1 has the key `one`.
    private func open(_ wires: [Block], _ bits: ArraySlice<UInt8>) {
        for opening in PackedOpening.all(wires, bits) {
            let key = opening.wires ^ GF128.multiply(opening.bits, one)
            pending.quadratic.append(GF128.multiply(key, delta.block))
        }
    }

    /// Takes a step's bytes out of the inbox, after checking their number and the padding of the bits.
    private func read(bitCount: Int, openedByteCount: Int = 0) throws(VOLEProofError) -> Range<Int> {
        try requireUsable()
        let bitByteCount = (bitCount + 7) / 8
        let byteCount = bitByteCount + openedByteCount
        guard byteCount <= unreadByteCount else {
            throw failed(.messageTooShort(needed: byteCount, available: unreadByteCount))
        }
        let start = consumed
        if bitCount & 7 != 0, inbox[start + bitByteCount - 1] >> UInt8(bitCount & 7) != 0 {
            throw failed(.paddingNotZero)
        }
        consumed += byteCount
        return start..<consumed
    }

    private func draw(_ count: Int) throws -> [Block] {
        guard count > 0 else { return [] }
        let blocks = try correlations(count)
        guard blocks.count == count else {
            throw VOLEProofError.wrongCorrelationCount(expected: count, received: blocks.count)
        }
        return blocks
    }

    private func requireUsable() throws(VOLEProofError) {
        if let fault { throw fault }
        guard !isFinished else { throw .alreadyFinished }
    }

    private func requireConsumed() throws(VOLEProofError) {
        guard unreadByteCount == 0 else { throw failed(.trailingMessageBytes(unreadByteCount)) }
    }

    /// Remembers a fault of the peer, so that no later call can succeed.
    private func failed(_ error: VOLEProofError) -> VOLEProofError {
        fault = error
        return error
    }
}
