internal import CKernels

/// Gives every node of a schedule a slot and frees it after the node's last use, so that the working set stays small.
///
/// The slot freed last is taken first: it is the one most likely to be in the cache. Slots read by an AND segment are
/// freed only after the whole segment, which lets kernels execute the segment's gates in any order.
struct SlotAssignment {
    /// The gates over slots, in the schedule's order.
    private(set) var gates: [tab_gate] = []
    /// One slot an output.
    private(set) var outputSlots: [UInt32] = []
    /// The number of slots used.
    private(set) var slotCount: Int

    init(graph: GateGraph, schedule: GateSchedule, outputs: [UInt32]) {
        var remainingUses = [UInt32](repeating: 0, count: graph.nodeCount)
        for node in schedule.order {
            remainingUses[Int(graph.a[Int(node)])] += 1
            remainingUses[Int(graph.b[Int(node)])] += 1
        }
        for node in outputs { remainingUses[Int(node)] += 1 }

        var slotOf = [UInt32](repeating: 0, count: graph.nodeCount)
        for input in 0..<graph.inputCount { slotOf[input + 1] = UInt32(input) }
        var free = (0..<graph.inputCount).reversed().filter { remainingUses[$0 + 1] == 0 }.map { UInt32($0) }
        var freedBySegment: [UInt32] = []
        self.slotCount = graph.inputCount
        self.gates.reserveCapacity(schedule.order.count)

        for segment in schedule.segments {
            for position in Int(segment.first)..<Int(segment.first + segment.count) {
                let node = Int(schedule.order[position])
                let operands = (Int(graph.a[node]), Int(graph.b[node]))
                for operand in [operands.0, operands.1] {
                    remainingUses[operand] -= 1
                    if remainingUses[operand] == 0 { freedBySegment.append(slotOf[operand]) }
                }
                if segment.is_and == 0 {
                    free.append(contentsOf: freedBySegment)
                    freedBySegment.removeAll(keepingCapacity: true)
                }
                if let slot = free.popLast() {
                    slotOf[node] = slot
                } else {
                    slotOf[node] = UInt32(self.slotCount)
                    self.slotCount += 1
                }
                self.gates.append(
                    tab_gate(
                        op: graph.operations[node],
                        a: slotOf[operands.0],
                        b: slotOf[operands.1],
                        out: slotOf[node]
                    )
                )
            }
            free.append(contentsOf: freedBySegment)
            freedBySegment.removeAll(keepingCapacity: true)
        }
        self.outputSlots = outputs.map { slotOf[Int($0)] }
    }
}
