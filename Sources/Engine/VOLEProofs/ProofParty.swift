package import BooleanCircuits
package import CKernels
package import CryptoCore

/// What prover and verifier of a QuickSilver proof have in common (ePrint 2021/076).
///
/// Both parties make the same calls in the same order; a statement written over `some ProofParty` cannot drift apart.
/// A wire is a block: the prover's MAC M with the bit x in its low bit, or the verifier's key K with low bit 0, where
/// M = K + x·Δ. XOR of wires is `^`, NOT is `^ one`; both are free. Neither party performs I/O: the prover's bytes are
/// taken with ``ProofProver/takeMessage()`` and given to ``ProofVerifier/feed(message:)``.
///
/// Memory: 16 bytes (verifier) or 32 (prover) for every 128 ANDs or 8 S-boxes until the next ``fold(challenge:)``, and
/// 16 or 48 for every 8 S-boxes of counter mode.
package protocol ProofParty: AnyObject {
    /// The party's block for the constant bit 1.
    var one: Block { get }

    /// Constraints that await a challenge. Drivers fold before this exceeds 2^18, which is 12 MB for the prover.
    var pendingConstraintCount: Int { get }

    /// Opens wires to both parties.
    ///
    /// Costs ⌈count / 8⌉ message bytes and ⌈count / 128⌉ constraints, no correlations. What the verifier gets is
    /// *unverified* until ``ProofVerifier/verify(finalProof:)`` has returned: it may steer later steps, but nothing
    /// may be signed, stored or shown on its strength before.
    /// - Returns: one bit per wire.
    func reveal(_ wires: [Block]) throws -> [Bool]

    /// Proves that `wires` carry `bits`, which both parties know. Costs ⌈count / 128⌉ constraints, no bytes.
    ///
    /// - Throws: ``VOLEProofError/assertionIsFalse`` on the prover's side if they do not.
    func assertEqual(_ wires: [Block], _ bits: [Bool]) throws

    /// Settles all pending constraints with a random challenge of the verifier.
    ///
    /// The verifier draws it uniformly, afresh for every fold, *after* it has the message of every step so far, and
    /// never derives it from anything that the prover may learn beforehand.
    func fold(challenge: Block) throws

    /// Runs one step of the kernels; for this target's own extensions.
    func perform(_ step: ProofStep, _ kernel: (UnsafeMutablePointer<tab_qs_cursor>) -> Void) throws
}

/// What a step of the proof uses up.
package struct ProofStep: Sendable {
    /// Correlated OTs; as many message bits are sent, padded to a byte.
    package let correlationCount: Int
    /// Bytes that the message holds in the clear after those bits.
    package let openedByteCount: Int
    /// Constraints of degree 2 added.
    package let constraintCount: Int
    /// Constraints of degree 3 added.
    package let cubicConstraintCount: Int

    /// A step of this cost.
    package init(
        correlationCount: Int,
        openedByteCount: Int = 0,
        constraintCount: Int,
        cubicConstraintCount: Int = 0
    ) {
        self.correlationCount = correlationCount
        self.openedByteCount = openedByteCount
        self.constraintCount = constraintCount
        self.cubicConstraintCount = cubicConstraintCount
    }

    /// The message bytes of the step.
    package var byteCount: Int { (correlationCount + 7) / 8 + openedByteCount }
}

/// The final proof: a polynomial of degree 2 in Δ, masked by two correlations over GF(2^128).
package enum FinalProof {
    /// Correlated OTs that its masks take.
    package static let correlationCount = 256
    /// Its length.
    package static let byteCount = 48
}

extension ProofParty {
    /// A wire that carries a bit known to both parties, at no cost.
    package func constant(_ bit: Bool) -> Block {
        one.masked(by: bit)
    }

    /// Wires that carry bits known to both parties, at no cost.
    package func constants(_ bits: [Bool]) -> [Block] {
        let one = self.one
        return bits.map { one.masked(by: $0) }
    }

    /// The negation of a wire, at no cost.
    package func not(_ wire: Block) -> Block {
        wire ^ one
    }

    /// The sum of two bundles of wires, bit by bit, at no cost.
    ///
    /// - Throws: ``VOLEProofError/wrongWireCount(expected:received:)`` if their lengths differ.
    package func xor(_ a: [Block], _ b: [Block]) throws -> [Block] {
        try requireCount(b.count, a.count)
        return zip(a, b).map { $0 ^ $1 }
    }

    /// Runs a circuit on wires: one correlation and one message bit per AND, one constraint per 128 ANDs.
    ///
    /// - Parameters:
    ///   - circuit: the public circuit.
    ///   - inputs: `circuit.inputCount` wires.
    /// - Returns: `circuit.outputCount` wires.
    package func run(_ circuit: Circuit, inputs: [Block]) throws -> [Block] {
        try requireCount(inputs.count, circuit.inputCount)
        let perConstraint = Int(TAB_QS_GATES_PER_CONSTRAINT)
        let step = ProofStep(
            correlationCount: circuit.andCount,
            constraintCount: (circuit.andCount + perConstraint - 1) / perConstraint
        )
        return try withUnsafeTemporaryAllocation(of: Block.self, capacity: circuit.slotCount) { slots in
            slots.initialize(repeating: .zero)
            // The slots carry witness bits and MACs.
            defer {
                if let base = slots.baseAddress { tab_wipe(base, MemoryLayout<Block>.stride * slots.count) }
            }
            for (slot, wire) in inputs.enumerated() { slots[slot] = wire }
            try perform(step) { cursor in
                guard let base = slots.baseAddress else { return }
                circuit.gates.withUnsafeBufferPointer { gates in
                    if let first = gates.baseAddress { tab_qs_run(cursor, first, gates.count, base) }
                }
            }
            return circuit.outputSlots.map { slots[Int($0)] }
        }
    }

    /// Refuses bundles of the wrong length.
    func requireCount(_ received: Int, _ expected: Int) throws(VOLEProofError) {
        guard received == expected else { throw .wrongWireCount(expected: expected, received: received) }
    }
}
