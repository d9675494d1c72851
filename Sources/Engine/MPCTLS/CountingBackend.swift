internal import BooleanCircuits
internal import CryptoCore

/// Counts AND gates without computing anything, so that both parties know the size of the tables beforehand.
final class CountingBackend: CircuitBackend {
    typealias AESKey = CircuitAES

    private(set) var andCount = 0

    func run(_ circuit: Circuit, _ inputs: [Block]) throws -> [Block] {
        precondition(inputs.count == circuit.inputCount, "a circuit gets one wire for each of its inputs")
        andCount += circuit.andCount
        return [Block](repeating: .zero, count: circuit.outputCount)
    }

    func constants(_ bits: [Bool]) -> [Block] {
        [Block](repeating: .zero, count: bits.count)
    }
}
