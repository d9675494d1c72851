internal import Attestations
internal import PeerProtocols

/// Which records were made, and when each was where: what the simulation knows and nodes do not.
struct RecordLedger {
    /// One record and its way through the network.
    struct Entry {
        /// Its name.
        let id: AttestationID
        /// The node that made it.
        let author: Int
        /// When the author was asked to sign.
        let requestedAt: MonotonicInstant
        /// The bytes of the record, once somebody had them.
        var bytes: [UInt8]?
        /// When it was safe somewhere for the first time; nil: never, because its author crashed.
        var publishedAt: MonotonicInstant?
        /// For each node, the microseconds from publication to acceptance, or ``RecordLedger/never``.
        var delays: [UInt32]
        /// For each node, the links that it came over.
        var hops: [UInt8]
        /// Nodes that have it.
        var arrivedCount = 0
        /// Nodes that got it by asking for what they missed.
        var caughtUpCount = 0
        /// Whether its author crashed before it was safe anywhere.
        var isLost = false
    }

    /// The delay of a record that has not arrived.
    static let never = UInt32.max

    private(set) var entries: [Entry] = []
    /// How many attestations the run asks for.
    var expectedCount = 0
    private var numbers: [AttestationID: Int] = [:]
    private let nodeCount: Int

    init(nodeCount: Int) {
        self.nodeCount = nodeCount
    }

    /// An attestation is asked for.
    mutating func request(_ id: AttestationID, author: Int, now: MonotonicInstant) {
        numbers[id] = entries.count
        entries.append(
            Entry(
                id: id,
                author: author,
                requestedAt: now,
                delays: [UInt32](repeating: Self.never, count: nodeCount),
                hops: [UInt8](repeating: 0, count: nodeCount)
            )
        )
    }

    /// The number of a record.
    func number(of id: AttestationID) -> Int? { numbers[id] }

    /// Whether a node has accepted a record.
    func has(_ node: Int, _ number: Int) -> Bool { entries[number].delays[node] != Self.never }

    /// A record is safe somewhere; false if that was known.
    mutating func publish(_ number: Int, now: MonotonicInstant) -> Bool {
        guard entries[number].publishedAt == nil else { return false }
        entries[number].publishedAt = now
        return true
    }

    /// A node accepted a record; false if it had done so before.
    mutating func accept(
        _ number: Int,
        at node: Int,
        from bringer: Int?,
        caughtUp: Bool,
        now: MonotonicInstant
    ) -> Bool {
        guard entries[number].delays[node] == Self.never else { return false }
        let published = entries[number].publishedAt ?? now
        entries[number].publishedAt = published
        entries[number].delays[node] = UInt32(clamping: min(now.nanoseconds(since: published) / 1_000, 1 << 31))
        if let bringer {
            let before = bringer < nodeCount ? entries[number].hops[bringer] : 0
            entries[number].hops[node] = before == .max ? .max : before + 1
        }
        entries[number].arrivedCount += 1
        if caughtUp { entries[number].caughtUpCount += 1 }
        return true
    }

    /// Whether these are the bytes of a record as everyone has it.
    mutating func isUnaltered(_ bytes: [UInt8], _ number: Int) -> Bool {
        if let known = entries[number].bytes { return known == bytes }
        entries[number].bytes = bytes
        return true
    }

    /// A node crashed: what it was asked for and nobody has is gone, unless its disk has it.
    mutating func loseUnpublished(of author: Int) {
        for number in entries.indices where entries[number].author == author && entries[number].publishedAt == nil {
            entries[number].isLost = true
        }
    }

    /// Whether everything that was asked for is everywhere, or was lost by its author's crash.
    var isComplete: Bool {
        entries.count == expectedCount
            && entries.allSatisfy { $0.publishedAt == nil ? $0.isLost : $0.arrivedCount == nodeCount }
    }

    /// The records that were published.
    var published: [Entry] { entries.filter { $0.publishedAt != nil } }
}
