package import CKernels

/// A Boolean circuit, scheduled once and then run by plain evaluation, garbling or proof systems.
///
/// Inputs occupy the slots `0..<inputCount`; every gate reads and writes slots, which are reused, and the outputs are read
/// from `outputSlots` after the last gate. The gates appear in an order in which operands come first, cut into segments.
/// The AND gates of one segment are independent of one another, and none of them writes a slot that another reads.
package final class Circuit: Sendable {
    /// The number of input bits.
    package let inputCount: Int
    /// The number of slots an execution needs, inputs included.
    package let slotCount: Int
    /// The number of AND gates: what garbling, proofs and interaction are paid by.
    package let andCount: Int
    /// The gates, in execution order.
    package let gates: [tab_gate]
    /// Maximal alternating runs of linear and AND gates that cover `gates` in order.
    package let segments: [tab_segment]
    /// The slot of every output bit, valid after the last gate.
    package let outputSlots: [UInt32]

    /// The number of output bits.
    package var outputCount: Int { self.outputSlots.count }

    init(graph: GateGraph, outputs: [UInt32]) {
        var schedule = GateSchedule(graph: graph, outputs: outputs)
        schedule.run()
        let assignment = SlotAssignment(graph: graph, schedule: schedule, outputs: outputs)
        self.inputCount = graph.inputCount
        self.slotCount = assignment.slotCount
        self.andCount = schedule.order.reduce(0) { $0 + (graph.isAND(Int($1)) ? 1 : 0) }
        self.gates = assignment.gates
        self.segments = schedule.segments
        self.outputSlots = assignment.outputSlots
    }

    /// The circuit's outputs for plain input bits.
    ///
    /// Constant time: branches and addresses depend on the circuit, never on the bits.
    /// - Parameter inputs: `inputCount` bits.
    /// - Returns: `outputCount` bits.
    package func evaluate(_ inputs: [Bool]) -> [Bool] {
        precondition(inputs.count == self.inputCount, "one bit for every input")
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: self.slotCount) { slots in
            slots.initialize(repeating: 0)
            for (slot, bit) in inputs.enumerated() { slots[slot] = bit ? 1 : 0 }
            for gate in self.gates {
                let (a, b) = (slots[Int(gate.a)], slots[Int(gate.b)])
                switch Int(gate.op) {
                case TAB_GATE_XOR: slots[Int(gate.out)] = a ^ b
                case TAB_GATE_AND: slots[Int(gate.out)] = a & b
                default: slots[Int(gate.out)] = a ^ 1
                }
            }
            let outputs = self.outputSlots.map { slots[Int($0)] == 1 }
            slots.update(repeating: 0)
            return outputs
        }
    }
}
