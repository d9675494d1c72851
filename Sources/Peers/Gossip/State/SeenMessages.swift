internal import PeerProtocols

/// The ids of messages that arrived within the last two minutes or so, and who brought them.
///
/// An id is entered when the message's signature was found good, not before: otherwise anyone could make a node deaf to
/// a message by sending a forgery with its id first. Bounded by time and by number; the oldest go first.
struct SeenMessages: Sendable {
    /// What became of a message.
    enum Verdict: Sendable {
        case pending
        case valid(at: MonotonicInstant)
        /// With the SHA-256 digest of the data: another message of the same id may be valid.
        case invalid(digest: [UInt8])
        case ignored
    }

    /// One message.
    struct Entry: Sendable {
        var verdict: Verdict
        /// Who brought it while it was pending, first the one that brought it first.
        var bringers: [PeerID]
        /// Tells this entry from a later one of the same id.
        fileprivate let serial: UInt64
    }

    private var entries: [MessageID: Entry] = [:]
    private var order: [(id: MessageID, serial: UInt64, expiry: MonotonicInstant)] = []
    private var head = 0
    private var nextSerial: UInt64 = 0
    private let lifetime: Duration
    private let countMax: Int

    init(lifetime: Duration, countMax: Int) {
        self.lifetime = lifetime
        self.countMax = countMax
    }

    var count: Int { entries.count }

    func contains(_ id: MessageID) -> Bool { entries[id] != nil }

    subscript(_ id: MessageID) -> Entry? {
        get { entries[id] }
        _modify { yield &entries[id] }
    }

    /// Enters a new message.
    ///
    /// - Returns: The ids that were forgotten for it.
    mutating func insert(
        _ id: MessageID,
        verdict: Verdict,
        bringers: [PeerID],
        now: MonotonicInstant
    ) -> [MessageID] {
        var forgotten: [MessageID] = []
        while entries.count >= countMax, let id = forgetOldest() { forgotten.append(id) }
        entries[id] = Entry(verdict: verdict, bringers: bringers, serial: nextSerial)
        order.append((id, nextSerial, now.advanced(by: lifetime)))
        nextSerial += 1
        return forgotten
    }

    /// Forgets what is too old.
    ///
    /// - Returns: The ids that were forgotten.
    mutating func expire(now: MonotonicInstant) -> [MessageID] {
        var forgotten: [MessageID] = []
        while head < order.count, order[head].expiry <= now {
            if let id = forgetOldest() { forgotten.append(id) }
        }
        return forgotten
    }

    /// Forgets the oldest entry.
    private mutating func forgetOldest() -> MessageID? {
        guard head < order.count else { return nil }
        let (id, serial, _) = order[head]
        head += 1
        if head > 64, head > order.count / 2 {
            order.removeFirst(head)
            head = 0
        }
        guard entries[id]?.serial == serial else { return nil }
        entries[id] = nil
        return id
    }
}
