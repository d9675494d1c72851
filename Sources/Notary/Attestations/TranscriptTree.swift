/// The Merkle tree over the leaves of a transcript, whose root the notary signs.
///
/// Keccak-256 throughout. A leaf is hashed behind the byte 0x00 together with its index, direction, kind and range, an
/// inner node behind 0x01, the root behind 0x02 together with the number of leaves: no value of one kind can pass for
/// another, and no leaf for a leaf elsewhere. A tree over n > 1 leaves has the largest power of two below n on its
/// left (RFC 9162, section 2.1.1), so that nothing is duplicated when n is odd. No leaves have 32 zero bytes as top.
public struct TranscriptTree: Hashable, Sendable {
    /// Plaintext bytes sent.
    public let sentLength: Int
    /// Plaintext bytes received.
    public let receivedLength: Int
    /// The leaves: what was sent first, ascending and disjoint in each direction.
    public let leaves: [TranscriptLeaf]
    /// The signed root.
    public let root: Bytes32

    /// Builds the tree over all leaves of a transcript.
    ///
    /// - Throws: `.overlappingSegments` unless the leaves are in order and disjoint, `.segmentOutOfRange` for a leaf
    ///   beyond its direction's length, `.malformed` for too many leaves or too long a transcript.
    public init(sentLength: Int, receivedLength: Int, leaves: [TranscriptLeaf]) throws(AttestationError) {
        let lengths = 0...TranscriptSummary.lengthMax
        guard lengths.contains(sentLength), lengths.contains(receivedLength) else {
            throw .malformed("transcript length")
        }
        guard leaves.count <= TranscriptSummary.leafCountMax else { throw .malformed("leafCount") }
        for (index, leaf) in leaves.enumerated() {
            let length = leaf.direction == .sent ? sentLength : receivedLength
            guard leaf.range.upperBound <= length else { throw .segmentOutOfRange(leaf: index) }
            if index > 0, !leaves[index - 1].precedes(leaf) {
                throw .overlappingSegments(leaf: index - 1, next: index)
            }
        }
        self.sentLength = sentLength
        self.receivedLength = receivedLength
        self.leaves = leaves
        let shown = leaves.enumerated().map { (index: $0.offset, hash: $0.element.hash(index: $0.offset)) }
        root = try MerkleProof(hashes: []).root(leafCount: leaves.count, shown: shown)
    }

    /// The proof that the leaves at `indices` are under the root.
    ///
    /// - Parameter indices: Ascending, without repetition, below the number of leaves.
    func proof(indices: [Int]) -> MerkleProof {
        var hashes: [Bytes32] = []
        if !leaves.isEmpty { collect(0..<leaves.count, indices[...], into: &hashes) }
        return MerkleProof(hashes: hashes)
    }

    /// Walks from the left and takes the tops of the largest subtrees that contain none of `indices`.
    private func collect(_ span: Range<Int>, _ indices: ArraySlice<Int>, into hashes: inout [Bytes32]) {
        guard !indices.isEmpty else {
            hashes.append(top(span))
            return
        }
        guard span.count > 1 else { return }
        let middle = span.lowerBound + MerkleProof.leftCount(span.count)
        let split = indices.firstIndex { $0 >= middle } ?? indices.endIndex
        collect(span.lowerBound..<middle, indices[..<split], into: &hashes)
        collect(middle..<span.upperBound, indices[split...], into: &hashes)
    }

    private func top(_ span: Range<Int>) -> Bytes32 {
        guard span.count > 1 else { return leaves[span.lowerBound].hash(index: span.lowerBound) }
        let middle = span.lowerBound + MerkleProof.leftCount(span.count)
        return MerkleProof.node(top(span.lowerBound..<middle), top(middle..<span.upperBound))
    }
}
