internal import CryptoCore
package import PeerProtocols

/// A point of Kademlia's space: the SHA-256 of a peer id or of any other key (libp2p specs, "kad-dht", "Distance").
package struct KademliaKey: Hashable, Sendable {
    /// The 256 bits, the first eight bytes first.
    private let word0: UInt64
    private let word1: UInt64
    private let word2: UInt64
    private let word3: UInt64

    /// Bits of a key.
    package static let bitCount = 256

    /// Where the bytes of a key, such as a peer id, stand in the space.
    package init(hashing bytes: [UInt8]) {
        let digest = SHA256.hash(bytes)
        func word(_ index: Int) -> UInt64 {
            digest[8 * index..<8 * index + 8].reduce(0) { $0 << 8 | UInt64($1) }
        }
        self.init(word(0), word(1), word(2), word(3))
    }

    /// Where a peer stands in the space.
    package init(_ peer: PeerID) {
        self.init(hashing: peer.bytes)
    }

    private init(_ word0: UInt64, _ word1: UInt64, _ word2: UInt64, _ word3: UInt64) {
        (self.word0, self.word1, self.word2, self.word3) = (word0, word1, word2, word3)
    }

    /// The distance between two keys: their exclusive or, read as a number.
    package func distance(to other: KademliaKey) -> KademliaDistance {
        KademliaDistance(
            value: KademliaKey(
                word0 ^ other.word0,
                word1 ^ other.word1,
                word2 ^ other.word2,
                word3 ^ other.word3
            )
        )
    }

    /// How many leading bits two keys share: 256 only for equal ones.
    package func commonPrefixLength(with other: KademliaKey) -> Int {
        distance(to: other).leadingZeroBitCount
    }

    fileprivate var leadingZeroBitCount: Int {
        if word0 != 0 { return word0.leadingZeroBitCount }
        if word1 != 0 { return 64 + word1.leadingZeroBitCount }
        if word2 != 0 { return 128 + word2.leadingZeroBitCount }
        return 192 + word3.leadingZeroBitCount
    }

    fileprivate func precedes(_ other: KademliaKey) -> Bool {
        if word0 != other.word0 { return word0 < other.word0 }
        if word1 != other.word1 { return word1 < other.word1 }
        if word2 != other.word2 { return word2 < other.word2 }
        return word3 < other.word3
    }
}

/// How far apart two keys are.
package struct KademliaDistance: Hashable, Comparable, Sendable {
    fileprivate let value: KademliaKey

    /// The leading bits that the two keys share.
    package var leadingZeroBitCount: Int { value.leadingZeroBitCount }

    /// Nearer is smaller.
    package static func < (left: KademliaDistance, right: KademliaDistance) -> Bool {
        left.value.precedes(right.value)
    }
}
