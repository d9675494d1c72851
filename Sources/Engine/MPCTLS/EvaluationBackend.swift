package import BooleanCircuits
package import CryptoCore
internal import GarbledCircuits

/// The notary's backend: wires are active labels, and running a circuit consumes its stored tables.
package final class EvaluationBackend: CircuitBackend, Redacted {
    package typealias AESKey = CircuitAES

    private var evaluator: Evaluator
    private let tables: TableStore
    private var offset = 0

    /// A backend that reads `tables` from their start.
    package init(hashSeed: Block, tables: TableStore) {
        self.tables = tables
        evaluator = Evaluator(hashSeed: hashSeed)
    }

    package func run(_ circuit: Circuit, _ inputs: [Block]) throws -> [Block] {
        let byteCount = 32 * circuit.andCount
        let slice = try tables.slice(offset, byteCount)
        offset += byteCount
        return try evaluator.evaluate(circuit, inputs: inputs, tables: slice)
    }

    package func constants(_ bits: [Bool]) -> [Block] {
        [Block](repeating: .zero, count: bits.count)
    }
}

/// Garbled tables received ahead of their evaluation, in one allocation of known size.
///
/// A class because it owns memory that is freed once; used by one session's thread only.
package final class TableStore {
    private let storage: UnsafeMutableRawBufferPointer
    private var filled = 0

    /// Room for exactly `byteCount` bytes.
    package init(byteCount: Int) {
        storage = .allocate(byteCount: byteCount, alignment: 16)
    }

    deinit {
        storage.deallocate()
    }

    /// Bytes still to come.
    package var missing: Int { storage.count - filled }

    /// Appends one frame.
    ///
    /// - Throws: ``MPCTLSError/peerViolation(_:)`` if more arrives than the circuits need, or less than a frame holds.
    package func append(_ frame: [UInt8]) throws(MPCTLSError) {
        guard !frame.isEmpty, frame.count <= missing,
            frame.count >= min(missing, GarblingBackend.frameByteCount)
        else {
            throw .peerViolation("the garbled tables do not have the size of the agreed circuits")
        }
        frame.withUnsafeBytes { source in
            UnsafeMutableRawBufferPointer(rebasing: storage[filled...]).copyMemory(from: source)
        }
        filled += frame.count
    }

    /// The bytes of one circuit.
    package func slice(_ offset: Int, _ byteCount: Int) throws(MPCTLSError) -> UnsafeRawBufferPointer {
        guard offset + byteCount <= filled else {
            throw .peerViolation("a circuit is to be evaluated whose tables were not garbled")
        }
        return UnsafeRawBufferPointer(rebasing: storage[offset..<offset + byteCount])
    }
}
