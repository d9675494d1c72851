internal import Attestations

/// What peers have of spans beyond what this node stores, and why it is of no use to ask for it again.
///
/// Nodes may differ for good: one pruned more, or a signer made more records than either takes in. Without a memory of
/// that, each comparison would go through the same spans in vain, and a signer who made many such spans would keep nodes
/// from ever coming to the others. A digest is entered when all records of a set with it were looked at, so that nobody
/// can have others passed over by announcing their digest.
///
/// Bounded: the digests of a span that came last are kept, and when there is room for no further one, that goes which
/// came first of all, which costs a comparison in detail.
struct ExploredSpans: Sendable {
    /// Digests in all: those of each minute of 90 days, once, in some ten megabytes.
    static let countMax = 1 << 17
    /// Digests of one span: peers may differ from this node and from each other.
    static let countPerSpanMax = 8

    private struct Entry {
        let digest: SetDigest
        /// Tells this entry from a later one.
        let number: UInt64
    }

    private var spans: [DigestKey: [Entry]] = [:]
    /// In the order in which they came, from ``head`` on.
    private var order: [(key: DigestKey, number: UInt64)] = []
    private var head = 0
    private var nextNumber: UInt64 = 0
    private let countMax: Int

    /// Nothing explored yet.
    init(countMax: Int = Self.countMax) {
        self.countMax = max(countMax, 1)
    }

    /// How many digests are remembered.
    private(set) var count = 0

    /// Whether all of what a peer announces was looked at.
    func contains(_ key: DigestKey, _ announced: SetDigest) -> Bool {
        spans[key]?.contains { $0.digest.matches(announced) } ?? false
    }

    /// All records of a set with this digest were looked at.
    mutating func insert(_ key: DigestKey, _ digest: SetDigest) {
        guard !contains(key, digest) else { return }
        while count >= countMax, forgetOldest() {}
        var entries = spans[key] ?? []
        if entries.count >= Self.countPerSpanMax {
            entries.removeFirst()
            count -= 1
        }
        entries.append(Entry(digest: digest, number: nextNumber))
        spans[key] = entries
        order.append((key, nextNumber))
        nextNumber += 1
        count += 1
        // What went for another reason still stands in the order.
        if order.count - head > 2 * countMax { compact() }
    }

    /// A record of `time` is here no more, so that a set with it would be of use again.
    mutating func remove(at time: UInt64) {
        guard count > 0 else { return }
        for level in DigestLevel.allCases {
            let key = DigestKey(level: level, index: level.index(of: time))
            count -= spans.removeValue(forKey: key)?.count ?? 0
        }
    }

    /// Forgets what came first; false if there is nothing.
    private mutating func forgetOldest() -> Bool {
        guard head < order.count else { return false }
        let (key, number) = order[head]
        head += 1
        if head > 1_024, head > order.count / 2 {
            order.removeFirst(head)
            head = 0
        }
        guard let index = spans[key]?.firstIndex(where: { $0.number == number }) else { return true }
        spans[key]?.remove(at: index)
        if spans[key]?.isEmpty == true { spans[key] = nil }
        count -= 1
        return true
    }

    private mutating func compact() {
        order = order[head...].filter { key, number in spans[key]?.contains { $0.number == number } ?? false }
        head = 0
    }
}
