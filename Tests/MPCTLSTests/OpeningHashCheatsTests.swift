import MPCTLS
import Testing

/// The prover cheats with the hashes that it announces of the labels to be opened: 32 bytes a bit, the hash of the label
/// of colour 0 and that of colour 1.
@Suite(.serialized) struct OpeningHashCheatsTests {
    /// A session with a prover that bends the announced hashes.
    private static func run(_ bend: @escaping @Sendable (inout [[UInt8]]) -> Void) async throws -> SessionOutcome {
        let harness = SessionHarness().cheatingProver { frame in
            guard frame.isSent(SessionFrame.openings) else { return .pass }
            let start = ProverCheatsTests.maskByteCount
            var hashes = stride(from: start, to: frame.payload.count, by: 16).map {
                Array(frame.payload[$0..<$0 + 16])
            }
            bend(&hashes)
            return .replace(Array(frame.payload[..<start]) + hashes.flatMap { $0 })
        }
        return await harness.run(try ProverCheatsTests.lenientServer())
    }

    /// The control: a prover that bends nothing is served.
    @Test func announcedHashesAreTaken() async throws {
        let outcome = try await Self.run { #expect($0.count == 2 * OpenedValue.totalBitCount) }
        #expect(throws: Never.self) { try outcome.both() }
    }

    @Test(arguments: [0, 700, OpenedValue.totalBitCount - 1]) func equalHashesOfABitAreRefused(bit: Int) async throws {
        let outcome = try await Self.run { $0[2 * bit + 1] = $0[2 * bit] }
        expectRefusal(outcome.notary, .violation, "two hashes of labels to be opened are equal")
        expectRefusal(outcome.prover, .channel)
    }

    /// One bit's pair announced for another bit as well, whole or in part.
    @Test(arguments: [(700, 701), (701, 700), (0, OpenedValue.totalBitCount - 1), (255, 256)])
    func pairOfAnotherBitIsRefused(from: Int, to: Int) async throws {
        for halves in [[0], [1], [0, 1]] {
            let outcome = try await Self.run { hashes in
                for half in halves { hashes[2 * to + half] = hashes[2 * from + half] }
            }
            expectRefusal(outcome.notary, .violation, "two hashes of labels to be opened are equal")
            expectRefusal(outcome.prover, .channel)
        }
    }

    @Test func oneHashForAnotherBitsOtherColourIsRefused() async throws {
        let outcome = try await Self.run { $0[2 * 700] = $0[2 * 701 + 1] }
        expectRefusal(outcome.notary, .violation, "two hashes of labels to be opened are equal")
    }

    @Test(arguments: [0, 300, 1000, OpenedValue.totalBitCount - 1])
    func swappedHashPairIsRefused(bit: Int) async throws {
        let outcome = try await Self.run { $0.swapAt(2 * bit, 2 * bit + 1) }
        expectRefusal(outcome.notary, .violation, "a label that the prover did not announce")
    }

    /// All hashes are there and distinct, and two bits have each other's: the tweaks differ, so neither fits.
    @Test(arguments: [(700, 701), (3, 1500)])
    func pairsOfTwoBitsExchangedAreRefused(first: Int, second: Int) async throws {
        let outcome = try await Self.run { hashes in
            for half in 0..<2 { hashes.swapAt(2 * first + half, 2 * second + half) }
        }
        expectRefusal(outcome.notary, .violation, "a label that the prover did not announce")
    }
}
