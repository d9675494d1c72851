internal import PeerProtocols

extension GossipRPC {
    /// An upper bound of the encoding's length, without encoding.
    package var byteCountBound: Int {
        var count = 16
        for subscription in subscriptions { count += Self.subscriptionByteCount(subscription) }
        for message in messages { count += Self.messageByteCount(message) }
        for advertisement in have {
            count += Self.topicByteCount(advertisement.topic) + Self.byteCount(advertisement.ids)
        }
        count += Self.byteCount(want) + Self.byteCount(unwanted)
        for topic in graft { count += Self.topicByteCount(topic) }
        for prune in prune { count += Self.pruneByteCount(prune) }
        return count
    }

    /// The same in RPCs that a peer with these limits accepts.
    ///
    /// An entry that is longer than an RPC may be gets its own; ``GossipRouter`` makes none.
    package func split(_ limits: GossipLimits) -> [GossipRPC] {
        if byteCountBound <= limits.rpcByteCountMax, weight <= Self.weightMax { return [self] }
        var splitter = Splitter(byteCountMax: limits.rpcByteCountMax, weightMax: Self.weightMax)
        for subscription in subscriptions {
            splitter.add(Self.subscriptionByteCount(subscription), weight: Self.entryWeight) {
                $0.subscriptions.append(subscription)
            }
        }
        for topic in graft {
            splitter.add(Self.topicByteCount(topic), weight: Self.entryWeight) { $0.graft.append(topic) }
        }
        for prune in prune {
            splitter.add(Self.pruneByteCount(prune), weight: Self.pruneWeight) { $0.prune.append(prune) }
        }
        for id in unwanted { splitter.add(id.bytes.count + 3, weight: 1) { $0.unwanted.append(id) } }
        for id in want { splitter.add(id.bytes.count + 3, weight: 1) { $0.want.append(id) } }
        for advertisement in have {
            for id in advertisement.ids {
                splitter.add(id.bytes.count + 3 + Self.topicByteCount(advertisement.topic), weight: 1) { rpc in
                    if rpc.have.last?.topic == advertisement.topic {
                        rpc.have[rpc.have.count - 1].ids.append(id)
                    } else {
                        rpc.have.append(Advertisement(topic: advertisement.topic, ids: [id]))
                    }
                }
            }
        }
        for message in messages {
            splitter.add(Self.messageByteCount(message), weight: Self.entryWeight) { $0.messages.append(message) }
        }
        return splitter.finish()
    }

    /// What entries count towards the limits on their number: ids 1, the others so much that no limit is exceeded.
    private var weight: Int {
        have.reduce(want.count + unwanted.count) { $0 + $1.ids.count }
            + Self.entryWeight * (subscriptions.count + messages.count + graft.count + have.count)
            + Self.pruneWeight * prune.count
    }
    private static let weightMax = 8_192
    private static let entryWeight = 16
    private static let pruneWeight = 1_024

    /// Fills one RPC after the other.
    private struct Splitter {
        let byteCountMax: Int
        let weightMax: Int
        private var done: [GossipRPC] = []
        private var current = GossipRPC()
        private var byteCount = 16
        private var weight = 0

        init(byteCountMax: Int, weightMax: Int) {
            self.byteCountMax = byteCountMax
            self.weightMax = weightMax
        }

        mutating func add(_ bytes: Int, weight: Int, _ append: (inout GossipRPC) -> Void) {
            if !current.isEmpty, byteCount + bytes > byteCountMax || self.weight + weight > weightMax {
                done.append(current)
                current = GossipRPC()
                byteCount = 16
                self.weight = 0
            }
            append(&current)
            byteCount += bytes
            self.weight += weight
        }

        func finish() -> [GossipRPC] { current.isEmpty ? done : done + [current] }
    }

    // Keys take one byte, lengths of parts of an RPC at most four.
    private static func messageByteCount(_ message: GossipMessage) -> Int { message.encoded.count + 5 }
    private static func topicByteCount(_ topic: GossipTopic) -> Int { topic.name.utf8.count + 8 }
    private static func subscriptionByteCount(_ subscription: Subscription) -> Int {
        topicByteCount(subscription.topic) + 2
    }
    private static func byteCount(_ ids: [MessageID]) -> Int { ids.reduce(8) { $0 + $1.bytes.count + 3 } }
    private static func pruneByteCount(_ prune: Prune) -> Int {
        prune.peers.reduce(topicByteCount(prune.topic) + 11) {
            $0 + $1.id.bytes.count + ($1.signedRecord?.count ?? 0) + 16
        }
    }
}
