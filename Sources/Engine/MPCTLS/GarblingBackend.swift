package import BooleanCircuits
package import CryptoCore
internal import GarbledCircuits

/// The prover's backend: wires are zero-labels, and running a circuit sends its garbled tables.
package final class GarblingBackend: CircuitBackend, Redacted {
    package typealias AESKey = CircuitAES

    /// Tables leave in frames of at least this many bytes, so that neither framing nor memory dominates.
    package static let frameByteCount = 1 << 17

    private var garbler: Garbler
    private let delta: Delta
    private var pending: [UInt8] = []
    private let send: ([UInt8]) throws -> Void

    /// AND gates garbled so far.
    package private(set) var andCount = 0

    /// - Parameter send: takes each frame of tables.
    package init(delta: Delta, hashSeed: Block, send: @escaping ([UInt8]) throws -> Void) {
        self.delta = delta
        self.send = send
        garbler = Garbler(delta: delta, hashSeed: hashSeed)
    }

    package func run(_ circuit: Circuit, _ inputs: [Block]) throws -> [Block] {
        let outputs = garbler.garble(circuit, inputs: inputs, tables: &pending)
        andCount += circuit.andCount
        if pending.count >= Self.frameByteCount {
            try finish()
        }
        return outputs
    }

    package func constants(_ bits: [Bool]) -> [Block] {
        bits.map { $0 ? delta.block : .zero }
    }

    /// Sends what has not been sent yet.
    package func finish() throws {
        guard !pending.isEmpty else { return }
        try send(pending)
        pending.removeAll(keepingCapacity: true)
    }
}
