internal import PeerProtocols

extension GossipRPC {
    /// The protobuf encoding, without a length in front.
    package var encoded: [UInt8] {
        var writer = ProtobufWriter(byteCount: messages.reduce(256) { $0 + $1.encoded.count + 8 })
        for subscription in subscriptions {
            var nested = ProtobufWriter()
            nested.varint(subscription.isJoined ? 1 : 0, field: 1)
            nested.bytes(subscription.topic.name.utf8, field: 2)
            writer.bytes(nested.bytes, field: 1)
        }
        for message in messages { writer.bytes(message.encoded, field: 2) }
        if hasControl { writer.bytes(encodedControl, field: 3) }
        return writer.bytes
    }

    /// The encoding with its varint length in front, as streams carry it.
    package var frame: [UInt8] {
        let body = encoded
        return UnsignedVarint.encode(UInt64(body.count)) + body
    }

    private var encodedControl: [UInt8] {
        var writer = ProtobufWriter()
        for advertisement in have {
            var nested = ProtobufWriter()
            nested.bytes(advertisement.topic.name.utf8, field: 1)
            for id in advertisement.ids { nested.bytes(id.bytes, field: 2) }
            writer.bytes(nested.bytes, field: 1)
        }
        if !want.isEmpty { writer.bytes(Self.encode(want), field: 2) }
        for topic in graft {
            var nested = ProtobufWriter()
            nested.bytes(topic.name.utf8, field: 1)
            writer.bytes(nested.bytes, field: 3)
        }
        for prune in prune { writer.bytes(prune.encoded, field: 4) }
        if !unwanted.isEmpty { writer.bytes(Self.encode(unwanted), field: 5) }
        return writer.bytes
    }

    private static func encode(_ ids: [MessageID]) -> [UInt8] {
        var writer = ProtobufWriter()
        for id in ids { writer.bytes(id.bytes, field: 1) }
        return writer.bytes
    }
}

extension GossipRPC.Prune {
    fileprivate var encoded: [UInt8] {
        var writer = ProtobufWriter()
        writer.bytes(topic.name.utf8, field: 1)
        for peer in peers {
            var nested = ProtobufWriter()
            nested.bytes(peer.id.bytes, field: 1)
            if let record = peer.signedRecord { nested.bytes(record, field: 2) }
            writer.bytes(nested.bytes, field: 2)
        }
        if let backoffSeconds { writer.varint(min(backoffSeconds, 1 << 63 - 1), field: 3) }
        return writer.bytes
    }
}
