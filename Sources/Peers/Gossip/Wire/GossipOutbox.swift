/// RPCs that wait to be written to one peer, bounded; the driver has one for each peer.
///
/// Messages share their bytes with all other queues until they are written. What keeps the mesh consistent goes first
/// and is never dropped; messages and gossip are, when the peer reads too slowly, because others have them too.
package struct GossipOutbox: Sendable {
    /// What became of an RPC.
    package enum Outcome: Hashable, Sendable {
        /// All of it waits.
        case queued
        /// Its messages or advertisements were dropped, because the bulk queue is full.
        case dropped
        /// The peer does not even read control entries: close the stream.
        case overflow
    }

    private let bulkByteCountMax: Int
    private let urgentByteCountMax: Int
    private var urgent = Lane()
    private var bulk = Lane()

    /// First in, first out.
    private struct Lane: Sendable {
        var rpcs: [GossipRPC] = []
        var head = 0
        var byteCount = 0

        mutating func append(_ rpc: GossipRPC, byteCount: Int) {
            rpcs.append(rpc)
            self.byteCount += byteCount
        }

        mutating func next() -> GossipRPC? {
            guard head < rpcs.count else { return nil }
            let rpc = rpcs[head]
            rpcs[head] = GossipRPC()
            head += 1
            byteCount -= rpc.byteCountBound
            if head > 64, head > rpcs.count / 2 {
                rpcs.removeFirst(head)
                head = 0
            }
            return rpc
        }

        mutating func removeMessages(where isUnwanted: (GossipMessage) -> Bool) -> Int {
            var removed = 0
            for index in head..<rpcs.count where rpcs[index].messages.contains(where: isUnwanted) {
                let before = rpcs[index].byteCountBound
                let count = rpcs[index].messages.count
                rpcs[index].messages.removeAll(where: isUnwanted)
                removed += count - rpcs[index].messages.count
                byteCount -= before - rpcs[index].byteCountBound
            }
            return removed
        }
    }

    /// An empty queue.
    ///
    /// - Parameters:
    ///   - bulkByteCountMax: Bytes of messages and advertisements.
    ///   - urgentByteCountMax: Bytes of everything else.
    package init(bulkByteCountMax: Int = 8 << 20, urgentByteCountMax: Int = 1 << 20) {
        self.bulkByteCountMax = bulkByteCountMax
        self.urgentByteCountMax = urgentByteCountMax
    }

    /// At least the bytes that wait.
    package var byteCount: Int { urgent.byteCount + bulk.byteCount }

    /// Adds an RPC; its parts may leave in two.
    package mutating func append(_ rpc: GossipRPC) -> Outcome {
        var first = rpc
        first.messages = []
        first.have = []
        if !first.isEmpty {
            let byteCount = first.byteCountBound
            guard urgent.byteCount + byteCount <= urgentByteCountMax else { return .overflow }
            urgent.append(first, byteCount: byteCount)
        }
        let second = GossipRPC(messages: rpc.messages, have: rpc.have)
        if !second.isEmpty {
            let byteCount = second.byteCountBound
            guard bulk.byteCount + byteCount <= bulkByteCountMax else { return .dropped }
            bulk.append(second, byteCount: byteCount)
        }
        return .queued
    }

    /// Takes messages out again, for example those that the peer just said it does not want.
    ///
    /// - Returns: How many.
    package mutating func removeMessages(where isUnwanted: (GossipMessage) -> Bool) -> Int {
        bulk.removeMessages(where: isUnwanted)
    }

    /// The next RPC to write, or nil when none waits.
    package mutating func next() -> GossipRPC? {
        if let rpc = urgent.next() { return rpc }
        while let rpc = bulk.next() {
            if !rpc.isEmpty { return rpc }
        }
        return nil
    }
}
