internal import CryptoCore

/// A ``CircuitBackend`` that proves: wires are authenticated, and values can be opened or compared.
protocol ProofBackend: CircuitBackend {
    /// Commits the prover's next `count` witness bits.
    func witness(_ count: Int) throws -> [Block]

    /// Opens wires to both parties; the values are not to be trusted before the whole proof is verified.
    func reveal(_ wires: [Block]) throws -> [Bool]

    /// Proves that `wires` XOR `masks` is what the notary saw as colour bits during the evaluation.
    func assertMasked(_ wires: [Block], masks: [Block], equals colours: [Bool]) throws

    /// Proves that `wires` carry bits known to both.
    func assertEqual(_ wires: [Block], _ bits: [Bool]) throws

    /// Ends a unit of work, so that the driver can settle the constraints so far and bound its memory.
    func checkpoint() throws
}
