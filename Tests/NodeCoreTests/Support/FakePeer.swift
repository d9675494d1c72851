import CryptoCore
import Gossip
import NodeCore
import PeerProtocols
import Records

/// A peer that a test plays itself.
struct FakePeer {
    let identity: PeerIdentity
    private var sequenceNumber: UInt64 = 0

    init(_ number: Int) throws {
        let key = try Secp256k1PrivateKey(bytes: Keccak256.hash(Array("fake peer \(number)".utf8)))
        identity = PeerIdentity(privateKey: key)
    }

    var id: PeerID { identity.id }

    /// A published payload, signed by this peer.
    mutating func message(_ data: [UInt8], topic: GossipTopic) throws -> GossipMessage {
        sequenceNumber += 1
        guard
            let message = MessageSigning.sign(data, topic: topic, sequenceNumber: sequenceNumber, author: identity)
        else { throw SigningError.unsigned }
        return message
    }

    /// Never thrown by keys that libsecp256k1 accepted.
    enum SigningError: Error { case unsigned }
}

extension SoloNode {
    /// Connects a peer that speaks gossip, with its stream open and its topic joined.
    mutating func connect(_ peer: FakePeer, address: String? = nil, syncs: Bool = false) throws {
        bring(.connected(peer.id, PeerLink(address: try address.map { try Multiaddr($0) }, isOutbound: true)))
        var protocols: Set<ProtocolName> = ["/meshsub/1.2.0"]
        if syncs { protocols.insert(FramedProtocol.sync.name) }
        bring(.identified(peer.id, PeerIdentification(protocols: protocols)))
        bring(.gossipOpened(peer.id, .v1_2))
        bring(
            .gossipReceived(
                GossipRPC(subscriptions: [.init(topic: machine.topic, isJoined: true)]),
                from: peer.id
            )
        )
    }

    /// Lets peers into the mesh.
    mutating func graft(_ peers: [FakePeer]) {
        for peer in peers { bring(.gossipReceived(GossipRPC(graft: [machine.topic]), from: peer.id)) }
    }

    /// A peer brings a payload, published by itself.
    mutating func gossip(_ data: [UInt8], from peer: inout FakePeer) throws {
        let message = try peer.message(data, topic: machine.topic)
        bring(.gossipReceived(GossipRPC(messages: [message]), from: peer.id))
    }
}
