private import CKernels

/// The gates of a circuit before scheduling: every node is written once and refers to earlier nodes only.
///
/// Node 0 is the constant 0 and never operand of a gate, nodes 1 to `inputCount` are the inputs, the others are gates.
struct GateGraph {
    let inputCount: Int
    private(set) var operations: [UInt32]
    private(set) var a: [UInt32]
    private(set) var b: [UInt32]
    /// The number of AND gates on the longest path from an input to each node.
    private(set) var depth: [UInt32]

    init(inputCount: Int) {
        self.inputCount = inputCount
        self.operations = Array(repeating: .max, count: inputCount + 1)
        self.a = Array(repeating: 0, count: inputCount + 1)
        self.b = self.a
        self.depth = self.a
    }

    var nodeCount: Int { self.operations.count }
    var firstGate: Int { self.inputCount + 1 }

    func isAND(_ node: Int) -> Bool { self.operations[node] == UInt32(TAB_GATE_AND) }

    mutating func append(operation: UInt32, a: UInt32, b: UInt32) -> UInt32 {
        let level = max(self.depth[Int(a)], self.depth[Int(b)])
        self.operations.append(operation)
        self.a.append(a)
        self.b.append(b)
        self.depth.append(operation == UInt32(TAB_GATE_AND) ? level + 1 : level)
        return UInt32(self.operations.count - 1)
    }
}
