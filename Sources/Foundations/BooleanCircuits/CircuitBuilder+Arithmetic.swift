/// Addition by column compression.
extension CircuitBuilder {
    /// The sum of several numbers modulo 2^width, with the AND gates that a full adder a column-entry needs.
    ///
    /// A full adder turns three bits of a column into one and a carry for the next column, with one AND gate; a half adder
    /// does the same to two bits. A column of m bits therefore costs ⌈(m − 1)/2⌉, and the last column nothing. Constant
    /// bits are collected into one constant, and a constant 1 costs no gate in a column where the other bits are odd in
    /// number: a half adder of a bit and 1 is linear. In every column the bits that are computed first are added first, so
    /// that the carry that comes last ripples through one gate a column.
    /// - Parameters:
    ///   - operands: numbers of at most `width` bits, least significant bit first.
    ///   - constant: the low 64 bits of a public addend.
    ///   - width: the number of bits of the result.
    /// - Returns: `width` bits, least significant first.
    package mutating func sum(_ operands: [[Wire]], constant: UInt64 = 0, width: Int = 32) -> [Wire] {
        var columns = [[Wire]](repeating: [], count: width + 1)
        var constantBits = (0..<width).map { $0 < 64 && constant >> UInt64($0) & 1 == 1 }
        for operand in operands {
            precondition(operand.count <= width, "operands fit the sum")
            var carry = false
            for column in 0..<width {
                let bit = column < operand.count ? operand[column] : .zero
                guard let value = bit.constantValue else {
                    columns[column].append(bit)
                    let both = constantBits[column] && carry
                    constantBits[column] = constantBits[column] != carry
                    carry = both
                    continue
                }
                let total = (constantBits[column] ? 1 : 0) + (value ? 1 : 0) + (carry ? 1 : 0)
                constantBits[column] = total & 1 == 1
                carry = total >= 2
            }
        }
        return (0..<width).map { column in
            self.compress(
                columns[column],
                plusOne: constantBits[column],
                carries: &columns[column + 1],
                wantsCarries: column + 1 < width
            )
        }
    }

    /// Adds the bits of one column and hands the carries on.
    private mutating func compress(
        _ bits: [Wire],
        plusOne: Bool,
        carries: inout [Wire],
        wantsCarries: Bool
    ) -> Wire {
        guard wantsCarries else {
            var sum = Wire(plusOne)
            for bit in bits { sum = self.xor(sum, bit) }
            return sum
        }
        var rest = bits.sorted { self.depth(of: $0) > self.depth(of: $1) }
        if plusOne {
            // Odd: 1 + x is the carry x and the bit ¬x, for nothing. Even: the 1 makes a full adder of a half adder.
            if rest.isEmpty { return .one }
            let first = rest.removeLast()
            if rest.count.isMultiple(of: 2) {
                carries.append(first)
                self.insert(~first, into: &rest)
            } else {
                let second = rest.removeLast()
                carries.append(self.or(first, second))
                let sum = ~self.xor(first, second)
                self.insert(sum, into: &rest)
            }
        } else if !rest.isEmpty, rest.count.isMultiple(of: 2) {
            let (first, second) = (rest.removeLast(), rest.removeLast())
            carries.append(self.and(first, second))
            let sum = self.xor(first, second)
            self.insert(sum, into: &rest)
        }
        while rest.count >= 3 {
            let (x, y, z) = (rest.removeLast(), rest.removeLast(), rest.removeLast())
            carries.append(self.majority(x, y, z))
            let sum = self.xor(x, y, z)
            self.insert(sum, into: &rest)
        }
        return rest.first ?? .zero
    }

    /// Inserts into a list kept in order of falling depth.
    private func insert(_ wire: Wire, into list: inout [Wire]) {
        let depth = self.depth(of: wire)
        let position = list.firstIndex { self.depth(of: $0) <= depth } ?? list.endIndex
        list.insert(wire, at: position)
    }

    /// The exclusive or of two words of equal length.
    package mutating func xor(_ a: [Wire], _ b: [Wire]) -> [Wire] {
        precondition(a.count == b.count, "words of equal length")
        return zip(a, b).map { self.xor($0, $1) }
    }
}
