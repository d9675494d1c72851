import CryptoCore

/// A lie about one byte of a counter block; everything after it is consistent with the lie.
struct CounterLie: Sendable {
    enum Step: Sendable {
        /// The four bits of the inverse norm, in the first round of a pair.
        case norm
        /// The committed inverse, in the second round.
        case inverse
        /// The opened byte, in the last round.
        case opened
    }

    let step: Step
    let pair: Int
    let byte: Int
    let change: @Sendable (UInt8) -> UInt8
}

/// A polynomial in Δ, constant term first; a wire is its MAC plus its value times Δ.
private struct DeltaPolynomial {
    var coefficients: [Block]

    init(_ coefficients: [Block]) { self.coefficients = coefficients }

    init(wire: Block) { self.init([wire, Block(wire[0] & 1, 0)]) }

    /// A bit times the power of Δ that makes it a term of `degree`.
    init(constant: Bool, degree: Int) {
        self.init([Block](repeating: .zero, count: degree) + [Block(constant ? 1 : 0, 0)])
    }

    static func + (left: DeltaPolynomial, right: DeltaPolynomial) -> DeltaPolynomial {
        let count = max(left.coefficients.count, right.coefficients.count)
        func padded(_ blocks: [Block]) -> [Block] { blocks + [Block](repeating: .zero, count: count - blocks.count) }
        return DeltaPolynomial(zip(padded(left.coefficients), padded(right.coefficients)).map { $0 ^ $1 })
    }

    static func * (left: DeltaPolynomial, right: DeltaPolynomial) -> DeltaPolynomial {
        var product = [Block](repeating: .zero, count: left.coefficients.count + right.coefficients.count - 1)
        for (i, a) in left.coefficients.enumerated() {
            for (j, b) in right.coefficients.enumerated() { product[i + j] ^= GF128.multiply(a, b) }
        }
        return DeltaPolynomial(product)
    }

    static func * (left: Block, right: DeltaPolynomial) -> DeltaPolynomial {
        DeltaPolynomial(right.coefficients.map { GF128.multiply(left, $0) })
    }

    func timesDelta(_ power: Int) -> DeltaPolynomial {
        DeltaPolynomial([Block](repeating: .zero, count: power) + coefficients)
    }

    /// The bit that the polynomial of degree `degree` stands for.
    func bit(degree: Int) -> Bool { coefficients[degree][0] & 1 == 1 }

    static let zero = DeltaPolynomial([.zero])
}

extension ReferenceProver {
    /// AES of nonce ‖ counter (96 wires and 32 public bits) in the prover's way; opened, or as values of wires.
    mutating func counterBlock(nonce: [Block], counter: UInt32, opens: Bool) -> [UInt8] {
        let input = counterInput(nonce: nonce, counter: counter)
        var first = substitute(Array(input[..<15]))
        let columns = (1..<4).flatMap { column in
            Self.mixed((0..<4).map { first[4 * ((column + $0) & 3) + $0].map { DeltaPolynomial(wire: $0) } })
        }
        var cached: [[Block]] = []
        for (byte, polynomials) in columns.enumerated() {
            cached.append(zip(polynomials, roundKeys[1][byte + 4]).map { $0.coefficients[0] ^ $1 })
        }
        cached = substitute(cached)
        first += substitute([input[15]])
        let column = Self.mixed((0..<4).map { first[4 * ($0 & 3) + $0].map { DeltaPolynomial(wire: $0) } })
        let second = substitute(
            (0..<4).map { byte in zip(column[byte], roundKeys[1][byte]).map { $0.coefficients[0] ^ $1 } }
        )
        var state = Self.diffused((second + cached).map { $0.map { DeltaPolynomial(wire: $0) } })
        state = add(roundKeys[2], to: state, degree: 1)
        for pair in 0..<4 {
            let inverses = invertByNorm(state, pair: pair)
            constrain(state, inverses)
            state = Self.diffused(inverses.map { Self.affine($0, degree: 2) })
            state = add(roundKeys[3 + 2 * pair], to: state, degree: 2)
            if pair == 3, opens { return openLast(state) }
            let second = commitInverses(state, pair: pair)
            constrain(second, state)
            state = second.map { Self.affine($0, degree: 1) }
            if pair < 3 { state = add(roundKeys[4 + 2 * pair], to: Self.diffused(state), degree: 1) }
        }
        let output = add(roundKeys[10], to: (0..<16).map { state[($0 + 4 * ($0 & 3)) & 15] }, degree: 1)
        return output.map { Self.value(of: $0, degree: 1) }
    }

