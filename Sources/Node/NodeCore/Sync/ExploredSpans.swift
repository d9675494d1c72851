internal import Attestations

/// What peers have of spans beyond what this node stores, and why it is of no use to ask for it again.
///
/// Two honest nodes may differ for good: one pruned more, or a signer made more records than either takes in. Without a
/// memory of that, each comparison would go through the same spans in vain. A digest is entered when all records of a
/// set with it were looked at, so that nobody can have others passed over by announcing their digest. Bounded: when it is
/// full everything is forgotten, which costs a comparison in detail.
struct ExploredSpans: Sendable {
    private static let countMax = 4_096

    private var digests: [DigestKey: SetDigest] = [:]

    /// How many spans are remembered.
    var count: Int { digests.count }

    /// Whether all of what a peer announces was looked at.
    func contains(_ key: DigestKey, _ announced: SetDigest) -> Bool { digests[key]?.matches(announced) ?? false }

    /// All records of a set with this digest were looked at.
    mutating func insert(_ key: DigestKey, _ digest: SetDigest) {
        if digests[key] == nil, digests.count >= Self.countMax { digests = [:] }
        digests[key] = digest
    }
}
