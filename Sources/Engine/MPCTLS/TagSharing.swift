internal import Correlations
package import CryptoCore

/// GHASH under a key that is XOR-shared between the parties, for records whose ciphertext both know.
///
/// H = h_P ⊕ h_V becomes multiplicative by one oblivious linear evaluation, h = r⁻¹ · D; powers of multiplicative
/// shares are local; one evaluation for every odd power from 3 on makes it additive again, and even powers are squares,
/// which are linear ([GTP] §5.3). Errors of either side make a tag that the server refuses and that the proof rejects.
package enum TagSharing {
    /// How many evaluations `byteCount` bytes of plaintext in one record take: one for H itself, one an odd power ≥ 3.
    package static func evaluationCount(byteCount: Int) -> Int {
        1 + (powerCount(byteCount: byteCount) - 1) / 2
    }

    /// Powers of H that a record needs: header block, ciphertext blocks, length block.
    package static func powerCount(byteCount: Int) -> Int {
        2 + (byteCount + 15) / 16
    }

    /// All powers 1…`count` from the odd ones (1, 3, 5, …), by squaring.
    package static func allPowers(odd: [Block], count: Int) -> [Block] {
        var powers = [Block](repeating: .zero, count: count + 1)
        for power in 1...count {
            powers[power] = power % 2 == 1 ? odd[power / 2] : GF128.square(powers[power / 2])
        }
        return Array(powers[1...])
    }

    /// A party's share of a record's tag: its share of GHASH and of the mask E(J0) (RFC 5288, SP 800-38D §7.1).
    ///
    /// - Parameters:
    ///   - powers: additive shares of H¹, H², ….
    ///   - header: the additional data.
    ///   - mask: the party's share of the mask, 16 bytes.
    package static func tagShare(powers: [Block], header: [UInt8], ciphertext: [UInt8], mask: [UInt8]) -> [UInt8] {
        let blocks = GHASH.inputBlocks(aad: header, ciphertext: ciphertext)
        precondition(blocks.count <= powers.count, "enough powers of the hash key were shared")
        let hash = GF128.innerProduct(blocks, Array(powers[..<blocks.count].reversed()))
        return xor(GF128.toGHASH(hash), mask)
    }
}

/// The prover's side of ``TagSharing``.
package struct TagProver: Redacted {
    private let correlations: [(factor: Block, share: Block)]
    private let hashKeyShare: Block
    private var product = Block.zero
    private var oddProducts: [Block] = []
    private var firstReply: [Block] = []
    private var secondReply: [Block] = []

    /// Additive shares of H¹, H², …, once ``finish(reply:)`` has run.
    package private(set) var powers: [Block] = []

    /// - Parameter hashKeyShare: its XOR share of H in the field's representation.
    package init(hashKeyShare: Block, correlations: [(factor: Block, share: Block)]) {
        self.hashKeyShare = hashKeyShare
        self.correlations = correlations
    }

    /// h_P ⊕ b, 16 bytes.
    package var firstMessage: [UInt8] { (hashKeyShare ^ correlations[0].factor).littleEndianBytes }

    /// Takes v and m (32 bytes); gives D³ ⊕ b, D⁵ ⊕ b, … .
    package mutating func secondMessage(reply: [UInt8]) throws -> [UInt8] {
        firstReply = BlockCoding.blocks(reply)
        guard firstReply.count == 2 else { throw MPCTLSError.peerViolation("the hash key's reply has another length") }
        product = correlations[0].share ^ GF128.multiply(firstReply[0], hashKeyShare) ^ firstReply[1]
        guard product != .zero else { throw MPCTLSError.peerViolation("the shares of the hash key cancel") }
        let square = GF128.square(product)
        var power = product
        oddProducts = []
        var message: [UInt8] = []
        for correlation in correlations.dropFirst() {
            power = GF128.multiply(power, square)
            oddProducts.append(power)
            message += (power ^ correlation.factor).littleEndianBytes
        }
        return message
    }

    /// Takes one block for each odd power from 3 on; afterwards ``powers`` is valid.
    package mutating func finish(reply: [UInt8]) throws {
        secondReply = BlockCoding.blocks(reply)
        guard secondReply.count == oddProducts.count else {
            throw MPCTLSError.peerViolation("the powers of the hash key have another count")
        }
        var odd = [hashKeyShare]
        for (index, power) in oddProducts.enumerated() {
            odd.append(correlations[index + 1].share ^ GF128.multiply(secondReply[index], power))
        }
        powers = TagSharing.allPowers(odd: odd, count: 2 * odd.count)
    }

    /// Recomputes what the notary sent from its opened seed and its now known share of H.
    ///
    /// - Parameter shares: the notary's shares x of the evaluations, from their audit.
    /// - Throws: ``MPCTLSError/notaryMisbehaved(_:evidence:)`` at the first difference.
    package func check(seed: NotarySeed, shares: [Block], notaryShare: Block) throws {
        let inputs = seed.hashKeyInputs(count: correlations.count)
        let mask = seed.hashKeyMask
        let difference = hashKeyShare ^ correlations[0].factor
        let masked = shares[0] ^ GF128.multiply(inputs[0], difference) ^ GF128.multiply(mask, notaryShare)
        guard constantTimeEqual(firstReply, [mask ^ inputs[0], masked]) else {
            throw MPCTLSError.notaryMisbehaved(
                "its sharing of the hash key does not follow from its seed",
                evidence: nil
            )
        }
        let powers = TagNotary.oddPowers(of: GF128.inverse(mask), count: secondReply.count)
        guard constantTimeEqual(secondReply, zip(powers, inputs.dropFirst()).map { $0 ^ $1 }) else {
            throw MPCTLSError.notaryMisbehaved("its powers of the hash key do not follow from its seed", evidence: nil)
        }
    }
}