    private func counterInput(nonce: [Block], counter: UInt32) -> [[Block]] {
        (0..<16).map { byte in
            let plain: [Block] =
                byte < 12
                ? Array(nonce[8 * byte..<8 * byte + 8])
                : (0..<8).map { Block(UInt64(counter >> UInt32(8 * (15 - byte) + $0) & 1), 0) }
            return zip(plain, roundKeys[0][byte]).map { $0 ^ $1 }
        }
    }

    /// y = x¹⁶·m for committed m of GF(2⁴): bits of degree 2.
    private mutating func invertByNorm(_ state: [[DeltaPolynomial]], pair: Int) -> [[DeltaPolynomial]] {
        let basis: [UInt8] = [0x01, 0x0c, 0x50, 0xe0]
        var inverses: [[DeltaPolynomial]] = []
        for start in stride(from: 0, to: 16, by: 2) {
            let nibbles = (start..<start + 2).map { byte -> UInt8 in
                let inverse = AESField.power(Self.value(of: state[byte], degree: 1), 254)
                let norm = AESField.power(inverse, 17)
                let nibble = (0..<16).first { nibble in
                    basis.indices.reduce(0) { $0 ^ (nibble >> $1 & 1 == 1 ? basis[$1] : 0) } == norm
                }
                return lied(.norm, pair, byte, UInt8(nibble ?? 0))
            }
            let wires = commit(nibbles.flatMap { nibble in (0..<4).map { nibble >> UInt8($0) & 1 == 1 } })
            for byte in start..<start + 2 {
                var bits = [DeltaPolynomial](repeating: .zero, count: 8)
                for (a, x) in state[byte].enumerated() {
                    for (b, element) in basis.enumerated() {
                        let product = x * DeltaPolynomial(wire: wires[4 * (byte - start) + b])
                        let image = AESField.multiply(AESField.power(1 << UInt8(a), 16), element)
                        for bit in 0..<8 where image >> UInt8(bit) & 1 == 1 { bits[bit] = bits[bit] + product }
                    }
                }
                inverses.append(bits)
            }
        }
        return inverses
    }

    private mutating func commitInverses(_ state: [[DeltaPolynomial]], pair: Int) -> [[DeltaPolynomial]] {
        state.enumerated().map { byte, bits in
            let inverse = lied(.inverse, pair, byte, AESField.power(Self.value(of: bits, degree: 2), 254))
            return commit((0..<8).map { inverse >> UInt8($0) & 1 == 1 }).map { DeltaPolynomial(wire: $0) }
        }
    }

    /// The last round: the opened bytes and the last round key give the inverses.
    private mutating func openLast(_ state: [[DeltaPolynomial]]) -> [UInt8] {
        var inverses = [[DeltaPolynomial]](repeating: [], count: 16)
        let output: [UInt8] = (0..<16).map { byte in
            let source = (byte + 4 * (byte & 3)) & 15
            let inverse = AESField.power(Self.value(of: state[source], degree: 2), 254)
            var box: UInt8 = 0x63
            for rotation in [0, 4, 5, 6, 7] {
                // Bit i of the sum takes bit i + rotation.
                box ^= inverse >> UInt8(rotation) | (rotation == 0 ? 0 : inverse << UInt8(8 - rotation))
            }
            let key = roundKeys[10][byte]
            let keyByte = value(of: key)
            let opened = lied(.opened, 3, byte, box ^ keyByte)
            let bits = (0..<8).map { DeltaPolynomial(wire: key[$0] ^ Block(UInt64(opened >> UInt8($0) & 1), 0)) }
            inverses[source] = (0..<8).map { bit -> DeltaPolynomial in
                let constant = DeltaPolynomial(wire: Block(0x05 >> UInt64(bit) & 1, 0))
                return [2, 5, 7].reduce(constant) { $0 + bits[(bit + $1) % 8] }
            }
            return opened
        }
        open(output)
        constrain(inverses, state)
        return output
    }

