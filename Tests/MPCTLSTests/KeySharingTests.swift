import CryptoCore
import MPCTLS
import Testing

/// The key exchange and the tags over ideal correlations, against the same computed in the clear.
@Suite struct KeySharingTests {
    private static func seed(_ number: UInt64) -> NotarySeed {
        var random = BlockPRG(seed: Block(number, 77))
        return NotarySeed(bytes: random.bytes(32))
    }

    /// Random linear evaluations as a trusted dealer gives them, for the notary's inputs.
    private static func evaluations(
        _ inputs: [P256FieldElement],
        _ random: inout BlockPRG
    ) -> (prover: [FieldProduct], notary: [P256FieldElement]) {
        var prover: [FieldProduct] = []
        var notary: [P256FieldElement] = []
        for input in inputs {
            let factor = P256FieldElement.random(from: &random)
            let share = P256FieldElement.random(from: &random)
            prover.append((factor: factor, share: input * factor - share))
            notary.append(share)
        }
        return (prover, notary)
    }

    @Test(arguments: 1...8) func sharesOfThePremasterSecretAddUp(number: UInt64) throws {
        var random = BlockPRG(seed: Block(number, 1))
        let seed = Self.seed(number)
        let points = try (0..<2).map { _ in try P256Point.generatorMultiple(P256Scalar.random(from: &random)) }
        let (own, shares) = Self.evaluations(seed.fieldInputs, &random)
        var prover = try PremasterProver(point: points[0], correlations: own)
        var notary = try PremasterNotary(point: points[1], seed: seed, shares: shares)
        let slope = try prover.secondMessage(reply: try notary.firstReply(prover.firstMessage))
        try prover.finish(reply: try notary.secondReply(slope))
        #expect((prover.share + notary.share).bytes == (try points[0].adding(points[1])).x)
        #expect(try prover.check(seed: seed, shares: shares, notaryPoint: points[1]) == notary.share)
        #expect(throws: MPCTLSError.self) {
            try prover.check(seed: Self.seed(number + 100), shares: shares, notaryPoint: points[1])
        }
        #expect(throws: MPCTLSError.self) {
            try prover.check(seed: seed, shares: shares, notaryPoint: points[0])
        }
        #expect(throws: MPCTLSError.self) {
            try prover.check(seed: seed, shares: shares.map { $0 + .one }, notaryPoint: points[1])
        }
    }

    /// Equal x-coordinates have no chord; the prover notices and says nothing more.
    @Test func equalPointsAreRefused() throws {
        var random = BlockPRG(seed: Block(3, 3))
        let seed = Self.seed(3)
        let point = try P256Point.generatorMultiple(P256Scalar.random(from: &random))
        for other in [point, point.negated] {
            let (own, shares) = Self.evaluations(seed.fieldInputs, &random)
            var prover = try PremasterProver(point: point, correlations: own)
            let notary = try PremasterNotary(point: other, seed: seed, shares: shares)
            let reply = try notary.firstReply(prover.firstMessage)
            #expect(throws: MPCTLSError.self) { try prover.secondMessage(reply: reply) }
        }
    }

    @Test func messagesOfWrongLengthOrRangeAreRefused() throws {
        var random = BlockPRG(seed: Block(4, 4))
        let seed = Self.seed(4)
        let point = try P256Point.generatorMultiple(P256Scalar.random(from: &random))
        let (own, shares) = Self.evaluations(seed.fieldInputs, &random)
        var prover = try PremasterProver(point: point, correlations: own)
        var notary = try PremasterNotary(point: point, seed: seed, shares: shares)
        for bytes in [[], [UInt8](repeating: 0, count: 63), [UInt8](repeating: 0xff, count: 64)] {
            #expect(throws: MPCTLSError.self) { try notary.firstReply(bytes) }
            #expect(throws: MPCTLSError.self) { try notary.secondReply(bytes) }
            #expect(throws: MPCTLSError.self) { try prover.secondMessage(reply: bytes) }
            #expect(throws: MPCTLSError.self) { try prover.finish(reply: bytes) }
        }
    }

    @Test(arguments: [1, 16, 17, 200, 1024]) func sharesOfATagAddUp(byteCount: Int) throws {
        var random = BlockPRG(seed: Block(UInt64(byteCount), 9))
        let seed = Self.seed(9)
        let count = TagSharing.evaluationCount(byteCount: byteCount)
        let inputs = seed.hashKeyInputs(count: count)
        let shares = random.blocks(count)
        let factors = random.blocks(count)
        let correlations = (0..<count).map { index in
            (factor: factors[index], share: GF128.multiply(inputs[index], factors[index]) ^ shares[index])
        }
        let hashKey = random.bytes(16)
        let own = random.bytes(16)
        let other = zip(hashKey, own).map { $0 ^ $1 }
        var prover = TagProver(hashKeyShare: GF128.fromGHASH(bytes: own), correlations: correlations)
        var notary = TagNotary(hashKeyShare: GF128.fromGHASH(bytes: other), seed: seed, shares: shares)
        let masked = try prover.secondMessage(reply: try notary.firstReply(prover.firstMessage))
        try prover.finish(reply: try notary.secondReply(masked))

        let header = random.bytes(13)
        let ciphertext = random.bytes(byteCount)
        let masks = [random.bytes(16), random.bytes(16)]
        let tags = [
            TagSharing.tagShare(powers: prover.powers, header: header, ciphertext: ciphertext, mask: masks[0]),
            TagSharing.tagShare(powers: notary.powers, header: header, ciphertext: ciphertext, mask: masks[1]),
        ]
        let expected = GHASH.compute(h: hashKey, aad: header, ciphertext: ciphertext)
        #expect((0..<16).map { tags[0][$0] ^ tags[1][$0] ^ masks[0][$0] ^ masks[1][$0] } == expected)

        let notaryShare = GF128.fromGHASH(bytes: other)
        #expect(throws: Never.self) { try prover.check(seed: seed, shares: shares, notaryShare: notaryShare) }
        #expect(throws: MPCTLSError.self) {
            try prover.check(seed: Self.seed(10), shares: shares, notaryShare: notaryShare)
        }
        #expect(throws: MPCTLSError.self) {
            try prover.check(seed: seed, shares: shares, notaryShare: notaryShare ^ Block(1, 0))
        }
    }

    @Test func cancellingSharesOfTheHashKeyAreRefused() throws {
        var random = BlockPRG(seed: Block(5, 5))
        let seed = Self.seed(5)
        let shares = random.blocks(2)
        let factors = random.blocks(2)
        let inputs = seed.hashKeyInputs(count: 2)
        let correlations = (0..<2).map {
            (factor: factors[$0], share: GF128.multiply(inputs[$0], factors[$0]) ^ shares[$0])
        }
        let share = random.nextBlock()
        var prover = TagProver(hashKeyShare: share, correlations: correlations)
        let notary = TagNotary(hashKeyShare: share, seed: seed, shares: shares)
        let reply = try notary.firstReply(prover.firstMessage)
        #expect(throws: MPCTLSError.self) { try prover.secondMessage(reply: reply) }
    }

    @Test func messagesOfWrongLengthAreRefused() throws {
        let seed = Self.seed(6)
        var notary = TagNotary(hashKeyShare: Block(1, 1), seed: seed, shares: [Block](repeating: .zero, count: 3))
        for bytes in [[], [UInt8](repeating: 0, count: 15), [UInt8](repeating: 0, count: 48)] {
            #expect(throws: MPCTLSError.self) { try notary.firstReply(bytes) }
            #expect(throws: MPCTLSError.self) { try notary.secondReply(bytes) }
        }
    }
}
