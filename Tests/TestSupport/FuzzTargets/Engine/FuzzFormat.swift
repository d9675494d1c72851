/// A format that peers or files bring, and the function that tries bytes on everything that reads it.
///
/// The functions are pure: equal bytes do equal things, in any order and process.
package enum FuzzFormat: String, CaseIterable, Sendable {
    /// multistream-select, both roles.
    case multistream
    /// The Noise handshake, both roles, and the frames after it.
    case noise
    /// A Yamux session that a peer attacks, and two honest ones.
    case yamux
    /// A whole connection after its handshake: Noise frames with Yamux frames with negotiations.
    case connection
    /// Identify and ping.
    case identify
    /// Peer ids, keys, multiaddrs, varints, base58.
    case addresses
    /// GossipSub's RPCs and their frames.
    case gossip
    /// A GossipSub router among five peers.
    case router
    /// Kademlia's messages and their frames.
    case kademlia
    /// Lookups, routing table, address book and connections.
    case discovery
    /// Signed peer records.
    case peerRecord = "peer-record"
    /// Notarizations, signed and not.
    case record
    /// Every key and value of a node's store.
    case store
    /// Questions and answers of catching up.
    case sync
    /// A node that is asked for its records.
    case syncServer = "sync-server"
    /// A node that catches up with a peer that lies.
    case syncClient = "sync-client"
    /// JSON, as the control socket and files carry it.
    case json
    /// A network's file.
    case networkFile = "network-file"

    /// Longer inputs find nothing that shorter ones do not.
    package var byteCountMax: Int {
        switch self {
        case .multistream, .identify, .addresses, .peerRecord, .record, .noise: 4 << 10
        case .yamux, .connection, .router, .discovery, .syncServer, .syncClient: 2 << 10
        case .gossip, .kademlia, .store, .sync, .json, .networkFile: 8 << 10
        }
    }

    /// How many inputs take some tenths of a second.
    package var shortRunCount: Int {
        switch self {
        case .multistream, .identify, .addresses, .kademlia, .store, .sync, .json: 3_000
        case .networkFile, .gossip, .yamux: 1_000
        case .record, .peerRecord, .connection, .router, .discovery, .noise, .syncServer: 300
        case .syncClient: 60
        }
    }

    /// Tries an input.
    ///
    /// - Throws: ``FuzzFailure`` when something that must always hold does not.
    package func run(_ bytes: [UInt8]) throws {
        guard bytes.count <= byteCountMax else { return }
        switch self {
        case .multistream: try MultistreamFuzz.run(bytes)
        case .noise: try NoiseFuzz.run(bytes)
        case .yamux: try YamuxFuzz.run(bytes)
        case .connection: try ConnectionFuzz.run(bytes)
        case .identify: try IdentifyFuzz.run(bytes)
        case .addresses: try AddressFuzz.run(bytes)
        case .gossip: try GossipFuzz.run(bytes)
        case .router: try RouterFuzz.run(bytes)
        case .kademlia: try KademliaFuzz.run(bytes)
        case .discovery: try DiscoveryFuzz.run(bytes)
        case .peerRecord: try PeerRecordFuzz.run(bytes)
        case .record: try RecordFuzz.run(bytes)
        case .store: try StoreFuzz.run(bytes)
        case .sync: try SyncFuzz.run(bytes)
        case .syncServer: try SyncServerFuzz.run(bytes)
        case .syncClient: try SyncClientFuzz.run(bytes)
        case .json: try JSONFuzz.run(bytes)
        case .networkFile: try NetworkFileFuzz.run(bytes)
        }
    }

    /// Inputs that honest programs would make: where fuzzing begins.
    package func seeds() throws -> [[UInt8]] {
        switch self {
        case .multistream: try MultistreamFuzz.seeds()
        case .noise: try NoiseFuzz.seeds()
        case .yamux: YamuxFuzz.seeds()
        case .connection: ConnectionFuzz.seeds()
        case .identify: try IdentifyFuzz.seeds()
        case .addresses: try AddressFuzz.seeds()
        case .gossip: try GossipFuzz.seeds()
        case .router: try RouterFuzz.seeds()
        case .kademlia: try KademliaFuzz.seeds()
        case .discovery: try DiscoveryFuzz.seeds()
        case .peerRecord: try PeerRecordFuzz.seeds()
        case .record: try RecordFuzz.seeds()
        case .store: try StoreFuzz.seeds()
        case .sync: try SyncFuzz.seeds()
        case .syncServer: SyncServerFuzz.seeds()
        case .syncClient: SyncClientFuzz.seeds()
        case .json: JSONFuzz.seeds()
        case .networkFile: try NetworkFileFuzz.seeds()
        }
    }
}
