internal import PeerProtocols

extension KademliaMessage {
    /// The encoding, without its length; fields that have their default value are left out, as proto3 does.
    package var encoded: [UInt8] {
        var writer = ProtobufWriter(byteCount: 64 + 80 * closerPeers.count)
        if kind != .putValue { writer.varint(kind.rawValue, field: 1) }
        if !key.isEmpty { writer.bytes(key, field: 2) }
        for peer in closerPeers { writer.bytes(peer.encoded, field: 8) }
        return writer.bytes
    }

    /// The encoding behind its length, as it stands on a stream.
    package var frame: [UInt8] {
        let body = encoded
        return UnsignedVarint.encode(UInt64(body.count)) + body
    }
}

extension KademliaMessage.Peer {
    fileprivate var encoded: [UInt8] {
        var writer = ProtobufWriter(byteCount: 80)
        writer.bytes(id.bytes, field: 1)
        for endpoint in endpoints { writer.bytes(endpoint.addressBytes, field: 2) }
        if connection != .notConnected { writer.varint(connection.rawValue, field: 3) }
        return writer.bytes
    }
}
