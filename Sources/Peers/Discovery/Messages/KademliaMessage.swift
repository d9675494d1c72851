package import PeerProtocols

/// A message of `/ipfs/kad/1.0.0` and of protocols with its format (libp2p specs, "kad-dht", "RPC messages").
///
/// Only what peer routing needs is kept: records and providers are read over, because this network stores nothing in
/// its table.
package struct KademliaMessage: Hashable, Sendable {
    /// What is asked; the answer repeats it.
    package enum Kind: UInt64, Hashable, Sendable {
        case putValue = 0
        case getValue = 1
        case addProvider = 2
        case getProviders = 3
        case findNode = 4
        case ping = 5
    }

    /// A peer that the sender knows.
    package struct Peer: Hashable, Sendable {
        /// Its name.
        package var id: PeerID
        /// Where it listens, as far as this node understands the addresses.
        package var endpoints: [PeerEndpoint]
        /// What the sender says of its own connection to it.
        package var connection: Connection

        /// A peer and where it is.
        package init(id: PeerID, endpoints: [PeerEndpoint], connection: Connection = .notConnected) {
            self.id = id
            self.endpoints = endpoints
            self.connection = connection
        }
    }

    /// Whether the sender of a message is connected to a peer that it names.
    package enum Connection: UInt64, Hashable, Sendable {
        case notConnected = 0
        case connected = 1
        case canConnect = 2
        case cannotConnect = 3
    }

    /// What is asked or answered.
    package var kind: Kind
    /// What is looked for: for FIND_NODE the bytes of a peer id.
    package var key: [UInt8]
    /// The peers nearest to the key that the answering peer knows.
    package var closerPeers: [Peer]

    /// A message of these parts.
    package init(_ kind: Kind, key: [UInt8] = [], closerPeers: [Peer] = []) {
        self.kind = kind
        self.key = key
        self.closerPeers = closerPeers
    }
}

/// What one message may hold; a peer that sends more breaks the protocol.
package struct KademliaLimits: Hashable, Sendable {
    /// The encoded message, without its length.
    package var messageByteCountMax = 64 << 10
    /// The key.
    package var keyByteCountMax = 256
    /// Peers in one message, of every kind.
    package var peerCountMax = 64
    /// Addresses of one peer.
    package var addressCountMax = 64

    /// The limits for answers of twenty peers with the signed records that some implementations add.
    package init() {}
}

/// Why a message was refused; always the fault of whoever sent it.
package enum KademliaMessageError: Error, Equatable, Sendable {
    /// Not a message.
    case malformed(ProtobufError)
    /// Longer than allowed.
    case oversize(announced: UInt64)
    /// More peers, addresses or bytes of key than allowed.
    case tooMany
    /// A kind that no version of the protocol has.
    case unknownKind(UInt64)
}
