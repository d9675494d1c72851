/// A Boolean value inside a ``CircuitBuilder``: the output of a gate or an input, possibly inverted, or a constant.
///
/// Inversion is part of the reference and costs no gate until a circuit is finished; the constants are the two references
/// to node 0. A wire belongs to the builder that made it.
package struct Wire: Hashable, Sendable {
    /// Twice the node's number, plus one when inverted.
    let reference: UInt32

    init(node: Int, inverted: Bool = false) {
        self.reference = UInt32(node) << 1 | (inverted ? 1 : 0)
    }

    init(reference: UInt32) {
        self.reference = reference
    }

    /// The constant 0.
    package static let zero = Wire(reference: 0)
    /// The constant 1.
    package static let one = Wire(reference: 1)

    /// The constant of the given value.
    package init(_ constant: Bool) {
        self.reference = constant ? 1 : 0
    }

    var node: Int { Int(self.reference >> 1) }
    var isInverted: Bool { self.reference & 1 == 1 }
    var positive: Wire { Wire(reference: self.reference & ~1) }

    /// The value, where the wire is one of the two constants.
    package var constantValue: Bool? { self.reference < 2 ? self.reference == 1 : nil }

    /// The inverted wire; free.
    package static prefix func ~ (wire: Wire) -> Wire {
        Wire(reference: wire.reference ^ 1)
    }
}