    /// (u² + X⁸·u¹²⁸)·v + u + X⁸·v¹²⁸, made homogeneous; u of degree 1 and v of degree 2, or the other way round.
    private mutating func constrain(_ left: [[DeltaPolynomial]], _ right: [[DeltaPolynomial]]) {
        let eighth = Block(1 << 8, 0)
        for start in stride(from: 0, to: 16, by: 8) {
            var sum = DeltaPolynomial.zero
            for position in 0..<8 {
                let (u, v) = (left[start + position], right[start + position])
                let factor = Self.lifted(u, power: 2) + eighth * Self.lifted(u, power: 128)
                let term =
                    factor * Self.lifted(v, power: 1) + Self.lifted(u, power: 1).timesDelta(2)
                    + eighth * Self.lifted(v, power: 128).timesDelta(1)
                sum = sum + Block(1 << UInt64(position), 0) * term
            }
            // What should be zero, the coefficient of Δ³, is left out.
            cubicTerms.append(Array(sum.coefficients[..<3]))
        }
    }

    private func lied(_ step: CounterLie.Step, _ pair: Int, _ byte: Int, _ value: UInt8) -> UInt8 {
        guard let lie = counterLie, lie.step == step, lie.pair == pair, lie.byte == byte else { return value }
        return lie.change(value)
    }

    private func add(_ key: [[Block]], to state: [[DeltaPolynomial]], degree: Int) -> [[DeltaPolynomial]] {
        zip(state, key).map { bits, wires in
            zip(bits, wires).map { $0 + DeltaPolynomial(wire: $1).timesDelta(degree - 1) }
        }
    }

    private static func affine(_ bits: [DeltaPolynomial], degree: Int) -> [DeltaPolynomial] {
        (0..<8).map { bit in
            // The constant 1 has the key Δ^degree and, for a wire, the MAC 1.
            let one = DeltaPolynomial(constant: 0x63 >> bit & 1 == 1, degree: degree)
            let constant = degree == 1 ? DeltaPolynomial(wire: one.coefficients[1]) : one
            return [4, 5, 6, 7].reduce(bits[bit] + constant) { $0 + bits[(bit + $1) % 8] }
        }
    }

    private static func diffused(_ bytes: [[DeltaPolynomial]]) -> [[DeltaPolynomial]] {
        (0..<4).flatMap { column in mixed((0..<4).map { bytes[4 * ((column + $0) & 3) + $0] }) }
    }

    /// MixColumns on one column.
    private static func mixed(_ column: [[DeltaPolynomial]]) -> [[DeltaPolynomial]] {
        func doubled(_ bits: [DeltaPolynomial]) -> [DeltaPolynomial] {
            (0..<8).map { bit in
                let shifted = bit == 0 ? bits[7] : bits[bit - 1]
                return [1, 3, 4].contains(bit) ? shifted + bits[7] : shifted
            }
        }
        return (0..<4).map { row in
            let (a, b) = (column[row], column[(row + 1) & 3])
            let (twiceA, twiceB) = (doubled(a), doubled(b))
            return (0..<8).map { bit in
                twiceA[bit] + twiceB[bit] + b[bit] + column[(row + 2) & 3][bit] + column[(row + 3) & 3][bit]
            }
        }
    }

    private static func value(of bits: [DeltaPolynomial], degree: Int) -> UInt8 {
        bits.enumerated().reduce(0) { $0 | ($1.element.bit(degree: degree) ? 1 << UInt8($1.offset) : 0) }
    }

    private static func lifted(_ bits: [DeltaPolynomial], power: Int) -> DeltaPolynomial {
        bits.enumerated().reduce(.zero) { sum, bit in
            sum + AESField.lifted(AESField.power(1 << UInt8(bit.offset), power)) * bit.element
        }
    }
}
