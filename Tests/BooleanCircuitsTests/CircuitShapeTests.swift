import BooleanCircuits
import CKernels
import Testing

/// What kernels and proof systems rely on: counts, order, independence, slots.
@Suite struct CircuitShapeTests {
    @Test(arguments: LibraryCircuit.allCases)
    func andCountsAreTheContract(library: LibraryCircuit) {
        let circuit = library.circuit
        #expect(circuit.andCount == library.andCount)
        #expect(circuit.gates.count { Int($0.op) == TAB_GATE_AND } == library.andCount)
    }

    @Test(arguments: LibraryCircuit.allCases)
    func segmentsCoverTheGatesAndANDsAreIndependent(library: LibraryCircuit) {
        let circuit = library.circuit
        var next: UInt32 = 0
        var mixed = 0
        var conflicts = 0
        for segment in circuit.segments {
            #expect(segment.first == next)
            next += segment.count
            let gates = circuit.gates[Int(segment.first)..<Int(next)]
            mixed += gates.count { (Int($0.op) == TAB_GATE_AND) != (segment.is_and == 1) }
            guard segment.is_and == 1 else { continue }
            let written = Set(gates.map(\.out))
            conflicts += gates.count - written.count
            conflicts += gates.count { written.contains($0.a) || written.contains($0.b) }
        }
        #expect(Int(next) == circuit.gates.count)
        #expect(mixed == 0)
        #expect(conflicts == 0)
    }

    @Test(arguments: LibraryCircuit.allCases)
    func everySlotIsWrittenBeforeItIsRead(library: LibraryCircuit) {
        let circuit = library.circuit
        var isDefined = [Bool](repeating: false, count: circuit.slotCount)
        for input in 0..<circuit.inputCount { isDefined[input] = true }
        var undefined = 0
        for gate in circuit.gates {
            if !isDefined[Int(gate.a)] || !isDefined[Int(gate.b)] { undefined += 1 }
            isDefined[Int(gate.out)] = true
        }
        #expect(undefined == 0)
        #expect(circuit.outputSlots.allSatisfy { Int($0) < circuit.slotCount && isDefined[Int($0)] })
    }

    /// Hash kernels work on eight gates at a time; only ripple-carry chains on their own cannot fill them.
    @Test(arguments: LibraryCircuit.allCases.filter { $0 != .p256ModularAdd })
    func nearlyEveryANDSegmentIsFull(library: LibraryCircuit) {
        let sizes = library.circuit.segments.filter { $0.is_and == 1 }.map(\.count)
        let inFull = sizes.filter { $0 >= 8 }.reduce(0, +)
        #expect(Int(inFull) * 100 >= library.andCount * 99)
    }

    /// 40 KB of labels stay in the caches of one core.
    @Test(arguments: LibraryCircuit.allCases)
    func theWorkingSetIsSmall(library: LibraryCircuit) {
        #expect(library.circuit.slotCount <= 2_600)
    }
}
