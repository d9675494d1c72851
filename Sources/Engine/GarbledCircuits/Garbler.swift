package import BooleanCircuits
private import CKernels
package import CryptoCore

/// The garbling party: turns circuits into tables that let the other party compute on labels without learning values.
///
/// Half-gates (Zahur, Rosulek, Evans, "Two Halves Make a Whole", Eurocrypt 2015): 32 bytes an AND gate, linear gates free.
/// Every wire has two labels, L⁰ and L¹ = L⁰ ⊕ Δ, whose low bits, the colours, differ. The hash re-keys AES for every half
/// gate (Guo, Katz, Wang, Weng, Yu, ePrint 2019/1168), so security does not degrade with the number of gates or sessions:
/// AES is modelled as an ideal cipher.
///
/// Tables may be sent before the inputs are chosen. That is *adaptive* garbling, and is not implied by the security of
/// half-gates: here it rests on the ideal-cipher (or programmable random-oracle) model, where the simulator programs the
/// hash once the input labels are fixed, and needs that an evaluator holding only tables cannot query the hash at a label;
/// labels are 128 bits of which it knows nothing.
///
/// A tweak must never serve two gates, therefore the type is not copyable; gates are numbered across circuits, and circuits
/// are evaluated in the order in which they were garbled.
package struct Garbler: ~Copyable, Sendable {
    private let delta: Delta
    private let hashSeed: Block
    private var nextGate: UInt64 = 0
    private var labels = LabelStore()

    /// A garbler of one session.
    ///
    /// - Parameters:
    ///   - delta: the secret offset, of this session only.
    ///   - hashSeed: the public point the hash keys start from, the same for both parties. Drawing it at random for each
    ///     session keeps attacks on many sessions from sharing work (ePrint 2019/1168, §4).
    package init(delta: Delta, hashSeed: Block) {
        self.delta = delta
        self.hashSeed = hashSeed
    }

    /// The number of AND gates garbled so far.
    package var gateCount: UInt64 { self.nextGate }

    /// Garbles a circuit and appends its tables.
    ///
    /// - Parameters:
    ///   - circuit: the circuit.
    ///   - inputs: the zero-label of every input wire. For a public constant b the zero-label is b·Δ and the evaluator's
    ///     label is zero.
    ///   - tables: receives ``tableByteCount(_:)`` further bytes.
    /// - Returns: the zero-label of every output.
    package mutating func garble(_ circuit: Circuit, inputs: [Block], tables: inout [UInt8]) -> [Block] {
        let start = tables.count
        tables.append(contentsOf: repeatElement(0, count: Self.tableByteCount(circuit)))
        return tables.withUnsafeMutableBytes { bytes in
            self.garble(circuit, inputs: inputs, into: UnsafeMutableRawBufferPointer(rebasing: bytes[start...]))
        }
    }

    /// Garbles a circuit into memory of the caller's.
    ///
    /// - Parameters:
    ///   - circuit: the circuit.
    ///   - inputs: the zero-label of every input wire.
    ///   - tables: exactly ``tableByteCount(_:)`` bytes, of any alignment.
    /// - Returns: the zero-label of every output.
    package mutating func garble(
        _ circuit: Circuit,
        inputs: [Block],
        into tables: UnsafeMutableRawBufferPointer
    ) -> [Block] {
        precondition(inputs.count == circuit.inputCount, "one zero-label for every input")
        precondition(tables.count == Self.tableByteCount(circuit), "the tables' exact size")
        let slots = self.labels.load(inputs, slotCount: circuit.slotCount)
        circuit.gates.withUnsafeBufferPointer { gates in
            circuit.segments.withUnsafeBufferPointer { segments in
                // Without gates there is nothing to do, and an empty array may have no address.
                guard let gates = gates.baseAddress, let runs = segments.baseAddress else { return }
                tab_garble(
                    gates,
                    runs,
                    segments.count,
                    slots,
                    self.delta.block,
                    self.hashSeed,
                    self.nextGate,
                    tables.baseAddress?.assumingMemoryBound(to: UInt8.self)
                )
            }
        }
        self.nextGate += UInt64(circuit.andCount)
        return circuit.outputSlots.map { slots[Int($0)] }
    }

    /// The size of a circuit's tables: 32 bytes an AND gate.
    package static func tableByteCount(_ circuit: Circuit) -> Int {
        HalfGates.bytesPerGate * circuit.andCount
    }
}
