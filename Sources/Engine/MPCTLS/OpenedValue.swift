internal import CryptoCore

/// The values of the key schedule that both parties learn during the handshake, in the order of their opening.
///
/// Each is safe to know: see [GTP] §5.2 and ``KeySchedule``.
package enum OpenedValue: Int, CaseIterable {
    /// The state after `pms ⊕ ipad`.
    case premasterInner
    /// A(1) of the master secret.
    case masterA1
    /// A(2) of the master secret.
    case masterA2
    /// The state after `master ⊕ ipad`.
    case masterInner
    /// A(1) of the key expansion.
    case expansionA1
    /// A(1) of the client's Finished.
    case finishedA1
    /// A(2) of the key expansion.
    case expansionA2
    /// The twelve bytes of the client's verify_data.
    case verifyData

    /// Its length in bits.
    package var bitCount: Int { self == .verifyData ? 96 : 256 }

    /// Where its bits start in the list of all opened bits.
    package var offset: Int { Self.allCases.prefix(rawValue).reduce(0) { $0 + $1.bitCount } }

    /// All opened bits of a session.
    package static let totalBitCount = allCases.reduce(0) { $0 + $1.bitCount }
}

/// The ten outer compressions of the handshake, in the order in which they are garbled.
package enum OuterCompression: Int, CaseIterable {
    case masterA1, masterFirst, masterA2, masterSecond
    case expansionA1, finishedA1
    case expansionFirst, expansionA2, finishedFirst
    case expansionSecond
}

/// The hashes by which the notary checks that a label it is about to answer for is one of the two it may see.
///
/// A garbled table can carry an error that makes the active *label* depend on a secret wire while its colour bit is
/// right, so that a hash of the label would leak; the prover therefore fixes both hashes of every opened bit before
/// the evaluation, ordered by colour bit, and the notary answers only for a label that matches (docs/engine.md).
enum OpeningHashes {
    private static let firstTweak: UInt64 = 1 << 48

    /// For each opened wire the hash of the label of colour 0, then of colour 1: 32 bytes a bit.
    static func make(zeroLabels: [Block], delta: Delta) -> [UInt8] {
        let byColour = zeroLabels.flatMap { label in
            label.lowBit ? [label ^ delta.block, label] : [label, label ^ delta.block]
        }
        return BlockCoding.bytes(byColour.enumerated().map { hash($1, index: $0 / 2) })
    }

    /// Whether every active label hashes to the entry of its colour bit; in constant time over the labels.
    static func matches(active: [Block], firstIndex: Int, hashes: [Block]) -> Bool {
        var difference = Block.zero
        for (position, label) in active.enumerated() {
            let index = firstIndex + position
            let mask = Block(repeating: 0 &- (label[0] & 1))
            let expected = (hashes[2 * index] & ~mask) | (hashes[2 * index + 1] & mask)
            difference |= hash(label, index: index) ^ expected
        }
        return difference == .zero
    }

    /// Whether no two hashes are equal, neither of one bit nor of two.
    ///
    /// An honest prover's are hashes under distinct tweaks: two of the 3,776 agree with probability 2^-105. The hashes
    /// were sent in the clear, so comparing them may take any time.
    static func areDistinct(_ hashes: [Block]) -> Bool {
        Set(hashes).count == hashes.count
    }

    private static func hash(_ label: Block, index: Int) -> Block {
        CorrelationRobustHash.hash(label, tweak: firstTweak + UInt64(index))
    }
}

extension [Block] {
    /// The colour bits of labels, or the values of a prover's proof wires.
    var lowBits: [Bool] { map(\.lowBit) }
}
