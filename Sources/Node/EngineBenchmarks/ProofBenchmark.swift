internal import BooleanCircuits
internal import CryptoCore
internal import VOLEProofs

/// QuickSilver over correlations from a dealer, so that the proof's own work is measured.
enum ProofBenchmark {
    static func figures(_ repetition: Repetition) throws -> [KernelFigure] {
        let compressions = try measure("circuits", count: 20 * Circuits.sha256Compression.andCount, repetition) {
            party in
            for _ in 0..<20 {
                let inputs = party.constants([Bool](repeating: true, count: Circuits.sha256Compression.inputCount))
                _ = try party.run(Circuits.sha256Compression, inputs: inputs)
            }
        }
        let blocks = try measure("AES", count: 512, repetition) { party in
            let key = try party.aesKeySchedule(key: party.constants([Bool](repeating: true, count: 128)))
            let nonce = party.constants([Bool](repeating: false, count: 96))
            _ = try party.aesCTR(key, nonce: nonce, counters: 0..<512)
        }
        return [
            KernelFigure(
                "quicksilver_ands_per_s",
                runs: zip(compressions.prover, compressions.verifier).map { min($0, $1) }
            ),
            KernelFigure("quicksilver_prover_ands_per_s", runs: compressions.prover),
            KernelFigure("quicksilver_verifier_ands_per_s", runs: compressions.verifier),
            KernelFigure("quicksilver_prover_aes_blocks_per_s", runs: blocks.prover),
            KernelFigure("quicksilver_verifier_aes_blocks_per_s", runs: blocks.verifier),
        ]
    }

    private static func measure(
        _ name: String,
        count: Int,
        _ repetition: Repetition,
        _ statement: (any ProofParty) throws -> Void
    ) throws -> (prover: [Double], verifier: [Double]) {
        var random = BlockPRG(seed: Block(5, 29))
        let delta = Delta(random: &random)
        let keys = random.blocks(1 << 20).map { Block($0[0] & ~1, $0[1]) }
        let macs = keys.map { $0 ^ delta.block.masked(by: random.next() & 1 == 1) }
        let challenge = random.nextBlock()
        var message: [UInt8] = []
        var final: [UInt8] = []
        let prover = try repetition.speeds(count: count) {
            let prover = ProofProver(correlations: Dealer(macs).take)
            try statement(prover)
            message = prover.takeMessage()
            try prover.fold(challenge: challenge)
            final = try prover.finish()
        }
        let verifier = try repetition.speeds(count: count) {
            let verifier = ProofVerifier(delta: delta, correlations: Dealer(keys).take)
            verifier.feed(message: message)
            try statement(verifier)
            try verifier.fold(challenge: challenge)
            try verifier.verify(finalProof: final)
            guard verifier.isVerified else { throw KernelBenchmarks.WrongResult(kernel: "proof of \(name)") }
        }
        return (prover, verifier)
    }

    /// Hands out prepared correlations in order.
    private final class Dealer {
        private let stock: [Block]
        private var next = 0

        init(_ stock: [Block]) { self.stock = stock }

        func take(_ count: Int) -> [Block] {
            precondition(next + count <= stock.count, "the dealer has enough for one statement")
            defer { next += count }
            return Array(stock[next..<next + count])
        }
    }
}
