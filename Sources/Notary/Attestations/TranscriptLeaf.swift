internal import CryptoCore
internal import WireFormat

/// A byte range of one direction of the transcript, and a commitment to its bytes.
public struct TranscriptLeaf: Hashable, Sendable {
    /// A direction of the connection.
    public enum Direction: UInt8, CaseIterable, Hashable, Sendable {
        /// From the client to the server: requests.
        case sent = 0
        /// From the server to the client: responses.
        case received = 1
    }

    /// What the notary knew of the bytes.
    public enum Kind: UInt8, CaseIterable, Hashable, Sendable {
        /// The notary saw them.
        case disclosed = 0
        /// The notary saw the commitment only, which was proved to be to the bytes under the connection's keys.
        case committed = 1
    }

    /// The length of a blinder.
    public static let blinderByteCount = 16

    /// The direction.
    public let direction: Direction
    /// Offsets in the plaintext of that direction; not empty.
    public let range: Range<Int>
    /// What the notary knew.
    public let kind: Kind
    /// SHA-256(bytes ‖ 16-byte blinder): binding, and hiding as long as the blinder is not known.
    public let commitment: Bytes32

    /// Checks the range.
    ///
    /// - Throws: `.malformed` when it is empty, negative or beyond ``TranscriptSummary/lengthMax``.
    public init(
        direction: Direction,
        range: Range<Int>,
        kind: Kind,
        commitment: Bytes32
    ) throws(AttestationError) {
        guard !range.isEmpty, range.lowerBound >= 0, range.upperBound <= TranscriptSummary.lengthMax else {
            throw .malformed("range of a leaf")
        }
        self.direction = direction
        self.range = range
        self.kind = kind
        self.commitment = commitment
    }

    /// SHA-256(bytes ‖ blinder).
    public static func commitment(to bytes: some Collection<UInt8>, blinder: [UInt8]) -> Bytes32 {
        var hasher = SHA256Hasher()
        hasher.update(Array(bytes))
        hasher.update(blinder)
        return Bytes32(unchecked: hasher.finalize())
    }

    /// The blinder of a disclosed leaf: the first 16 bytes of SHA-256("tabellion disclosed blinder v1" ‖ salt ‖
    /// direction ‖ start), the start in eight bytes, big-endian.
    ///
    /// Notary and prover compute it from a secret of their session. Without it, whoever is shown one leaf could guess
    /// the bytes of others from the hashes in the Merkle proof.
    ///
    /// - Parameter salt: At least 16 random bytes that both know and that the attestation does not contain.
    public static func disclosureBlinder(salt: [UInt8], direction: Direction, start: Int) -> [UInt8] {
        var writer = WireWriter()
        writer.fixed("tabellion disclosed blinder v1".utf8)
        writer.fixed(salt)
        writer.uint8(direction.rawValue)
        writer.uint64(UInt64(clamping: start))
        return Array(SHA256.hash(writer.bytes).prefix(blinderByteCount))
    }

    /// Keccak-256(0x00 ‖ index ‖ direction ‖ kind ‖ start ‖ end ‖ commitment): 4, 1, 1, 8, 8 and 32 bytes.
    func hash(index: Int) -> Bytes32 {
        var writer = WireWriter()
        writer.uint8(0)
        writer.uint32(UInt32(truncatingIfNeeded: index))
        writer.uint8(direction.rawValue)
        writer.uint8(kind.rawValue)
        writer.uint64(UInt64(range.lowerBound))
        writer.uint64(UInt64(range.upperBound))
        writer.fixed(commitment.bytes)
        return Bytes32(unchecked: Keccak256.hash(writer.bytes))
    }

    /// Whether `next` may follow: all that was sent comes first, then ascending and disjoint ranges.
    func precedes(_ next: TranscriptLeaf) -> Bool {
        if direction != next.direction { return direction == .sent }
        return range.upperBound <= next.range.lowerBound
    }
}
