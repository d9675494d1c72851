package import PeerProtocols

/// Limits and names of a host.
package struct PeerHostConfiguration: Sendable {
    /// What identify gives as the program's name and version.
    package var agentVersion = "tabellion"
    /// What identify gives as the family of protocols.
    package var protocolVersion = "tabellion/1"
    /// Connections at a time, in both directions; an eighth is kept for those that this side dials.
    package var connectionCountMax = 512
    /// Connections at a time that came from one IPv4 address or one IPv6 /64.
    package var connectionCountPerAddressMax = 64
    /// Connections at a time whose handshake is not finished; a quarter is kept for those that this side dials.
    ///
    /// When peers have the rest, a new one takes the place of the oldest from where most come.
    package var handshakeCountMax = 176
    /// How long a handshake is not ended for a new one of the same address.
    package var handshakePatience: Duration = .seconds(2)
    /// Connections at a time from one address whose handshake is not finished.
    package var handshakeCountPerAddressMax = 8
    /// Whether the loopback, where a proxy or a whole network of tests may be, is no address of one peer: no limits on
    /// its handshakes and unfinished messages.
    package var isLoopbackExempt = true
    /// Threads that handle streams of peers; a stream beyond them is reset.
    package var sessionThreadCountMax = 256
    /// The time in which a dialled machine must accept the TCP connection.
    package var connectTimeout: Duration = .seconds(10)
    /// The bytes that a stream's writer may be ahead of the network by; one more write is taken whole.
    package var outboxByteCountMax = 1 << 20
    /// How long a stream that nobody reads any more may take to send what was written.
    package var lingerTimeout: Duration = .seconds(30)
    /// Limits and times of each connection.
    package var connection = PeerConnectionConfiguration()

    /// The limits of a node.
    package init() {}

    /// Connections that peers cannot take.
    var reservedConnectionCount: Int { connectionCountMax / 8 }
    /// Handshakes that peers cannot take.
    var reservedHandshakeCount: Int { handshakeCountMax / 4 }
}

/// Why a host could not do what it was asked.
package enum PeerHostError: Error, Equatable, Sendable, CustomStringConvertible {
    /// An address that is not of a TCP host and port.
    case unsupportedAddress(Multiaddr)
    /// An address to dial that does not say which peer is expected there.
    case missingPeerID(Multiaddr)
    /// The environment's fault: no such host, nobody listens, the port is taken; the system's words.
    case network(String)
    /// The machine did not answer in time.
    case connectTimedOut
    /// The TCP connection came about, but not the connection between peers.
    case connectionFailed(PeerConnectionError)
    /// The host has as many connections as it may have.
    case tooManyConnections
    /// The host was shut down.
    case shutDown

    /// A sentence for the user.
    package var description: String {
        switch self {
        case .unsupportedAddress(let address): "\(address) is not the address of a TCP host and port"
        case .missingPeerID(let address): "\(address) does not end with /p2p/ and the peer that is expected there"
        case .network(let reason): "the network said: \(reason)"
        case .connectTimedOut: "the machine did not answer in time"
        case .connectionFailed(let error): "the connection to the peer failed: \(error)"
        case .tooManyConnections: "there are as many connections as allowed"
        case .shutDown: "this host was shut down"
        }
    }
}
