import BooleanCircuits
import CryptoCore
import GarbledCircuits
import Testing

private let andCircuit: Circuit = {
    var builder = CircuitBuilder(inputCount: 2)
    let product = builder.and(builder.inputs[0], builder.inputs[1])
    return builder.finish(outputs: [product])
}()

/// A chain that makes AND gates depend on one another, with inversions, and segments of fewer than four gates.
private let mixedCircuit: Circuit = {
    var builder = CircuitBuilder(inputCount: 5)
    var wires = builder.inputs
    for round in 0..<9 {
        let product = builder.and(~wires[round % 5], wires[(round + 2) % 5])
        wires[(round + 1) % 5] = builder.xor(product, wires[(round + 1) % 5])
    }
    return builder.finish(outputs: wires + [~wires[0]])
}()

@Suite struct HalfGatesTests {
    /// The specification: two tables and an output label computed here from AES and the formulas of the papers.
    @Test(arguments: 0..<8 as Range<UInt64>)
    func oneGateFollowsThePapers(seed: UInt64) {
        let run = GarbledRun(andCircuit, seed: seed)
        func sigma(_ x: Block) -> Block { Block(x[0] ^ x[1], x[0]) }
        func hash(_ x: Block, _ tweak: UInt64) -> Block {
            let cipher = AES128(key: (run.hashSeed ^ Block(tweak, 0)).littleEndianBytes)
            return Block(littleEndian: cipher.encrypt(sigma(x).littleEndianBytes)) ^ sigma(x)
        }
        let (a, b, delta) = (run.inputZeroLabels[0], run.inputZeroLabels[1], run.delta.block)
        let generator = hash(a, 0) ^ hash(a ^ delta, 0) ^ delta.masked(by: b.lowBit)
        let evaluator = hash(b, 1) ^ hash(b ^ delta, 1) ^ a
        let output = hash(a, 0) ^ generator.masked(by: a.lowBit) ^ hash(b, 1) ^ (evaluator ^ a).masked(by: b.lowBit)
        #expect(run.tables == generator.littleEndianBytes + evaluator.littleEndianBytes)
        #expect(run.outputZeroLabels == [output])
    }

    /// The truth table under all four combinations of colours, which eight seeds contain.
    @Test func everyRowUnderEveryColour() throws {
        var colours: Set<[Bool]> = []
        for seed in 0..<24 as Range<UInt64> {
            let run = GarbledRun(andCircuit, seed: seed)
            colours.insert(run.inputZeroLabels.map(\.lowBit))
            for (a, b) in [(false, false), (false, true), (true, false), (true, true)] {
                #expect(run.decode(try run.evaluate(andCircuit, [a, b])) == [a && b])
            }
        }
        #expect(colours.count == 4)
    }

    @Test func smallSegmentsAndInversions() throws {
        let run = GarbledRun(mixedCircuit, seed: 3)
        #expect(run.tables.count == 9 * HalfGates.bytesPerGate)
        for value in 0..<32 {
            let bits = (0..<5).map { value >> $0 & 1 == 1 }
            #expect(run.decode(try run.evaluate(mixedCircuit, bits)) == mixedCircuit.evaluate(bits))
        }
    }

    @Test func linearCircuitsNeedNoTables() throws {
        var builder = CircuitBuilder(inputCount: 2)
        let sum = builder.xor(builder.inputs[0], builder.inputs[1])
        let circuit = builder.finish(outputs: [~sum, sum])
        let run = GarbledRun(circuit, seed: 1)
        #expect(run.tables.isEmpty)
        #expect(run.decode(try run.evaluate(circuit, [true, false])) == [false, true])
    }

