internal import Gossip
internal import NodeCore
internal import PeerProtocols

/// What travels over a connection, at the level at which the node's core sees it.
///
/// Encryption, multiplexing and negotiation are left out but for their bytes and round trips; they have tests of their
/// own. Payloads are shared by all who hold them.
enum LinkFrame {
    /// Asks for what the other end is.
    case identifyRequest
    /// Says what this end is.
    indirect case identify(PeerIdentification)
    /// Opens the sender's gossip stream.
    case openGossip(GossipVersion)
    /// The gossip stream of whoever asked is open.
    case gossipOpened(GossipVersion)
    /// An RPC on the sender's gossip stream.
    indirect case gossip(GossipRPC)
    /// Bytes on the sender's gossip stream that are no RPC.
    case malformedGossip(byteCount: Int)
    /// The sender closed its gossip stream.
    case gossipClosed
    /// Opens a stream under the opener's number.
    case openStream(UInt64, ProtocolName)
    /// The other end speaks the protocol of the stream that it was asked to open.
    case streamAccepted(UInt64)
    /// A frame on a stream; `isOpener` says whether its sender opened the stream.
    indirect case streamFrame(UInt64, ProtocolName, isOpener: Bool, [UInt8])
    /// The end of a stream.
    case streamEnd(UInt64, isOpener: Bool, StreamEnd)
    /// The connection is closed at the sender's end.
    case close

    /// The bytes on their stream, with multistream-select's where a stream is opened.
    var byteCount: Int {
        switch self {
        case .identifyRequest: 40
        case .identify(let identification): identification.byteCount
        case .openGossip: 40
        case .gossipOpened: 40
        case .gossip(let rpc): GossipByteCount.frame(rpc)
        case .malformedGossip(let byteCount): byteCount
        case .gossipClosed, .close: 0
        case .openStream(_, let name): 22 + name.description.utf8.count
        case .streamAccepted: 40
        case .streamFrame(_, _, _, let bytes): bytes.count + 3
        case .streamEnd: 0
        }
    }
}

extension PeerIdentification {
    /// About the bytes of an identify message.
    var byteCount: Int {
        protocols.reduce(120) { $0 + $1.description.utf8.count + 2 }
            + listenAddresses.reduce(0) { $0 + $1.bytes.count + 2 } + (signedRecord?.count ?? 0)
    }
}
