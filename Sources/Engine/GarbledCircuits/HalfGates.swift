/// The sizes of the half-gates scheme.
package enum HalfGates {
    /// The ciphertexts of one AND gate, two blocks.
    package static let bytesPerGate = 32
}
