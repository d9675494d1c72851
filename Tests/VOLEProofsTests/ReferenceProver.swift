import CryptoCore

/// A second prover of AES key schedules and counter blocks, written from the equations and slowly, that can be told to lie.
///
/// Run honestly it must produce the bytes of `ProofProver`; told to lie about one S-box it stays consistent with its
/// lie everywhere else, which is the best that a cheater can do.
struct ReferenceProver {
    let correlations: IdealCorrelations
    /// What to commit to instead of the inverse at S-box `index`, for its input.
    var lie: (index: Int, inverse: (UInt8) -> UInt8)?
    private(set) var message: [UInt8] = []
    private(set) var roundKeys: [[[Block]]] = []
    /// A0, A1 of constraints of degree 2, and A0, A1, A2 of those of degree 3.
    var terms: [(low: Block, linear: Block)] = []
    var cubicTerms: [[Block]] = []
    /// What to do to the given byte of the given step of a counter block.
    var counterLie: CounterLie?
    private var boxCount = 0
    /// The two equations' values at the S-box that was lied about: x²·y + x and x·y² + y.
    private(set) var violations: (first: UInt8, second: UInt8)?

    init(correlations: IdealCorrelations) {
        self.correlations = correlations
    }

    /// Commits to bits, one message bit each.
    mutating func commit(_ bits: [Bool]) -> [Block] {
        var packed = [UInt8](repeating: 0, count: (bits.count + 7) / 8)
        let wires = correlations.next(bits.count).enumerated().map { index, random in
            let correction = random.lowBit != bits[index]
            if correction { packed[index / 8] |= 1 << UInt8(index % 8) }
            return random ^ Block(correction ? 1 : 0, 0)
        }
        message += packed
        return wires
    }

    /// Proves the expansion of a key (FIPS 197, section 5.2).
    mutating func keySchedule(_ key: [Block]) {
        var roundKey = (0..<16).map { Array(key[(8 * $0)..<(8 * $0 + 8)]) }
        var constant: UInt8 = 1
        roundKeys = [roundKey]
        for _ in 0..<10 {
            var column = substitute([13, 14, 15, 12].map { roundKey[$0] })
            for bit in 0..<8 where constant >> UInt8(bit) & 1 == 1 { column[0][bit] ^= Block(1, 0) }
            constant = AESField.multiply(constant, 2)
            for byte in 0..<16 {
                let addend = byte < 4 ? column[byte] : roundKey[byte - 4]
                roundKey[byte] = zip(roundKey[byte], addend).map { $0 ^ $1 }
            }
            roundKeys.append(roundKey)
        }
    }

    /// S-boxes with a committed byte each; eight share a constraint.
    mutating func substitute(_ inputs: [[Block]]) -> [[Block]] {
        var outputs: [[Block]] = []
        for start in stride(from: 0, to: inputs.count, by: 8) {
            var constraint = (low: Block.zero, linear: Block.zero)
            for (position, input) in inputs[start..<min(start + 8, inputs.count)].enumerated() {
                let box = substitute(input, index: boxCount)
                boxCount += 1
                outputs.append(box.output)
                let weight = Block(1 << UInt64(position), 0)
                constraint.low ^= GF128.multiply(weight, box.low)
                constraint.linear ^= GF128.multiply(weight, box.linear)
            }
            terms.append(constraint)
        }
        return outputs
    }

    /// Sends bytes in the clear.
    mutating func open(_ bytes: [UInt8]) { message += bytes }

    /// Folds everything with one challenge and ends the proof.
    mutating func finish(challenge: Block) -> [UInt8] {
        // Degree 2 is brought to degree 3 by a factor Δ.
        let all = cubicTerms + terms.map { [.zero, $0.low, $0.linear] }
        var coefficients = [Block](repeating: .zero, count: 3)
        var weight = challenge
        for term in all.reversed() {
            for power in 0..<3 { coefficients[power] ^= GF128.multiply(weight, term[power]) }
            weight = GF128.multiply(weight, challenge)
        }
        // Two masks, the second with a factor Δ.
        for mask in 0..<2 {
            for (index, mac) in correlations.next(128).enumerated() {
                let power = index < 64 ? Block(1 << UInt64(index), 0) : Block(0, 1 << UInt64(index - 64))
                coefficients[mask] ^= GF128.multiply(power, mac)
                coefficients[mask + 1] ^= power.masked(by: mac.lowBit)
            }
        }
        return coefficients.flatMap(\.littleEndianBytes)
    }

