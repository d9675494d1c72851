package import Attestations
internal import CryptoCore
package import PeerProtocols
internal import Yams

/// The file that describes a network to whoever joins or uses it: id, genesis, bootstrap peers.
///
/// ```yaml
/// id: "0x…"                    # the hash of genesis; a mismatch is an error
/// genesis:
///   name: tabellion-devnet
///   created: 1795132800        # Unix seconds
///   dispute-window-seconds: 3600
///   clock-skew-seconds: 60
///   news-age-seconds: 600
///   records-per-signer-and-minute: 4096
///   signers: anyone            # or a list of addresses
/// bootstrap:
///   - /ip4/203.0.113.7/tcp/7047/p2p/16Uiu2HA…
/// local: false                 # true: all nodes run on one machine; exempts loopback from limits per address
/// ```
package struct NetworkFile: Hashable, Sendable {
    /// The most bytes of a file.
    package static let byteCountMax = 1 << 20
    /// The most bootstrap addresses.
    package static let bootstrapCountMax = 256

    /// What the network is.
    package let genesis: Genesis
    /// Its id.
    package let network: NetworkID
    /// Nodes to begin with; each address ends with the node's peer id.
    package let bootstrap: [Multiaddr]
    /// Whether all nodes run on one machine: loopback addresses are exempt from limits per address and from the score
    /// for peers of one address.
    package let isLocal: Bool

    /// A network of these values.
    package init(genesis: Genesis, bootstrap: [Multiaddr], isLocal: Bool) throws(NetworkFileError) {
        guard bootstrap.count <= Self.bootstrapCountMax else {
            throw .value("bootstrap", "at most \(Self.bootstrapCountMax) addresses")
        }
        guard bootstrap.allSatisfy({ $0.peerID != nil }) else {
            throw .value("bootstrap", "addresses that end with /p2p/ and the node's peer id")
        }
        self.genesis = genesis
        self.network = genesis.networkID
        self.bootstrap = bootstrap
        self.isLocal = isLocal
    }

    /// Reads YAML.
    ///
    /// - Throws: ``NetworkFileError`` that names the key and what is allowed.
    package init(yaml: String) throws(NetworkFileError) {
        guard yaml.utf8.count <= Self.byteCountMax else { throw .malformed("it is longer than 1 MB") }
        let root: Node
        do {
            guard let node = try Yams.compose(yaml: yaml) else { throw NetworkFileError.malformed("it is empty") }
            root = node
        } catch let error as NetworkFileError {
            throw error
        } catch {
            throw .malformed("it is no YAML (\(String("\(error)".prefix(200))))")
        }
        let file = try YAMLSection(root, name: "the file", keys: ["id", "genesis", "bootstrap", "local"])
        let section = try YAMLSection(
            try file.required("genesis"),
            name: "genesis",
            keys: [
                "name", "created", "dispute-window-seconds", "clock-skew-seconds", "news-age-seconds",
                "records-per-signer-and-minute", "signers",
            ]
        )
        let genesis = try Genesis(
            name: try section.text("name"),
            created: try section.integer("created"),
            disputeWindow: try section.integer("dispute-window-seconds"),
            clockSkew: try section.integer("clock-skew-seconds"),
            newsAge: try section.integer("news-age-seconds"),
            recordsPerSignerAndMinute: try section.integer("records-per-signer-and-minute"),
            signers: try Self.signers(section.required("signers"))
        )
        var addresses: [Multiaddr] = []
        for node in try file.list("bootstrap", countMax: Self.bootstrapCountMax) {
            guard let text = node.string, let address = try? Multiaddr(text) else {
                throw .value("bootstrap", "addresses such as /ip4/203.0.113.7/tcp/7047/p2p/16Uiu2HA…")
            }
            addresses.append(address)
        }
        try self.init(genesis: genesis, bootstrap: addresses, isLocal: try file.flag("local") ?? false)
        let stated = try file.text("id")
        guard stated.lowercased() == network.description else {
            throw .otherID(stated: stated, computed: network)
        }
    }

    private static func signers(_ node: Node) throws(NetworkFileError) -> Genesis.Signers {
        if node.string == "anyone" { return .anyone }
        guard let sequence = node.sequence else { throw .value("signers", "anyone, or a list of addresses") }
        guard sequence.count <= Genesis.signerCountMax else {
            throw .value("signers", "at most \(Genesis.signerCountMax) addresses")
        }
        var list: [EthereumAddress] = []
        for entry in sequence {
            guard let text = entry.string, let address = try? EthereumAddress(text) else {
                throw .value("signers", "addresses of 0x and 40 hexadecimal digits, in quotes")
            }
            list.append(address)
        }
        return .listed(list)
    }

    /// The file's text; reading it gives an equal value.
    package var yaml: String {
        let signers =
            switch genesis.signers {
            case .anyone: "anyone"
            case .listed(let list): list.map { "\n    - \"\($0.checksummed)\"" }.joined()
            }
        let nodes = bootstrap.isEmpty ? " []" : bootstrap.map { "\n  - \($0)" }.joined()
        return """
            id: "\(network)"
            genesis:
              name: \(genesis.name.contains { $0.isLetter } ? genesis.name : "\"\(genesis.name)\"")
              created: \(genesis.created)
              dispute-window-seconds: \(genesis.disputeWindow)
              clock-skew-seconds: \(genesis.clockSkew)
              news-age-seconds: \(genesis.newsAge)
              records-per-signer-and-minute: \(genesis.recordsPerSignerAndMinute)
              signers: \(signers)
            bootstrap:\(nodes)
            local: \(isLocal)

            """
    }
}
