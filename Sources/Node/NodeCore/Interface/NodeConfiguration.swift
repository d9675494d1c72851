package import Attestations
package import Discovery
package import Gossip
package import PeerProtocols
package import Records

/// How a node behaves: the parts' configurations, made once; nothing else is read.
package struct NodeConfiguration: Sendable {
    /// The network; peers of another are refused.
    package let network: NetworkID
    /// The gossip router; scores of the network's topics are added where they are missing.
    package var gossip = GossipConfiguration()
    /// What makes a record news.
    package var validation = RecordValidationParameters()
    /// Who may sign records.
    package var membership: any SignerMembership = AnySigner()
    /// Decodes and verifies records; a simulation shares one that remembers.
    package var recordCheck: any RecordChecking = RecordCheck()
    /// Makes what is stored of records; a simulation shares one that remembers.
    package var recordEntries: any NotarizationEntrySource = FreshEntries()
    /// How commits are grouped.
    package var commits = CommitParameters()
    /// Catching up, as a client and as a server.
    package var sync = SyncParameters()
    /// How long records are kept.
    package var retention = RetentionParameters()
    /// What misconduct costs.
    package var conduct = ConductParameters()
    /// How peers are found and kept; nil: the driver connects to whom it likes.
    package var discovery: DiscoveryConfiguration?

    /// The defaults for a network, with a Kademlia protocol of its own.
    package init(network: NetworkID) {
        self.network = network
        var discovery = DiscoveryConfiguration()
        discovery.protocols = [Self.kademliaProtocol(of: network)]
        self.discovery = discovery
        gossip.messageID = MessageID.content
        gossip.messageByteCountMax = Notarization.byteCountMax
    }

    /// The protocol of Kademlia among the nodes of `network`.
    package static func kademliaProtocol(of network: NetworkID) -> ProtocolName {
        guard let name = ProtocolName("/tabellion/\(network)/kad/1") else {
            // 83 characters, whatever the network.
            preconditionFailure("the name of a protocol is shorter than its limit")
        }
        return name
    }

    /// What a node of the network says as identify's protocol version; a peer that names another network is refused.
    package var protocolVersion: String { Self.protocolVersion(of: network) }

    /// What nodes of `network` say as identify's protocol version: `tabellion/1/0x…`.
    package static func protocolVersion(of network: NetworkID) -> String { "tabellion/1/\(network)" }

    /// The topic on which notarizations of the network are published.
    package var notarizationTopic: GossipTopic {
        guard let topic = GossipTopic("tabellion/1/\(network)/notarizations") else {
            // 92 characters, whatever the network.
            preconditionFailure("the name of a topic is shorter than its limit")
        }
        return topic
    }

    /// Checks that the parts fit together.
    package func validate() throws(NodeConfigurationError) {
        do { try gossip.validate() } catch { throw .gossip(error) }
        do { try discovery?.validate() } catch { throw .discovery(error) }
        guard commits.isValid, sync.isValid, retention.isValid else { throw .limits }
        guard retention.recordAgeMax > validation.windowDuration,
            retention.recordAgeMax > validation.newsAgeMax + validation.tolerance
        else { throw .retentionTooShort }
    }
}

/// Which parts of a ``NodeConfiguration`` do not fit together; the operator's fault.
package enum NodeConfigurationError: Error, Equatable, Sendable {
    /// The router's parameters.
    case gossip(GossipConfigurationError)
    /// Discovery's parameters.
    case discovery(DiscoveryConfigurationError)
    /// A limit is zero or contradicts another.
    case limits
    /// Records would be pruned while their window is open, or while they are news.
    case retentionTooShort
}

/// How commits are grouped: records that arrive while one is under way go into the next, together.
package struct CommitParameters: Sendable {
    /// Commits under way at a time.
    package var inFlightMax = 1
    /// Records that wait for the store, in all; more are ignored until there is room.
    package var waitingRecordCountMax = 2_048
    /// Requests to sign that wait for the store; more are refused.
    package var waitingSignatureCountMax = 256
    /// Bytes of changes after which a batch is closed and the next begun.
    package var batchByteCountMax = 1 << 20

    /// The defaults.
    package init() {}

    var isValid: Bool {
        inFlightMax >= 1 && waitingRecordCountMax >= 1 && waitingSignatureCountMax >= 1
            && (1...8 << 20).contains(batchByteCountMax)
    }
}

/// How long records are kept.
package struct RetentionParameters: Sendable {
    /// How old a final notarization may become, from when its transcript was fixed.
    package var recordAgeMax = Duration.seconds(90 * 86_400)
    /// Bytes of notarizations, keys and indexes included, above which final ones are removed, oldest first.
    package var recordByteCountMax: UInt64 = 8 << 30
    /// Bytes of notarizations at which no more are taken in, if those that are there may not be removed yet.
    package var storeByteCountMax: UInt64 = 9 << 30
    /// How long the node remembers what it signed.
    package var signatureAgeMax = Duration.seconds(800 * 86_400)
    /// The time between two steps of pruning while there is nothing much to remove.
    package var stepInterval = Duration.seconds(10)
    /// The time between two steps while each finds as much as it may remove, so that pruning keeps up with what comes in.
    package var backlogInterval = Duration.milliseconds(500)
    /// Records that a step looks at.
    package var stepRecordCountMax = 500

    /// The defaults.
    package init() {}

    var isValid: Bool {
        stepInterval > .zero && backlogInterval > .zero && stepRecordCountMax >= 1
            && storeByteCountMax >= recordByteCountMax
    }
}

/// What misconduct outside gossip costs: points of P5, which fade.
package struct ConductParameters: Sendable {
    /// A frame that cannot be decoded or makes no sense.
    package var malformedFrame = 600.0
    /// An invalid record in an answer.
    package var invalidRecord = 400.0
    /// Records that are not those that the digest announced.
    package var falseDigest = 60.0
    /// No answer in time.
    package var stalled = 30.0
    /// Requests above the budget.
    package var excess = 30.0
    /// A signed peer record that is not signed by whom it speaks of.
    package var badPeerRecord = 100.0
    /// The time in which points halve.
    package var halfLife = Duration.seconds(600)
    /// Peers whose points are remembered.
    package var peerCountMax = 4_096

    /// The defaults, which go with ``Gossip/PeerScoreThresholds``.
    package init() {}
}
