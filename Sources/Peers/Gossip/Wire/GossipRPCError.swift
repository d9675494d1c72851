package import PeerProtocols

/// Why an RPC was refused; always the fault of the peer.
package enum GossipRPCError: Error, Equatable, Sendable {
    /// Not the protobuf encoding of an RPC.
    case malformed(ProtobufError)
    /// Longer than any RPC that this network sends.
    case oversize(announced: UInt64)
    /// More entries than ``GossipLimits`` allows.
    case tooMany
}