    private mutating func substitute(_ input: [Block], index: Int) -> (output: [Block], low: Block, linear: Block) {
        let x = value(of: input)
        var y = AESField.power(x, 254)
        if let lie, lie.index == index {
            y = lie.inverse(x)
            violations = (
                AESField.multiply(AESField.power(x, 2), y) ^ x,
                AESField.multiply(x, AESField.power(y, 2)) ^ y
            )
        }
        let inverse = commit((0..<8).map { y >> UInt8($0) & 1 == 1 })
        let output = (0..<8).map { bit in
            let affine = [0, 4, 5, 6, 7].map { inverse[(bit + $0) % 8] }.reduce(.zero, ^)
            return affine ^ Block(0x63 >> UInt64(bit) & 1, 0)
        }
        let eighth = Block(1 << 8, 0)
        // (x² + X⁸·x¹²⁸)·y + (x + X⁸·y¹²⁸), by MACs and values.
        let p = lifted(input, power: 2) ^ GF128.multiply(eighth, lifted(input, power: 128))
        let pValue =
            AESField.lifted(AESField.power(x, 2))
            ^ GF128.multiply(eighth, AESField.lifted(AESField.power(x, 128)))
        let q = lifted(inverse, power: 1)
        let linear = lifted(input, power: 1) ^ GF128.multiply(eighth, lifted(inverse, power: 128))
        let cross = GF128.multiply(pValue, q) ^ GF128.multiply(AESField.lifted(y), p)
        return (output, GF128.multiply(p, q), cross ^ linear)
    }

    func value(of wires: [Block]) -> UInt8 {
        wires.enumerated().reduce(0) { $0 | ($1.element.lowBit ? 1 << UInt8($1.offset) : 0) }
    }

    /// The MAC of the byte raised to a power of two.
    private func lifted(_ wires: [Block], power: Int) -> Block {
        wires.enumerated().reduce(.zero) { sum, wire in
            sum ^ GF128.multiply(AESField.lifted(AESField.power(1 << UInt8(wire.offset), power)), wire.element)
        }
    }
}

/// GF(2^8) as in AES, and its embedding into GF(2^128).
enum AESField {
    static func multiply(_ a: UInt8, _ b: UInt8) -> UInt8 {
        var (a, b, product) = (a, b, UInt8(0))
        while b != 0 {
            if b & 1 == 1 { product ^= a }
            a = (a << 1) ^ (a >> 7 == 1 ? 0x1b : 0)
            b >>= 1
        }
        return product
    }

    static func power(_ base: UInt8, _ exponent: Int) -> UInt8 {
        (0..<exponent).reduce(1) { product, _ in multiply(product, base) }
    }

    /// The image of a byte: its bits select powers of a root of AES's polynomial.
    static func lifted(_ byte: UInt8) -> Block {
        (0..<8).reduce(.zero) { $0 ^ powers[$1].masked(by: byte >> UInt8($1) & 1 == 1) }
    }

    /// Powers 0 to 7 of the least of the eight roots of x^8 + x^4 + x^3 + x + 1, found by search.
    private static let powers: [Block] = {
        // g^((2^128 - 1) / 255), where (2^128 - 1) / 255 = 0x0101…01, has an order that divides 255.
        var generator = Block(2, 0)
        while true {
            var candidate = GF128.one
            for _ in 0..<16 {
                for _ in 0..<8 { candidate = GF128.square(candidate) }
                candidate = GF128.multiply(candidate, generator)
            }
            let subfield = GF128.powers(of: candidate, count: 255)
            if Set(subfield).count == 255 {
                let roots = subfield.filter { root in
                    let powers = GF128.powers(of: root, count: 9)
                    return powers[8] ^ powers[4] ^ powers[3] ^ powers[1] ^ powers[0] == .zero
                }
                let least = roots.min { ($0[1], $0[0]) < ($1[1], $1[0]) }
                return GF128.powers(of: least ?? .zero, count: 8)
            }
            generator[0] += 1
        }
    }()
}
