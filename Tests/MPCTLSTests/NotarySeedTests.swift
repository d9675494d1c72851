import Correlations
import CryptoCore
import MPCTLS
import PartyChannel
import Testing

/// What the opened seed determines, and what it must not.
@Suite(.serialized) struct NotarySeedTests {
    @Test func derivedValuesAreDistinctAndReproducible() {
        var random = BlockPRG(seed: Block(1, 1))
        let bytes = random.bytes(32)
        let (seed, again, other) = (
            NotarySeed(bytes: bytes), NotarySeed(bytes: bytes), NotarySeed(bytes: random.bytes(32))
        )
        #expect(seed.commitment == again.commitment && seed.commitment != other.commitment)
        #expect(seed.ephemeralShare.bytes == again.ephemeralShare.bytes)
        #expect(seed.ephemeralShare.bytes != other.ephemeralShare.bytes)
        #expect(seed.fieldInputs == again.fieldInputs && seed.fieldInputs != other.fieldInputs)
        #expect(seed.disclosureSalt == again.disclosureSalt && seed.disclosureSalt != other.disclosureSalt)
        #expect(seed.hashKeyMask != .zero && seed.differenceMasks.allSatisfy { !$0.isZero })
        // A longer session's inputs start as a shorter one's: the audit knows the count from the parameters.
        #expect(Array(seed.hashKeyInputs(count: 9).prefix(4)) == seed.hashKeyInputs(count: 4))
        let elements = seed.fieldInputs + seed.differenceMasks
        #expect(Set(elements.map(\.bytes)).count == 5)
        let blocks = seed.hashKeyInputs(count: 4) + [seed.hashKeyMask, seed.evaluationDelta.block]
        #expect(Set(blocks.map { $0.littleEndianBytes }).count == 6)
        #expect(seed.evaluationDelta.block.lowBit)
    }

    /// The commitment goes out before the session: it must bind and must not show the seed.
    @Test func commitmentIsNotTheSalt() {
        let seed = NotarySeed(bytes: [UInt8](repeating: 5, count: 32))
        #expect(seed.commitment != seed.bytes && seed.disclosureSalt != seed.bytes)
        #expect(seed.commitment != seed.disclosureSalt)
        #expect("\(seed)".contains("redacted") || !"\(seed)".contains("5, 5, 5"))
    }

    /// Δ_V comes from the notary's other randomness alone: the same for two seeds, another for the same seed.
    @Test func proofKeyDoesNotDependOnTheSeed() async throws {
        let first = NotarySeed(bytes: [UInt8](repeating: 1, count: 32))
        let second = NotarySeed(bytes: [UInt8](repeating: 2, count: 32))
        let key = try await Self.proofKey(seed: first, random: 10)
        #expect(try await Self.proofKey(seed: second, random: 10) == key)
        #expect(try await Self.proofKey(seed: first, random: 11) != key)
        #expect(key != first.evaluationDelta.block && key != second.evaluationDelta.block)
    }

    private static func proofKey(seed: NotarySeed, random: UInt64) async throws -> Block {
        let (own, other) = InMemoryChannel.pair()
        let parameters = try SessionParameters(
            maxSent: 16,
            maxReceived: 16,
            revealsServerIdentity: false,
            preparedCorrelations: 0,
            proverNonce: [UInt8](repeating: 0, count: 32),
            application: []
        )
        let acceptance = SessionAcceptance(
            notaryNonce: [UInt8](repeating: 0, count: 32),
            seedCommitment: seed.commitment,
            ephemeralShare: try P256Point.generatorMultiple(seed.ephemeralShare).uncompressed
        )
        let context = SessionContext(parameters: parameters, acceptance: acceptance)
        // The prover's half of the setup, which ends when the channel does.
        async let prover: Void = onThread {
            _ = try? ProverMaterial(channel: other, context: context, random: BlockPRG(seed: Block(3, 3)))
        }
        let key = try await onThread {
            var random = BlockPRG(seed: Block(random, 4))
            let material = try NotaryMaterial(channel: own, context: context, seed: seed, random: &random)
            return material.correlations.delta.block
        }
        own.close()
        try await prover
        return key
    }

    /// Challenges are fresh: no stream that starts at a window of what was opened contains one.
    @Test func challengesAreNotInTheOpenedData() async throws {
        let opened = Shared<[UInt8]>([])
        let challenges = Shared<[Block]>([])
        var harness = SessionHarness()
        harness.notaryChannel = { channel in
            TamperingChannel(channel) { frame in
                if frame.tag == SessionFrame.opening { opened.update { $0 = frame.payload } }
                if frame.tag == SessionFrame.challenge {
                    challenges.update { $0.append(Block(littleEndian: frame.payload[...])) }
                }
                return .pass
            }
        }
        let outcome = await harness.run(try ScriptedTLSServer())
        #expect(throws: Never.self) { try outcome.both() }
        #expect(!challenges.value.isEmpty)
        for start in 0...(opened.value.count - 16) {
            var stream = BlockPRG(seed: Block(littleEndian: opened.value[start..<start + 16]))
            var fork = stream.fork()
            let blocks = stream.blocks(64) + fork.blocks(64)
            #expect(challenges.value.allSatisfy { !blocks.contains($0) })
        }
    }

    /// What one session put on the wire that its seed must not determine, and what it must.
    private struct Trace: Sendable {
        var challenges: [Block] = []
        var seed: [UInt8] = []
        var labelCommitments: [UInt8] = []
    }

    private static func trace(seed: NotarySeed, random: UInt64) async throws -> Trace {
        let trace = Shared(Trace())
        var harness = SessionHarness()
        harness.seed = 5
        harness.notarySeed = seed
        harness.notaryRandom = random
        harness.notaryChannel = { channel in
            TamperingChannel(channel) { frame in
                trace.update { trace in
                    if frame.isSent(SessionFrame.opening) { trace.seed = Array(frame.payload.prefix(32)) }
                    if frame.direction == .outgoing, frame.tag == SessionFrame.challenge {
                        trace.challenges.append(Block(littleEndian: frame.payload[...]))
                    }
                    if frame.isSent(SessionFrame.colours, KeyScheduleStep.nonces.rawValue) {
                        trace.labelCommitments = Array(frame.payload.dropLast(32).suffix(64))
                    }
                }
                return .pass
            }
        }
        let outcome = await harness.run(try ScriptedTLSServer())
        _ = try outcome.both()
        return trace.value
    }

    /// The same ρ with other randomness gives other challenges, commitments and Δ_V.
    ///
    /// And the converse: with the same randomness ρ makes no difference to the challenges.
    @Test func challengesDoNotFollowFromTheSeed() async throws {
        let seed = NotarySeed(bytes: [UInt8](repeating: 1, count: 32))
        let first = try await Self.trace(seed: seed, random: 10)
        let second = try await Self.trace(seed: seed, random: 11)
        #expect(first.seed == seed.bytes && second.seed == seed.bytes)
        #expect(!first.challenges.isEmpty && first.challenges.count == second.challenges.count)
        #expect(Set(first.challenges + second.challenges).count == 2 * first.challenges.count)
        #expect(first.labelCommitments != second.labelCommitments)
        #expect(try await Self.proofKey(seed: seed, random: 10) != Self.proofKey(seed: seed, random: 11))

        let other = NotarySeed(bytes: [UInt8](repeating: 2, count: 32))
        let third = try await Self.trace(seed: other, random: 10)
        #expect(third.seed == other.bytes)
        #expect(third.challenges == first.challenges)
    }
}
