private import CKernels

/// Builds a circuit gate by gate, folding constants and sharing equal gates.
///
/// XOR and NOT are free in every protocol that runs these circuits, AND is not, so the builder never makes two AND gates
/// of the same inputs and moves inversions out of AND gates by linear corrections. ``finish(outputs:)`` drops gates that no
/// output depends on and schedules the rest. A value type: copies grow independently.
package struct CircuitBuilder {
    /// The circuit's inputs, in order.
    package let inputs: [Wire]

    private(set) var graph: GateGraph
    private var shared = GateTable()

    /// Starts a circuit of `inputCount` inputs, at least one.
    package init(inputCount: Int) {
        precondition(inputCount > 0, "a circuit has inputs")
        self.inputs = (1...inputCount).map { Wire(node: $0) }
        self.graph = GateGraph(inputCount: inputCount)
    }

    /// The exclusive or of two wires.
    package mutating func xor(_ a: Wire, _ b: Wire) -> Wire {
        let flip = (a.reference ^ b.reference) & 1
        let (x, y) = (a.positive, b.positive)
        if x == y { return Wire(reference: flip) }
        if x == .zero { return Wire(reference: y.reference | flip) }
        if y == .zero { return Wire(reference: x.reference | flip) }
        return Wire(reference: self.gate(UInt32(TAB_GATE_XOR), x, y).reference | flip)
    }

    /// The exclusive or of any number of wires.
    package mutating func xor(_ wires: Wire...) -> Wire {
        var sum = Wire.zero
        for wire in wires { sum = self.xor(sum, wire) }
        return sum
    }

    /// The conjunction of two wires; one AND gate unless constants or equal wires decide it.
    package mutating func and(_ a: Wire, _ b: Wire) -> Wire {
        if a == .zero || b == .zero || a == ~b { return .zero }
        if a == .one || a == b { return b }
        if b == .one { return a }
        // (a ⊕ p)(b ⊕ q) = ab ⊕ qa ⊕ pb ⊕ pq: AND gates only ever see wires that are not inverted.
        let (x, y) = (a.positive, b.positive)
        var result = self.gate(UInt32(TAB_GATE_AND), x, y)
        if b.isInverted { result = self.xor(result, x) }
        if a.isInverted { result = self.xor(result, y) }
        return a.isInverted && b.isInverted ? ~result : result
    }

    /// The disjunction of two wires; one AND gate.
    package mutating func or(_ a: Wire, _ b: Wire) -> Wire {
        ~self.and(~a, ~b)
    }

    /// `ifSet` where `condition` is 1, otherwise `otherwise`; one AND gate.
    package mutating func select(_ condition: Wire, _ ifSet: Wire, otherwise: Wire) -> Wire {
        self.xor(otherwise, self.and(condition, self.xor(ifSet, otherwise)))
    }

    /// The majority of three wires; one AND gate.
    package mutating func majority(_ a: Wire, _ b: Wire, _ c: Wire) -> Wire {
        self.xor(b, self.and(self.xor(a, b), self.xor(b, c)))
    }

    /// The wire as one that is not inverted, at the price of a NOT gate: cheaper where several AND gates read it.
    package mutating func materialized(_ wire: Wire) -> Wire {
        guard wire.isInverted, wire.constantValue == nil else { return wire }
        return self.gate(UInt32(TAB_GATE_NOT), wire.positive, wire.positive)
    }

    /// The number of AND gates on the longest path from an input to the wire.
    func depth(of wire: Wire) -> UInt32 {
        self.graph.depth[wire.node]
    }

    /// The scheduled circuit with the given outputs.
    ///
    /// An output that is constant is made from input 0, so that no party has to supply constants.
    package consuming func finish(outputs: [Wire]) -> Circuit {
        let nodes = outputs.map { wire -> UInt32 in
            var wire = wire
            if wire.positive == .zero {
                let zero = self.gate(UInt32(TAB_GATE_XOR), self.inputs[0], self.inputs[0])
                wire = Wire(reference: zero.reference | (wire.reference & 1))
            }
            return UInt32(self.materialized(wire).node)
        }
        return Circuit(graph: self.graph, outputs: nodes)
    }

    /// The node of a gate over positive wires, an existing one where an equal gate exists.
    private mutating func gate(_ operation: UInt32, _ a: Wire, _ b: Wire) -> Wire {
        let (first, second) = (UInt32(min(a.node, b.node)), UInt32(max(a.node, b.node)))
        // NOT has equal operands, XOR and AND of equal operands are folded: the operation of such a gate is always NOT,
        // but for the one zero that `finish` may need.
        let key = GateTable.key(isAND: operation == UInt32(TAB_GATE_AND), a: first, b: second)
        guard first != second || operation == UInt32(TAB_GATE_NOT) else {
            return Wire(node: Int(self.graph.append(operation: operation, a: first, b: second)))
        }
        let node = self.shared.node(for: key) { self.graph.append(operation: operation, a: first, b: second) }
        return Wire(node: Int(node))
    }
}
