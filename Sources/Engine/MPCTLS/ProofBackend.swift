internal import CryptoCore

/// A ``CircuitBackend`` that proves: wires are authenticated, and values can be opened or compared.
protocol ProofBackend: CircuitBackend {
    /// What the 256 counter blocks that differ in their last byte have in common.
    associatedtype CounterPrefix

    /// Commits the prover's next `count` witness bits.
    func witness(_ count: Int) throws -> [Block]

    /// What the blocks have in common whose counters share the upper 24 bits of `counter`, under a 96-wire nonce.
    func counterPrefix(_ key: AESKey, nonce: [Block], counter: UInt32) throws -> CounterPrefix

    /// One counter block; 128 wires.
    func counterBlock(_ prefix: CounterPrefix, counter: UInt32) throws -> [Block]

    /// One counter block, opened to both parties: 16 bytes, to be trusted as those of ``reveal(_:)``.
    func openedCounterBlock(_ prefix: CounterPrefix, counter: UInt32) throws -> [UInt8]

    /// Opens wires to both parties; the values are not to be trusted before the whole proof is verified.
    func reveal(_ wires: [Block]) throws -> [Bool]

    /// Proves that `wires` XOR `masks` is what the notary saw as colour bits during the evaluation.
    func assertMasked(_ wires: [Block], masks: [Block], equals colours: [Bool]) throws

    /// Proves that `wires` carry bits known to both.
    func assertEqual(_ wires: [Block], _ bits: [Bool]) throws

    /// Ends a unit of work, so that the driver can settle the constraints so far and bound its memory.
    func checkpoint() throws
}
