/// The valid messages of the last heartbeats, to answer IWANT and to advertise (GossipSub v1.0, "Message Cache").
struct MessageCache: Sendable {
    private struct Cached: Sendable {
        let message: GossipMessage
        /// How often each peer asked for the message.
        var requests: [PeerNumber: Int] = [:]
    }

    /// The ids of each heartbeat, the latest first; never empty.
    private var windows: [[(id: MessageID, topic: GossipTopic)]] = [[]]
    private var messages: [MessageID: Cached] = [:]
    private(set) var byteCount = 0
    private let windowCount: Int
    private let advertisedWindowCount: Int
    private let byteCountMax: Int

    init(windowCount: Int, advertisedWindowCount: Int, byteCountMax: Int) {
        self.windowCount = windowCount
        self.advertisedWindowCount = advertisedWindowCount
        self.byteCountMax = byteCountMax
    }

    var count: Int { messages.count }

    /// Keeps a message; the oldest go when all together are too long.
    mutating func insert(_ message: GossipMessage, id: MessageID) {
        guard messages[id] == nil, message.encoded.count <= byteCountMax else { return }
        while byteCount + message.encoded.count > byteCountMax, removeOldest() {}
        messages[id] = Cached(message: message)
        byteCount += message.encoded.count
        windows[0].append((id, message.topic))
    }

    /// The ids to advertise in a topic, the latest first.
    func advertisedIDs(_ topic: GossipTopic) -> [MessageID] {
        windows.prefix(advertisedWindowCount).flatMap { $0.lazy.filter { $0.topic == topic }.map(\.id) }
    }

    /// A message that a peer asks for, and how often it has asked now; nil when it is no longer kept.
    mutating func request(_ id: MessageID, by peer: PeerNumber) -> (message: GossipMessage, count: Int)? {
        guard let message = messages[id]?.message else { return nil }
        let count = (messages[id]?.requests[peer] ?? 0) + 1
        messages[id]?.requests[peer] = count
        return (message, count)
    }

    /// A heartbeat passed: the last window goes.
    mutating func shift() {
        if windows.count >= windowCount, let last = windows.popLast() {
            for entry in last { remove(entry.id) }
        }
        windows.insert([], at: 0)
    }

    private mutating func removeOldest() -> Bool {
        guard let index = windows.lastIndex(where: { !$0.isEmpty }) else { return false }
        remove(windows[index].removeFirst().id)
        return true
    }

    private mutating func remove(_ id: MessageID) {
        guard let removed = messages.removeValue(forKey: id) else { return }
        byteCount -= removed.message.encoded.count
    }
}
