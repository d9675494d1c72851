package import BooleanCircuits
private import CKernels
package import CryptoCore

/// The evaluating party: computes the active label of every output from those of the inputs and the garbler's tables.
///
/// The counterpart of ``Garbler``, with the same seed and the same order of circuits. Nothing here checks that the tables
/// are right: a wrong table gives labels that are neither L⁰ nor L¹ with overwhelming probability, or wrong values of right
/// form; the protocol above detects both. A label that an error made depend on a secret must not leave the party.
package struct Evaluator: ~Copyable, Sendable {
    private let hashSeed: Block
    private var nextGate: UInt64 = 0
    private var labels = LabelStore()

    /// An evaluator of one session.
    ///
    /// - Parameter hashSeed: the garbler's public seed.
    package init(hashSeed: Block) {
        self.hashSeed = hashSeed
    }

    /// The number of AND gates evaluated so far.
    package var gateCount: UInt64 { self.nextGate }

    /// Evaluates a circuit.
    ///
    /// - Parameters:
    ///   - circuit: the circuit, the next one in garbling order.
    ///   - inputs: the active label of every input wire; zero for a public constant.
    ///   - tables: the circuit's tables, of any alignment.
    /// - Returns: the active label of every output.
    /// - Throws: ``GarblingError/tableSize(expected:received:)`` unless the tables have 32 bytes an AND gate. The gate
    ///   counter has not moved then.
    package mutating func evaluate(
        _ circuit: Circuit,
        inputs: [Block],
        tables: UnsafeRawBufferPointer
    ) throws(GarblingError) -> [Block] {
        try Self.checkSize(circuit, byteCount: tables.count)
        return self.run(circuit, inputs: inputs, tables: tables)
    }

    /// Evaluates a circuit whose tables are an array of exactly their size.
    package mutating func evaluate(
        _ circuit: Circuit,
        inputs: [Block],
        tables: [UInt8]
    ) throws(GarblingError) -> [Block] {
        try Self.checkSize(circuit, byteCount: tables.count)
        return tables.withUnsafeBytes { self.run(circuit, inputs: inputs, tables: $0) }
    }

    private static func checkSize(_ circuit: Circuit, byteCount: Int) throws(GarblingError) {
        let expected = Garbler.tableByteCount(circuit)
        guard byteCount == expected else { throw .tableSize(expected: expected, received: byteCount) }
    }

    private mutating func run(_ circuit: Circuit, inputs: [Block], tables: UnsafeRawBufferPointer) -> [Block] {
        precondition(inputs.count == circuit.inputCount, "one label for every input")
        let slots = self.labels.load(inputs, slotCount: circuit.slotCount)
        circuit.gates.withUnsafeBufferPointer { gates in
            circuit.segments.withUnsafeBufferPointer { segments in
                // Without gates there is nothing to do, and an empty array may have no address.
                guard let gates = gates.baseAddress, let runs = segments.baseAddress else { return }
                tab_evaluate_garbled(
                    gates,
                    runs,
                    segments.count,
                    slots,
                    self.hashSeed,
                    self.nextGate,
                    tables.baseAddress?.assumingMemoryBound(to: UInt8.self)
                )
            }
        }
        self.nextGate += UInt64(circuit.andCount)
        return circuit.outputSlots.map { slots[Int($0)] }
    }
}
