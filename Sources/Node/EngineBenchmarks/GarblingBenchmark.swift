internal import BooleanCircuits
internal import CryptoCore
internal import GarbledCircuits

/// Half-gates, XORs and re-keying included, over the circuits of a session.
enum GarblingBenchmark {
    static func figures(_ repetition: Repetition) throws -> [KernelFigure] {
        let session =
            [Circuits.sha256KeyPad(byteCount: 32, pad: 0x36), Circuits.sha256KeyPad(byteCount: 32, pad: 0x5c)]
            + [Circuits.sha256KeyPad(byteCount: 48, pad: 0x36), Circuits.sha256KeyPad(byteCount: 48, pad: 0x5c)]
            + [Circuit](repeating: Circuits.sha256ScheduledCompression, count: 10)
            + [Circuit](repeating: Circuits.aes128CTRBlock, count: 68)
        let workloads: [(name: String, circuits: [Circuit])] = [
            ("", session),
            ("sha256_", [Circuit](repeating: Circuits.sha256Compression, count: 20)),
            ("aes_", [Circuit](repeating: Circuits.aes128CTRBlock, count: 100)),
        ]
        return try workloads.flatMap { try figures($0.name, $0.circuits, repetition) }
    }

    private static func figures(
        _ name: String,
        _ circuits: [Circuit],
        _ repetition: Repetition
    ) throws -> [KernelFigure] {
        var random = BlockPRG(seed: Block(17, 4))
        let delta = Delta(random: &random)
        let seed = random.nextBlock()
        let zeroLabels = circuits.map { random.blocks($0.inputCount) }
        let active = zeroLabels.map { labels in labels.map { $0 ^ delta.block.masked(by: random.next() & 1 == 1) } }
        let andCount = circuits.reduce(0) { $0 + $1.andCount }
        // One frame of tables at a time is garbled, sent and forgotten in a session: the memory stays in the cache.
        var tables = circuits.map { [UInt8](repeating: 0, count: Garbler.tableByteCount($0)) }
        var zeroOutputs: [[Block]] = []
        let garbled = repetition.speeds(count: andCount) {
            var garbler = Garbler(delta: delta, hashSeed: seed)
            zeroOutputs = circuits.indices.map { index in
                tables[index].withUnsafeMutableBytes {
                    garbler.garble(circuits[index], inputs: zeroLabels[index], into: $0)
                }
            }
        }
        var outputs: [[Block]] = []
        let evaluated = try repetition.speeds(count: andCount) {
            var evaluator = Evaluator(hashSeed: seed)
            outputs = try circuits.indices.map {
                try evaluator.evaluate(circuits[$0], inputs: active[$0], tables: tables[$0])
            }
        }
        for (zero, labels) in zip(zeroOutputs.joined(), outputs.joined()) {
            guard labels == zero || labels == zero ^ delta.block else {
                throw KernelBenchmarks.WrongResult(kernel: "half-gates")
            }
        }
        return [
            KernelFigure("and_gates_\(name)garbled_per_s", runs: garbled),
            KernelFigure("and_gates_\(name)evaluated_per_s", runs: evaluated),
        ]
    }
}
