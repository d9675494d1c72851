/// Why garbled material was refused.
package enum GarblingError: Error, Equatable {
    /// The garbler sent tables of the wrong size for the circuit, in bytes: the peer's fault.
    case tableSize(expected: Int, received: Int)
}
