import BooleanCircuits
import CryptoCore
import GarbledCircuits

/// Both parties of one garbled circuit in one place.
struct GarbledRun {
    let delta: Delta
    let inputZeroLabels: [Block]
    let outputZeroLabels: [Block]
    var tables: [UInt8]
    let hashSeed: Block

    init(_ circuit: Circuit, seed: UInt64) {
        var random = BlockPRG(seed: Block(seed, 0x6761_7262))
        delta = Delta(random: &random)
        hashSeed = random.nextBlock()
        inputZeroLabels = random.blocks(circuit.inputCount)
        var tables: [UInt8] = []
        var garbler = Garbler(delta: delta, hashSeed: hashSeed)
        outputZeroLabels = garbler.garble(circuit, inputs: inputZeroLabels, tables: &tables)
        self.tables = tables
    }

    func activeLabels(_ bits: [Bool]) -> [Block] {
        zip(inputZeroLabels, bits).map { $0 ^ delta.block.masked(by: $1) }
    }

    func evaluate(_ circuit: Circuit, _ bits: [Bool]) throws(GarblingError) -> [Block] {
        var evaluator = Evaluator(hashSeed: hashSeed)
        return try evaluator.evaluate(circuit, inputs: activeLabels(bits), tables: tables)
    }

    /// The values that output labels stand for; nil for what is neither label of its wire.
    func decode(_ labels: [Block]) -> [Bool?] {
        zip(labels, outputZeroLabels).map { label, zero in
            switch label ^ zero {
            case .zero: false
            case delta.block: true
            default: nil
            }
        }
    }
}

/// Pseudorandom bits.
func randomBits(_ count: Int, seed: UInt64) -> [Bool] {
    var random = BlockPRG(seed: Block(seed, 0x6269_7473))
    return random.blocks(count).map(\.lowBit)
}

/// The circuits that the protocol garbles.
enum GarbledCircuit: String, CaseIterable, Sendable {
    case sha256, scheduled, pad, keySchedule, block, counterPrefix, counterBlock, addition

    var circuit: Circuit {
        switch self {
        case .sha256: Circuits.sha256Compression
        case .scheduled: Circuits.sha256ScheduledCompression
        case .pad: Circuits.sha256KeyPad(byteCount: 48, pad: 0x5c)
        case .keySchedule: Circuits.aes128KeySchedule
        case .block: Circuits.aes128Block
        case .counterPrefix: Circuits.aes128CTRPrefix
        case .counterBlock: Circuits.aes128CTRBlock
        case .addition: Circuits.p256ModularAdd
        }
    }
}
