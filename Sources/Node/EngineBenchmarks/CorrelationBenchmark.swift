internal import Correlations
internal import CryptoCore
internal import Foundation
internal import PartyChannel

/// Correlated OTs by Ferret, from nothing: base OT, SoftSpokenOT and consistency checks included.
enum CorrelationBenchmark {
    /// What a small session takes, and what a response of a megabyte does.
    private static let counts = [(name: "", count: 600_000), (name: "bulk_", count: 16_000_000)]

    static func figures(_ repetition: Repetition) throws -> [KernelFigure] {
        try counts.flatMap { name, count in
            let runs = try (0..<repetition.runs).map { try pair(count: count, number: UInt64($0)) }
            let sender = runs.map { Double(count) / $0.sender }
            let receiver = runs.map { Double(count) / $0.receiver }
            return [
                KernelFigure("cots_\(name)per_s", runs: zip(sender, receiver).map { min($0, $1) }),
                KernelFigure("cots_\(name)sender_per_s", runs: sender),
                KernelFigure("cots_\(name)receiver_per_s", runs: receiver),
            ]
        }
    }

    /// Seconds of processor time that each party takes, on a thread of its own.
    private static func pair(count: Int, number: UInt64) throws -> (sender: Double, receiver: Double) {
        let (left, right) = InMemoryChannel.pair()
        var random = BlockPRG(seed: Block(number, 23))
        let delta = Delta(random: &random)
        let sender = Party(random.fork()) { random in
            let source = try BulkCOTSender(channel: left, delta: delta, random: random, sessionID: [1])
            return try digest(of: count) {
                try source.extend($0)
            } reserve: {
                try source.reserve($0)
            }
        }
        let receiver = Party(random.fork()) { random in
            let source = try BulkCOTReceiver(channel: right, random: random, sessionID: [1])
            return try digest(of: count) { part in
                // A MAC minus its bit times Δ is the key.
                try source.extend(part).map { $0 ^ delta.block.masked(by: $0.lowBit) }
            } reserve: {
                try source.reserve($0)
            }
        }
        let (keys, macs) = (try sender.join(), try receiver.join())
        guard keys.sum == macs.sum else { throw KernelBenchmarks.WrongResult(kernel: "correlated OT") }
        return (keys.seconds, macs.seconds)
    }

    /// The sum of all keys; they are taken in portions, as a proof takes them.
    private static func digest(
        of count: Int,
        _ extend: (Int) throws -> [Block],
        reserve: (Int) throws -> Void
    ) throws -> Block {
        try reserve(count)
        var sum = Block.zero
        var left = count
        while left > 0 {
            let part = min(left, 1 << 13)
            for block in try extend(part) { sum ^= block }
            left -= part
        }
        return sum
    }

    /// One of two parties, which block while they wait for each other.
    private final class Party: @unchecked Sendable {
        private let done = DispatchSemaphore(value: 0)
        // Written before `done` is signalled, read after it.
        private var result: Result<(sum: Block, seconds: Double), any Error>?

        init(_ random: BlockPRG, _ body: @escaping @Sendable (BlockPRG) throws -> Block) {
            let thread = Thread { [self] in
                result = Result {
                    var sum = Block.zero
                    let seconds = try ThreadClock.measure { sum = try body(random) }
                    return (sum, seconds)
                }
                done.signal()
            }
            thread.stackSize = 4 << 20
            thread.start()
        }

        func join() throws -> (sum: Block, seconds: Double) {
            done.wait()
            guard let result else { preconditionFailure("a party signals after it has a result") }
            return try result.get()
        }
    }
}
