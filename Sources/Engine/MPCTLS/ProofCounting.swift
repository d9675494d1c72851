internal import BooleanCircuits
internal import CryptoCore

/// Counts the authenticated bits that a statement takes, so that both parties prepare the same number beforehand.
final class CountingProofBackend: ProofBackend {
    /// Neither an AES key nor a prefix needs state to be counted.
    struct AESKey {}
    struct CounterPrefix {}

    /// Bits of witness so far, and the most between two checkpoints.
    private(set) var total = 0
    private(set) var largestUnit = 0
    private var unitStart = 0

    func run(_ circuit: Circuit, _ inputs: [Block]) throws -> [Block] {
        total += circuit.andCount
        return [Block](repeating: .zero, count: circuit.outputCount)
    }

    func constants(_ bits: [Bool]) -> [Block] { [Block](repeating: .zero, count: bits.count) }

    func aesExpand(_ key: [Block]) throws -> AESKey {
        total += 8 * 40
        return AESKey()
    }

    func aesOfZero(_ key: AESKey) throws -> [Block] {
        total += 8 * 160
        return [Block](repeating: .zero, count: 128)
    }

    func aesCounterBlocks(_ key: AESKey, nonce: [Block], counters: some Collection<UInt32>) throws -> [Block] {
        var prefixes = 0
        var prefixCounter: UInt32?
        for counter in counters where prefixCounter != counter >> 8 {
            prefixCounter = counter >> 8
            prefixes += 1
        }
        total += 8 * (27 * prefixes + 101 * counters.count)
        return [Block](repeating: .zero, count: 128 * counters.count)
    }

    func counterPrefix(_ key: AESKey, nonce: [Block], counter: UInt32) throws -> CounterPrefix {
        total += 8 * 27
        return CounterPrefix()
    }

    func counterBlock(_ prefix: CounterPrefix, counter: UInt32) throws -> [Block] {
        total += 8 * 101
        return [Block](repeating: .zero, count: 128)
    }

    func openedCounterBlock(_ prefix: CounterPrefix, counter: UInt32) throws -> [UInt8] {
        total += 8 * 85
        return [UInt8](repeating: 0, count: 16)
    }

    func witness(_ count: Int) throws -> [Block] {
        total += count
        return [Block](repeating: .zero, count: count)
    }

    func reveal(_ wires: [Block]) throws -> [Bool] { [Bool](repeating: false, count: wires.count) }

    func assertMasked(_ wires: [Block], masks: [Block], equals colours: [Bool]) throws {}

    func assertEqual(_ wires: [Block], _ bits: [Bool]) throws {}

    func checkpoint() throws {
        largestUnit = max(largestUnit, total - unitStart)
        unitStart = total
    }
}
