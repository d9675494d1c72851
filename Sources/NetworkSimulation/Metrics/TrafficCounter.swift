internal import Gossip
internal import PeerProtocols

/// What honest nodes send, in bytes as they stand on streams, by what they are for.
struct TrafficCounter {
    /// A topic's traffic.
    struct Topic {
        /// Messages in full.
        var messageByteCount = 0
        /// Copies of messages.
        var messageCount = 0
        /// IHAVE, GRAFT, PRUNE and subscriptions.
        var controlByteCount = 0
    }

    /// By topic.
    private(set) var topics: [GossipTopic: Topic] = [:]
    /// IWANT, IDONTWANT and the frames of RPCs: they name messages, not topics.
    private(set) var idByteCount = 0
    /// By protocol of a stream.
    private(set) var streams: [ProtocolName: Int] = [:]
    /// Everything, with identify and the opening of streams.
    private(set) var byteCount = 0
    /// RPCs of gossip.
    private(set) var rpcCount = 0
    /// Frames on streams of other protocols.
    private(set) var streamFrameCount = 0
    /// Frames that vanished on dead links.
    var framesLost = 0
    /// RPCs of which the outbox dropped something, because the peer did not read.
    var outboxDrops = 0
    /// Messages taken back from outboxes, because the peer did not want them any more.
    var messagesWithdrawn = 0

    /// A frame leaves.
    mutating func count(_ frame: LinkFrame, byteCount: Int) {
        self.byteCount += byteCount
        switch frame {
        case .gossip(let rpc):
            rpcCount += 1
            count(rpc, byteCount: byteCount)
        case .streamFrame(_, let name, _, _):
            streamFrameCount += 1
            streams[name, default: 0] += byteCount
        default: break
        }
    }

    private mutating func count(_ rpc: GossipRPC, byteCount: Int) {
        var left = byteCount
        for message in rpc.messages {
            let bytes = GossipByteCount.message(message)
            left -= bytes
            topics[message.topic, default: Topic()].messageByteCount += bytes
            topics[message.topic, default: Topic()].messageCount += 1
        }
        for advertisement in rpc.have {
            let bytes = GossipByteCount.advertisement(advertisement)
            left -= bytes
            topics[advertisement.topic, default: Topic()].controlByteCount += bytes
        }
        for topic in rpc.graft {
            let bytes = GossipByteCount.graft(topic)
            left -= bytes
            topics[topic, default: Topic()].controlByteCount += bytes
        }
        for prune in rpc.prune {
            let bytes = GossipByteCount.prune(prune)
            left -= bytes
            topics[prune.topic, default: Topic()].controlByteCount += bytes
        }
        for subscription in rpc.subscriptions {
            let bytes = subscription.topic.name.utf8.count + 6
            left -= bytes
            topics[subscription.topic, default: Topic()].controlByteCount += bytes
        }
        idByteCount += left
    }
}
