internal import CryptoCore
internal import WireFormat

/// What is needed besides some leaves to compute the root of a ``TranscriptTree``.
///
/// The tops of the largest subtrees without a shown leaf, from left to right. Leaf indices and leaf count fix the
/// shape, so there is exactly one proof for a set of leaves.
public struct MerkleProof: Hashable, Sendable {
    /// The tops, from left to right.
    public let hashes: [Bytes32]

    /// A proof from its hashes.
    public init(hashes: [Bytes32]) {
        self.hashes = hashes
    }

    /// The root over `leafCount` leaves of which those at the indices `shown` have the given hashes.
    ///
    /// - Parameter shown: Ascending indices, each below `leafCount`.
    /// - Throws: `.merkleMismatch` when the proof has too many or too few hashes, or an index does not fit.
    func root(leafCount: Int, shown: [(index: Int, hash: Bytes32)]) throws(AttestationError) -> Bytes32 {
        var rest = hashes[...]
        var top = Bytes32.zero
        if leafCount > 0 {
            top = try Self.top(0..<leafCount, shown[...], &rest)
        } else if !shown.isEmpty {
            throw .merkleMismatch
        }
        guard rest.isEmpty else { throw .merkleMismatch }
        var writer = WireWriter()
        writer.uint8(2)
        writer.uint32(UInt32(truncatingIfNeeded: leafCount))
        writer.fixed(top.bytes)
        return Bytes32(unchecked: Keccak256.hash(writer.bytes))
    }

    /// The number of leaves on the left of a tree over `count` > 1: the largest power of two below `count`.
    static func leftCount(_ count: Int) -> Int {
        1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
    }

    /// Keccak-256(0x01 ‖ left ‖ right).
    static func node(_ left: Bytes32, _ right: Bytes32) -> Bytes32 {
        Bytes32(unchecked: Keccak256.hash([1] + left.bytes + right.bytes))
    }

    /// The recursion is as deep as the tree: at most 17 levels for the most leaves that a summary can have.
    private static func top(
        _ span: Range<Int>,
        _ shown: ArraySlice<(index: Int, hash: Bytes32)>,
        _ rest: inout ArraySlice<Bytes32>
    ) throws(AttestationError) -> Bytes32 {
        guard let first = shown.first else {
            guard let hash = rest.popFirst() else { throw .merkleMismatch }
            return hash
        }
        guard span.count > 1 else {
            guard shown.count == 1, first.index == span.lowerBound else { throw .merkleMismatch }
            return first.hash
        }
        let middle = span.lowerBound + leftCount(span.count)
        let split = shown.firstIndex { $0.index >= middle } ?? shown.endIndex
        let left = try top(span.lowerBound..<middle, shown[..<split], &rest)
        return node(left, try top(middle..<span.upperBound, shown[split...], &rest))
    }
}