    /// A constant b enters as zero-label b·Δ at the garbler and as the zero block at the evaluator.
    @Test(arguments: [false, true])
    func publicConstantsNeedNoLabels(constant: Bool) throws {
        var random = BlockPRG(seed: Block(9, 9))
        let delta = Delta(random: &random)
        let label = random.nextBlock()
        var tables: [UInt8] = []
        var garbler = Garbler(delta: delta, hashSeed: .zero)
        let zero = delta.block.masked(by: constant)
        let output = garbler.garble(andCircuit, inputs: [label, zero], tables: &tables)
        for bit in [false, true] {
            var evaluator = Evaluator(hashSeed: .zero)
            let active = label ^ delta.block.masked(by: bit)
            let result = try evaluator.evaluate(andCircuit, inputs: [active, .zero], tables: tables)
            #expect(result == [output[0] ^ delta.block.masked(by: bit && constant)])
        }
    }
}

@Suite struct GarbledEqualsPlainTests {
    @Test(arguments: GarbledCircuit.allCases)
    func randomInputs(name: GarbledCircuit) throws {
        let circuit = name.circuit
        let run = GarbledRun(circuit, seed: 77)
        for seed in 0..<3 as Range<UInt64> {
            let bits = randomBits(circuit.inputCount, seed: seed)
            #expect(run.decode(try run.evaluate(circuit, bits)) == circuit.evaluate(bits))
        }
    }

    /// Garbling ahead: all tables first, labels of one circuit feed the next.
    @Test func circuitsChain() throws {
        var random = BlockPRG(seed: Block(5, 5))
        let delta = Delta(random: &random)
        let zero = random.blocks(256)
        let key = randomBits(128, seed: 1)
        let plaintext = randomBits(128, seed: 2)

        var tables: [UInt8] = [1, 2, 3]
        var garbler = Garbler(delta: delta, hashSeed: Block(1, 1))
        let zeroKeys = garbler.garble(Circuits.aes128KeySchedule, inputs: Array(zero[..<128]), tables: &tables)
        let boundary = tables.count
        let zeroOutput = garbler.garble(Circuits.aes128Block, inputs: zeroKeys + zero[128...], tables: &tables)
        #expect(garbler.gateCount == 6_400)
        #expect(tables.count == 3 + 32 * 6_400)
        #expect(tables[..<3] == [1, 2, 3])

        let active = zip(zero, key + plaintext).map { $0 ^ delta.block.masked(by: $1) }
        var evaluator = Evaluator(hashSeed: Block(1, 1))
        let keys = try evaluator.evaluate(
            Circuits.aes128KeySchedule,
            inputs: Array(active[..<128]),
            tables: Array(tables[3..<boundary])
        )
        let output = try evaluator.evaluate(
            Circuits.aes128Block,
            inputs: keys + active[128...],
            tables: Array(tables[boundary...])
        )
        let values = zip(output, zeroOutput).map { $0.lowBit != $1.lowBit }
        let expected = AES128(key: BitOrder.bytes(ofBits: key)).encrypt(BitOrder.bytes(ofBits: plaintext))
        #expect(BitOrder.bytes(ofBits: values) == expected)
        #expect(zip(output, zeroOutput).allSatisfy { $0 == $1 || $0 == $1 ^ delta.block })
    }

    @Test func appendingAndWritingInPlaceAgree() {
        let circuit = Circuits.aes128Block
        var random = BlockPRG(seed: Block(6, 6))
        let delta = Delta(random: &random)
        let inputs = random.blocks(circuit.inputCount)
        var appended: [UInt8] = []
        var first = Garbler(delta: delta, hashSeed: .zero)
        let outputs = first.garble(circuit, inputs: inputs, tables: &appended)
        // An odd address: tables travel in frames whose headers have any length.
        var written = [UInt8](repeating: 0, count: 1 + Garbler.tableByteCount(circuit))
        var second = Garbler(delta: delta, hashSeed: .zero)
        let others = written.withUnsafeMutableBytes { bytes in
            second.garble(circuit, inputs: inputs, into: UnsafeMutableRawBufferPointer(rebasing: bytes[1...]))
        }
        #expect(outputs == others)
        #expect(Array(written[1...]) == appended)
    }
}
