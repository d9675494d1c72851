import BooleanCircuits
import CryptoCore
import GarbledCircuits
import Testing

/// What happens to parties that deviate, next to the honest run.
@Suite struct GarblingCheaterTests {
    @Test(arguments: [0, 1, 31, 32, 32 * 5_120 - 1, 32 * 5_120 + 1])
    func tablesOfTheWrongSizeAreRefused(byteCount: Int) throws {
        let circuit = Circuits.aes128Block
        let run = GarbledRun(circuit, seed: 4)
        let bits = randomBits(circuit.inputCount, seed: 4)
        var evaluator = Evaluator(hashSeed: run.hashSeed)
        let refused = GarblingError.tableSize(expected: 32 * 5_120, received: byteCount)
        #expect(throws: refused) {
            let wrong = Array((run.tables + [0])[..<byteCount])
            _ = try evaluator.evaluate(circuit, inputs: run.activeLabels(bits), tables: wrong)
        }
        // The refusal costs nothing: the right tables still work.
        #expect(evaluator.gateCount == 0)
        let labels = try evaluator.evaluate(circuit, inputs: run.activeLabels(bits), tables: run.tables)
        #expect(run.decode(labels) == circuit.evaluate(bits))
    }

    /// One flipped byte in the first table row makes labels invalid that depend on it, never the other valid label.
    @Test(arguments: [0, 7, 15, 16, 24, 31])
    func aFlippedTableByteGivesInvalidLabels(position: Int) throws {
        let circuit = Circuits.sha256ScheduledCompression
        let honest = GarbledRun(circuit, seed: 8)
        var cheater = honest
        let middle = 32 * 3_000
        cheater.tables[middle + position] ^= 0x80
        let bits = randomBits(circuit.inputCount, seed: 8)
        let right = try honest.evaluate(circuit, bits)
        let wrong = try cheater.evaluate(circuit, bits)
        #expect(honest.decode(right) == circuit.evaluate(bits))
        if wrong == right {
            // The row is used only if the colour selects it: with the other colour it must matter.
            let others = bits.map { !$0 }
            #expect(cheater.decode(try cheater.evaluate(circuit, others)).contains(nil))
        } else {
            let decoded = cheater.decode(wrong)
            #expect(decoded.contains(nil))
            #expect(zip(decoded, circuit.evaluate(bits)).allSatisfy { $0 == nil || $0 == $1 })
        }
    }

    /// Both halves of every row of a single gate: a wrong half gives an invalid label exactly where the colour uses it.
    @Test(arguments: 0..<16 as Range<UInt64>)
    func wrongHalvesMatterExactlyWhereColoursSelectThem(seed: UInt64) throws {
        var builder = CircuitBuilder(inputCount: 2)
        let product = builder.and(builder.inputs[0], builder.inputs[1])
        let circuit = builder.finish(outputs: [product])
        for half in 0..<2 {
            let honest = GarbledRun(circuit, seed: seed)
            var cheater = honest
            cheater.tables[16 * half + 3] ^= 1
            for value in 0..<4 {
                let bits = [value & 1 == 1, value & 2 == 2]
                let isUsed = honest.activeLabels(bits)[half].lowBit
                let expected = isUsed ? nil : bits[0] && bits[1]
                #expect(cheater.decode(try cheater.evaluate(circuit, bits)) == [expected])
            }
        }
    }

    @Test func circuitsInAnotherOrderGiveInvalidLabels() throws {
        let circuit = Circuits.p256ModularAdd
        let run = GarbledRun(circuit, seed: 2)
        let bits = randomBits(512, seed: 2)
        var evaluator = Evaluator(hashSeed: run.hashSeed)
        let first = try evaluator.evaluate(circuit, inputs: run.activeLabels(bits), tables: run.tables)
        #expect(run.decode(first) == circuit.evaluate(bits))
        let again = try evaluator.evaluate(circuit, inputs: run.activeLabels(bits), tables: run.tables)
        #expect(run.decode(again).contains(nil))
    }

    @Test func anotherHashSeedGivesInvalidLabels() throws {
        let circuit = Circuits.p256ModularAdd
        let run = GarbledRun(circuit, seed: 2)
        var evaluator = Evaluator(hashSeed: run.hashSeed ^ Block(1, 0))
        let labels = try evaluator.evaluate(
            circuit,
            inputs: run.activeLabels(randomBits(512, seed: 2)),
            tables: run.tables
        )
        #expect(run.decode(labels).contains(nil))
    }

    /// The same circuit on the same labels garbled twice shares no ciphertext: no tweak is used twice.
    @Test func noTweakIsUsedTwice() {
        let circuit = Circuits.aes128CTRBlock
        var random = BlockPRG(seed: Block(10, 10))
        var garbler = Garbler(delta: Delta(random: &random), hashSeed: .zero)
        let inputs = random.blocks(circuit.inputCount)
        var tables: [UInt8] = []
        _ = garbler.garble(circuit, inputs: inputs, tables: &tables)
        _ = garbler.garble(circuit, inputs: inputs, tables: &tables)
        let ciphertexts = stride(from: 0, to: tables.count, by: 16).map { Array(tables[$0..<$0 + 16]) }
        #expect(Set(ciphertexts).count == ciphertexts.count)
    }
}
