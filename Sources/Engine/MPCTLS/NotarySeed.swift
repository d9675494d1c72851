package import CryptoCore

/// Everything of the notary's that is opened after the close, derived from one committed seed ρ.
///
/// Only these values come from ρ: the ephemeral share t_V, the key Δ_O and the inputs of the oblivious linear
/// evaluations, and the masks of the multiplicative shares. The key Δ_V of the proof, OT seeds, check coins, the proof's
/// challenge and every nonce are drawn elsewhere, so that opening ρ gives away nothing that still protects the proof.
package struct NotarySeed: Redacted {
    private let secret: SecretBytes

    /// The seed of these 32 bytes.
    package init(bytes: [UInt8]) {
        secret = SecretBytes(bytes)
    }

    /// The seed, 32 bytes.
    package var bytes: [UInt8] { secret.bytes }

    /// The notary's share of the client's ephemeral key.
    package var ephemeralShare: P256Scalar {
        var stream = stream("ephemeral share")
        return P256Scalar.random(from: &stream)
    }

    /// Δ_O, the correlation of the oblivious linear evaluations and of nothing else.
    package var evaluationDelta: Delta {
        var stream = stream("evaluation correlation")
        return Delta(random: &stream)
    }

    /// Inputs a of the three oblivious linear evaluations modulo p.
    package var fieldInputs: [P256FieldElement] {
        var stream = stream("field inputs")
        return (0..<3).map { _ in P256FieldElement.random(from: &stream) }
    }

    /// The nonzero masks r₁, r₂ of the differences of x and of y.
    package var differenceMasks: [P256FieldElement] {
        var stream = stream("difference masks")
        return (0..<2).map { _ in
            var mask = P256FieldElement.random(from: &stream)
            while mask.isZero { mask = P256FieldElement.random(from: &stream) }
            return mask
        }
    }

    /// Inputs a of the `count` oblivious linear evaluations over GF(2^128).
    package func hashKeyInputs(count: Int) -> [Block] {
        var stream = stream("hash key inputs")
        return stream.blocks(count)
    }

    /// The nonzero mask r of GHASH's key.
    package var hashKeyMask: Block {
        var stream = stream("hash key mask")
        var mask = stream.nextBlock()
        while mask == .zero { mask = stream.nextBlock() }
        return mask
    }

    /// A secret of the two parties, for blinding what was disclosed to the notary against everybody else.
    package var disclosureSalt: [UInt8] {
        HMACSHA256.authenticate(key: bytes, message: Array("tabellion disclosure salt v1".utf8))
    }

    /// The commitment sent before the session starts; hiding because ρ is random.
    package var commitment: [UInt8] {
        SHA256.hash(Array("tabellion notary seed commitment v1".utf8) + bytes)
    }

    private func stream(_ label: String) -> BlockPRG {
        let digest = HMACSHA256.authenticate(key: bytes, message: Array("tabellion notary seed v1: \(label)".utf8))
        return BlockPRG(seed: Block(littleEndian: digest[..<16]))
    }
}
