internal import CryptoCore
internal import NodeCore
internal import PeerProtocols

/// One machine in the network, whatever runs on it.
final class Participant {
    /// Counted from 0; honest nodes come first.
    let index: Int
    /// Its key.
    let key: Secp256k1PrivateKey
    /// Its name.
    let id: PeerID
    /// Where it is, its name included.
    let address: Multiaddr
    /// What runs on it.
    let role: Role
    /// What it tells of itself.
    var identification: PeerIdentification
    /// Its open connections, by the participant at the other end.
    var connections: [Int: Connection] = [:]
    /// Whom it is dialling.
    var dialling: Set<Int> = []
    /// Whether the machine is on the network; without power it does not even refuse.
    var isReachable = true
    /// On which side of a partition it is.
    var isCutOff = false
    /// When the uplink has sent what it was given.
    var uplinkFreeAt: UInt64 = 0
    /// Connections whose frames wait for the uplink, in turn.
    var waiting: [(connection: Connection, end: ConnectionEnd)] = []
    /// The first of `waiting` that was not served.
    var waitingHead = 0
    /// Whether the uplink will take the next frame by itself.
    var isUplinkScheduled = false

    /// Who runs on it.
    enum Role {
        case honest(HonestNode)
        case adversary(Adversary)
    }

    init(
        index: Int,
        key: Secp256k1PrivateKey,
        id: PeerID,
        address: Multiaddr,
        role: Role,
        identification: PeerIdentification
    ) {
        self.index = index
        self.key = key
        self.id = id
        self.address = address
        self.role = role
        self.identification = identification
    }

    /// The honest node, if one runs here.
    var honest: HonestNode? {
        if case .honest(let node) = role { node } else { nil }
    }

    /// The adversary, if one runs here.
    var adversary: Adversary? {
        if case .adversary(let adversary) = role { adversary } else { nil }
    }

    /// The open connections, in the order of the participants at the other end.
    var sortedConnections: [Connection] { connections.sorted { $0.key < $1.key }.map(\.value) }
}
