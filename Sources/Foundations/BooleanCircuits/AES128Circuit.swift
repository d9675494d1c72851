/// AES-128 (FIPS 197) as circuits over bytes of eight wires, least significant bit first.
///
/// Byte i of the state is in row i mod 4 and column i / 4.
struct AES128Circuit {
    typealias Byte = [Wire]

    var builder: CircuitBuilder

    static func bytes(_ bits: some Collection<Wire>) -> [Byte] {
        let bits = Array(bits)
        return stride(from: 0, to: bits.count, by: 8).map { Array(bits[$0..<$0 + 8]) }
    }

    mutating func subBytes(_ bytes: [Byte]) -> [Byte] {
        bytes.map { self.builder.aesSubByte($0) }
    }

    mutating func add(_ a: [Byte], _ b: [Byte]) -> [Byte] {
        zip(a, b).map { self.builder.xor($0, $1) }
    }

    /// Where byte i of the state after ShiftRows comes from.
    static func shiftRowsSource(_ index: Int) -> Int {
        (index + 4 * (index % 4)) % 16
    }

    static func shiftRows(_ state: [Byte]) -> [Byte] {
        (0..<16).map { state[Self.shiftRowsSource($0)] }
    }

    /// MixColumns of one column.
    mutating func mixColumn(_ column: [Byte]) -> [Byte] {
        let sums = (0..<4).map { self.builder.xor(column[$0], column[($0 + 1) & 3]) }
        return (0..<4).map { row in
            let others = self.builder.xor(column[(row + 1) & 3], sums[(row + 2) & 3])
            return self.builder.xor(self.double(sums[row]), others)
        }
    }

    mutating func mixColumns(_ state: [Byte]) -> [Byte] {
        (0..<4).flatMap { self.mixColumn(Array(state[4 * $0..<4 * $0 + 4])) }
    }

    /// The rounds from `first` to 10 on a state to which the round keys before have been added.
    mutating func rounds(from first: Int, state: [Byte], roundKeys: [[Byte]]) -> [Byte] {
        var state = state
        for round in first...10 {
            state = Self.shiftRows(self.subBytes(state))
            if round < 10 { state = self.mixColumns(state) }
            state = self.add(state, roundKeys[round])
        }
        return state
    }

    /// Multiplication by x modulo x^8 + x^4 + x^3 + x + 1.
    private mutating func double(_ byte: Byte) -> Byte {
        let top = byte[7]
        return (0..<8).map { bit in
            switch bit {
            case 0: top
            case 1, 3, 4: self.builder.xor(byte[bit - 1], top)
            default: byte[bit - 1]
            }
        }
    }
}

extension AES128Circuit {
    /// Cuts 1,408 wires into the eleven round keys.
    static func roundKeys(_ bits: some Collection<Wire>) -> [[Byte]] {
        let bytes = Self.bytes(bits)
        return (0...10).map { Array(bytes[16 * $0..<16 * $0 + 16]) }
    }

    /// Key 128 → round keys 1,408 (FIPS 197 §5.2).
    static func keySchedule() -> Circuit {
        let builder = CircuitBuilder(inputCount: 128)
        var words = (0..<4).map { Self.bytes(builder.inputs[32 * $0..<32 * $0 + 32]) }
        var aes = AES128Circuit(builder: builder)
        var roundConstant: UInt8 = 1
        for index in 4..<44 {
            var word = words[index - 1]
            if index.isMultiple(of: 4) {
                word = aes.subBytes(Array(word[1...] + word[..<1]))
                for bit in 0..<8 where roundConstant >> UInt8(bit) & 1 == 1 { word[0][bit] = ~word[0][bit] }
                roundConstant = roundConstant << 1 ^ (roundConstant >> 7 == 1 ? 0x1b : 0)
            }
            words.append(aes.add(words[index - 4], word))
        }
        return aes.builder.finish(outputs: words.flatMap { $0.flatMap { $0 } })
    }

    /// (round keys 1,408, plaintext 128) → ciphertext 128.
    static func block() -> Circuit {
        let builder = CircuitBuilder(inputCount: 1408 + 128)
        let roundKeys = Self.roundKeys(builder.inputs[..<1408])
        let input = Self.bytes(builder.inputs[1408...])
        var aes = AES128Circuit(builder: builder)
        let state = aes.add(input, roundKeys[0])
        let output = aes.rounds(from: 1, state: state, roundKeys: roundKeys)
        return aes.builder.finish(outputs: output.flatMap { $0 })
    }
}
