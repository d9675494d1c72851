/// Addition modulo p = 2^256 − 2^224 + 2^192 + 2^96 − 1, the field of P-256 (FIPS 186-4 §D.1.2.3).
enum P256AdditionCircuit {
    /// c = 2^256 − p = 2^224 − 2^192 − 2^96 + 1, as bits 0, 96 to 191 and 193 to 223.
    private static func isSetInComplement(_ bit: Int) -> Bool {
        bit == 0 || (96..<192).contains(bit) || (193..<224).contains(bit)
    }

    /// (a 256, b 256) → a + b mod p 256, for a, b < p.
    ///
    /// With s = a + b, the sum s + c reaches 2^256 exactly when s ≥ p, and its low 256 bits are s − p then.
    static func modularAdd() -> Circuit {
        var builder = CircuitBuilder(inputCount: 512)
        let (a, b) = (Array(builder.inputs[..<256]), Array(builder.inputs[256...]))
        let sum = builder.sum([a, b], width: 257)
        let complement = (0..<256).map { Wire(Self.isSetInComplement($0)) }
        let reduced = builder.sum([Array(sum[..<256]), complement], width: 257)
        // s < 2p < 2^257: at most one of the two additions carries out of bit 255.
        let isReduced = builder.xor(sum[256], reduced[256])
        let outputs = (0..<256).map { builder.select(isReduced, reduced[$0], otherwise: sum[$0]) }
        return builder.finish(outputs: outputs)
    }
}
