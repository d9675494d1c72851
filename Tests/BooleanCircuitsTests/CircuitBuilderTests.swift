import BooleanCircuits
import CryptoCore
import Testing

@Suite struct CircuitBuilderTests {
    /// Every operation against its definition on all inputs, also on inverted operands.
    @Test func gatesMatchTheirTruthTables() {
        for flips in 0..<8 {
            var builder = CircuitBuilder(inputCount: 3)
            let wires = (0..<3).map { flips >> $0 & 1 == 1 ? ~builder.inputs[$0] : builder.inputs[$0] }
            let (a, b, c) = (wires[0], wires[1], wires[2])
            let outputs = [
                builder.xor(a, b), builder.and(a, b), builder.or(a, b), builder.select(a, b, otherwise: c),
                builder.majority(a, b, c), ~a, builder.materialized(a), builder.xor(a, b, c),
            ]
            let circuit = builder.finish(outputs: outputs)
            for value in 0..<8 {
                let bits = (0..<3).map { value >> $0 & 1 == 1 }
                let (x, y, z) = (bits[0] != (flips & 1 == 1), bits[1] != (flips & 2 == 2), bits[2] != (flips & 4 == 4))
                let expected = [
                    x != y, x && y, x || y, x ? y : z, [x, y, z].count { $0 } >= 2, !x, x, (x != y) != z,
                ]
                #expect(circuit.evaluate(bits) == expected)
            }
        }
    }

    @Test func constantsAndEqualWiresCostNothing() {
        var builder = CircuitBuilder(inputCount: 2)
        let (a, b) = (builder.inputs[0], builder.inputs[1])
        #expect(builder.and(a, .zero) == .zero)
        #expect(builder.and(.one, a) == a)
        #expect(builder.and(a, a) == a)
        #expect(builder.and(~a, a) == .zero)
        #expect(builder.or(a, .one) == .one)
        #expect(builder.xor(a, a) == .zero)
        #expect(builder.xor(a, ~a) == .one)
        #expect(builder.xor(.one, a) == ~a)
        #expect(~(~a) == a)
        #expect(builder.and(a, b) == builder.and(b, a))
        #expect(builder.xor(~a, b) == ~builder.xor(b, a))
        #expect(builder.select(a, .one, otherwise: .zero) == a)
    }

    /// Gates that no output needs are dropped, equal gates are made once, and inversions make no further AND.
    @Test func onlyNeededGatesRemain() {
        var builder = CircuitBuilder(inputCount: 3)
        let (a, b, c) = (builder.inputs[0], builder.inputs[1], builder.inputs[2])
        _ = builder.and(a, c)
        let outputs = [builder.and(a, b), builder.and(~a, b), builder.and(a, ~b), builder.and(~a, ~b)]
        let circuit = builder.finish(outputs: outputs)
        #expect(circuit.andCount == 1)
        #expect(circuit.evaluate([false, true, false]) == [false, true, false, false])
        #expect(circuit.evaluate([false, false, false]) == [false, false, false, true])
    }

    @Test func outputsMayBeConstantsInputsAndRepeated() {
        let builder = CircuitBuilder(inputCount: 2)
        let b = builder.inputs[1]
        let circuit = builder.finish(outputs: [.zero, .one, b, ~b, b, .one])
        #expect(circuit.andCount == 0)
        #expect(circuit.evaluate([true, true]) == [false, true, true, false, true, true])
        #expect(circuit.evaluate([false, false]) == [false, true, false, true, false, true])
    }

    /// Copies of a builder grow independently.
    @Test func buildersAreValues() {
        var first = CircuitBuilder(inputCount: 2)
        var second = first
        let and = first.and(first.inputs[0], first.inputs[1])
        let xor = second.xor(second.inputs[0], second.inputs[1])
        #expect(first.finish(outputs: [and]).evaluate([true, true]) == [true])
        #expect(second.finish(outputs: [xor]).evaluate([true, true]) == [false])
    }
}

@Suite struct AdditionTests {
    @Test(arguments: [(1, 32), (2, 32), (3, 32), (4, 32), (7, 32), (2, 64), (5, 17), (3, 1)])
    func sumsAreSums(operandCount: Int, width: Int) {
        var random = BlockPRG(seed: Block(UInt64(operandCount), UInt64(width)))
        let mask = UInt64.max >> UInt64(64 - width)
        for constant: UInt64 in [0, 1, mask, random.next()] {
            var builder = CircuitBuilder(inputCount: operandCount * width)
            let operands = (0..<operandCount).map { Array(builder.inputs[$0 * width..<($0 + 1) * width]) }
            let sum = builder.sum(operands, constant: constant, width: width)
            let circuit = builder.finish(outputs: sum)
            #expect(circuit.outputCount == width)
            for round in 0..<20 {
                let values: [UInt64] = (0..<operandCount).map { _ in round == 0 ? mask : random.next() & mask }
                let bits = values.flatMap { value -> [Bool] in (0..<width).map { value >> UInt64($0) & 1 == 1 } }
                let result = circuit.evaluate(bits).enumerated().reduce(UInt64(0)) {
                    $0 | ($1.element ? 1 : 0) << UInt64($1.offset)
                }
                #expect(result == values.reduce(constant, &+) & mask)
            }
        }
    }

    @Test func adderCosts() {
        func cost(_ operandCount: Int, constant: UInt64) -> Int {
            var builder = CircuitBuilder(inputCount: operandCount * 32)
            let operands = (0..<operandCount).map { Array(builder.inputs[$0 * 32..<($0 + 1) * 32]) }
            let sum = builder.sum(operands, constant: constant)
            return builder.finish(outputs: sum).andCount
        }
        #expect(cost(1, constant: 0) == 0)
        #expect(cost(2, constant: 0) == 31)
        #expect(cost(3, constant: 0) == 61)
        #expect(cost(4, constant: 0) == 92)
        // Adding one to a number is a chain of 30: the first carry is the bit itself.
        #expect(cost(1, constant: 1) == 30)
        #expect(cost(1, constant: 0x8000_0000) == 0)
        // A carry-in is free.
        #expect(cost(2, constant: 1) == 31)
    }

    /// Known bits of operands are folded into the constant, whichever operand they come from.
    @Test func partlyKnownOperandsAreFolded() {
        var builder = CircuitBuilder(inputCount: 8)
        let low = builder.inputs + Array(repeating: .one, count: 8)
        let known = (0..<16).map { Wire(0xbeef >> $0 & 1 == 1) }
        let sum = builder.sum([low, known, known, low], constant: 0x1234, width: 16)
        let circuit = builder.finish(outputs: sum)
        for value: UInt16 in [0, 1, 0x7f, 0x80, 0xff] {
            let bits = (0..<8).map { value >> UInt16($0) & 1 == 1 }
            let result = circuit.evaluate(bits).enumerated().reduce(UInt16(0)) {
                $0 | ($1.element ? 1 : 0) << UInt16($1.offset)
            }
            let word = value | 0xff00
            #expect(result == word &+ 0xbeef &+ 0xbeef &+ word &+ 0x1234)
        }
    }
}