/// The notary's side of ``TagSharing``.
package struct TagNotary: Redacted {
    private let seed: NotarySeed
    private let shares: [Block]
    private let hashKeyShare: Block

    /// Additive shares of H¹, H², …, once ``secondReply(_:)`` has run.
    package private(set) var powers: [Block] = []

    /// - Parameter shares: its shares of the random evaluations whose inputs are `seed.hashKeyInputs`.
    package init(hashKeyShare: Block, seed: NotarySeed, shares: [Block]) {
        self.hashKeyShare = hashKeyShare
        self.seed = seed
        self.shares = shares
    }

    /// r^3, r^5, … of `base`.
    package static func oddPowers(of base: Block, count: Int) -> [Block] {
        let square = GF128.square(base)
        var power = base
        return (0..<count).map { _ in
            power = GF128.multiply(power, square)
            return power
        }
    }

    /// Answers h_P ⊕ b with v and m, 32 bytes.
    package func firstReply(_ message: [UInt8]) throws -> [UInt8] {
        let blocks = BlockCoding.blocks(message)
        guard blocks.count == 1 else { throw MPCTLSError.peerViolation("the hash key's message has another length") }
        let input = seed.hashKeyInputs(count: 1)[0]
        let mask = seed.hashKeyMask
        let masked = shares[0] ^ GF128.multiply(input, blocks[0]) ^ GF128.multiply(mask, hashKeyShare)
        return (mask ^ input).littleEndianBytes + masked.littleEndianBytes
    }

    /// Answers the masked odd powers; afterwards ``powers`` is valid.
    package mutating func secondReply(_ message: [UInt8]) throws -> [UInt8] {
        let masked = BlockCoding.blocks(message)
        guard masked.count == shares.count - 1 else {
            throw MPCTLSError.peerViolation("the powers of the hash key have another count")
        }
        let inputs = seed.hashKeyInputs(count: shares.count)
        let own = Self.oddPowers(of: GF128.inverse(seed.hashKeyMask), count: masked.count)
        var odd = [hashKeyShare]
        var reply: [UInt8] = []
        for index in masked.indices {
            odd.append(shares[index + 1] ^ GF128.multiply(inputs[index + 1], masked[index]))
            reply += (own[index] ^ inputs[index + 1]).littleEndianBytes
        }
        powers = TagSharing.allPowers(odd: odd, count: 2 * odd.count)
        return reply
    }
}

/// Blocks in messages: 16 bytes each, little-endian.
package enum BlockCoding {
    /// The blocks of `bytes`; empty if the length is no multiple of 16.
    package static func blocks(_ bytes: [UInt8]) -> [Block] {
        guard bytes.count % 16 == 0 else { return [] }
        return bytes.withUnsafeBytes { raw in
            (0..<bytes.count / 16).map { index in
                Block(
                    UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: 16 * index, as: UInt64.self)),
                    UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: 16 * index + 8, as: UInt64.self))
                )
            }
        }
    }

    /// The bytes of `blocks`.
    package static func bytes(_ blocks: some Collection<Block>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(16 * blocks.count)
        for block in blocks {
            for lane in 0..<2 {
                withUnsafeBytes(of: block[lane].littleEndian) { result += $0 }
            }
        }
        return result
    }
}
