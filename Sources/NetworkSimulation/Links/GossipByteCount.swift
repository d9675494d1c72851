package import Gossip
internal import PeerProtocols

/// How long RPCs are on the wire, computed without encoding them.
package enum GossipByteCount {
    /// The bytes of an RPC with its length in front: as many as ``Gossip/GossipRPC/frame`` has.
    package static func frame(_ rpc: GossipRPC) -> Int {
        var body = 0
        for subscription in rpc.subscriptions { body += field(2 + field(nameByteCount(subscription.topic))) }
        for message in rpc.messages { body += field(message.encoded.count) }
        if rpc.hasControl { body += field(control(rpc)) }
        return varint(body) + body
    }

    /// The bytes of a message among an RPC's.
    static func message(_ message: GossipMessage) -> Int { field(message.encoded.count) }

    /// The bytes of an IHAVE entry among an RPC's.
    static func advertisement(_ advertisement: GossipRPC.Advertisement) -> Int {
        field(advertisement.ids.reduce(field(nameByteCount(advertisement.topic))) { $0 + field($1.bytes.count) })
    }

    /// The bytes of a PRUNE entry among an RPC's.
    static func prune(_ prune: GossipRPC.Prune) -> Int {
        var body = field(nameByteCount(prune.topic))
        for peer in prune.peers {
            body += field(field(peer.id.bytes.count) + (peer.signedRecord.map { field($0.count) } ?? 0))
        }
        if let seconds = prune.backoffSeconds { body += 1 + varint(Int(clamping: min(seconds, 1 << 62))) }
        return field(body)
    }

    /// The bytes of a GRAFT entry among an RPC's.
    static func graft(_ topic: GossipTopic) -> Int { field(field(nameByteCount(topic))) }

    private static func control(_ rpc: GossipRPC) -> Int {
        var body = 0
        for advertisement in rpc.have { body += Self.advertisement(advertisement) }
        if !rpc.want.isEmpty { body += field(rpc.want.reduce(0) { $0 + field($1.bytes.count) }) }
        for topic in rpc.graft { body += graft(topic) }
        for prune in rpc.prune { body += Self.prune(prune) }
        if !rpc.unwanted.isEmpty { body += field(rpc.unwanted.reduce(0) { $0 + field($1.bytes.count) }) }
        return body
    }

    /// A field of a low number with so many bytes.
    private static func field(_ byteCount: Int) -> Int { 1 + varint(byteCount) + byteCount }

    private static func nameByteCount(_ topic: GossipTopic) -> Int { topic.name.utf8.count }

    private static func varint(_ value: Int) -> Int { max(1, (Int.bitWidth - value.leadingZeroBitCount + 6) / 7) }
}
