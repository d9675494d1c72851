/// Counter mode, where the blocks of a message differ in the last counter byte only.
///
/// Byte 15 of the state is the only one that changes as long as the upper 24 bits of the counter stay. In round 1 fifteen
/// S-boxes are the same for all those blocks, and byte 15 reaches only column 0 after ShiftRows. In round 2 therefore only
/// the four S-boxes of column 0 change, and ShiftRows gives every column one of them. What all blocks share is the *prefix*:
/// column 0 after round 1 without the contribution of byte 15 (32 bits), then the state after round 2 without the
/// contributions of column 0 (128 bits).
extension AES128Circuit {
    static let prefixBitCount = 160

    /// The row in which byte 15 lies, and in which it enters column 0 after ShiftRows.
    private static let changingRow = 3

    /// (round keys 1,408, nonce 96, upper counter bytes 24) → prefix 160.
    static func counterPrefix() -> Circuit {
        let builder = CircuitBuilder(inputCount: 1408 + 96 + 24)
        let roundKeys = Self.roundKeys(builder.inputs[..<1408])
        let zeroByte = Byte(repeating: .zero, count: 8)
        let input = Self.bytes(builder.inputs[1408...])
        var aes = AES128Circuit(builder: builder)

        var state = aes.add(input, Array(roundKeys[0][..<15]))
        state = Self.shiftRows(aes.subBytes(state) + [zeroByte])
        state = aes.add(aes.mixColumns(state), roundKeys[1])
        let column0 = state[..<4]

        let substituted = Array(repeating: zeroByte, count: 4) + aes.subBytes(Array(state[4...]))
        state = aes.add(aes.mixColumns(Self.shiftRows(substituted)), roundKeys[2])
        return aes.builder.finish(outputs: (column0 + state).flatMap { $0 })
    }

    /// (round keys 1,408, prefix 160, last counter byte 8) → keystream block 128.
    static func counterBlock() -> Circuit {
        let builder = CircuitBuilder(inputCount: 1408 + Self.prefixBitCount + 8)
        let roundKeys = Self.roundKeys(builder.inputs[..<1408])
        let prefix = Self.bytes(builder.inputs[1408..<1408 + Self.prefixBitCount])
        let counter = Self.bytes(builder.inputs[(1408 + Self.prefixBitCount)...])
        let zeroByte = Byte(repeating: .zero, count: 8)
        var aes = AES128Circuit(builder: builder)

        var changing = Array(repeating: zeroByte, count: 4)
        changing[Self.changingRow] = aes.subBytes(aes.add(counter, [roundKeys[0][15]]))[0]
        let column0 = aes.add(aes.mixColumn(changing), Array(prefix[..<4]))

        let substituted = aes.subBytes(column0) + Array(repeating: zeroByte, count: 12)
        let state = aes.add(aes.mixColumns(Self.shiftRows(substituted)), Array(prefix[4...]))
        let output = aes.rounds(from: 3, state: state, roundKeys: roundKeys)
        return aes.builder.finish(outputs: output.flatMap { $0 })
    }
}
