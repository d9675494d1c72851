package import ArgumentParser
internal import CryptoCore
internal import EthereumCodec
internal import KeyValueStorage
internal import LevelDBStorage
internal import LocalControl
internal import NetworkDefinition
internal import NodeCore
internal import PeerProtocols
internal import WireFormat

/// `tabellion init`: makes the folder of a node.
package struct InitCommand: TabellionSubcommand {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a node's folder for a network: key, settings and an empty store.",
        discussion: """
            The folder must not exist, or be empty. It gets node.key (mode 0600), node.yaml (settings, to be edited), \
            network.yaml (the network) and store (what the node keeps); if that fails, nothing stays. Then: tabellion node run --data FOLDER.
            """
    )

    @OptionGroup var data: DataOptions

    @Option(
        name: .long,
        help: ArgumentHelp("The network's file, or the folder that holds its network.yaml.", valueName: "path")
    )
    var network: String

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Listen here; may be repeated; by default /ip4/0.0.0.0/tcp/7047.",
            valueName: "multiaddr"
        )
    )
    var listen: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("A key file to copy instead of making a key.", valueName: "file")
    )
    var key: String?

    @Option(name: .long, help: ArgumentHelp("Another node to begin with; may be repeated.", valueName: "multiaddr"))
    var bootstrap: [String] = []

    @OptionGroup var passphrase: PassphraseOptions

    /// The options that every command has.
    @OptionGroup package var output: OutputOptions

    /// Creates the command with nothing parsed.
    package init() {}

    /// Makes the folder.
    package mutating func execute(in environment: CommandEnvironment) async throws -> CommandReport {
        let file = try extended(NetworkPath.read(network))
        for text in listen { _ = try Self.address(text) }
        let phrase = try passphrase.fromFile()
        let identity: Secp256k1PrivateKey
        let content: [UInt8]
        if let key {
            identity = try KeyFile.load(key) { try passphrase.forExistingKey(in: environment) }
            content = try InputFile.read(key, limit: 64 << 10)
        } else {
            identity = try Secp256k1PrivateKey.random(SecureRandom.bytes)
            content = try KeyFile.content(of: identity, passphrase: phrase, strength: .standard)
        }
        let folder = data.folder
        let socketPath = AbsolutePath.of(folder.socketPath)
        guard socketPath.utf8.count <= ControlServer.pathByteCountMax else {
            throw CommandFailure(
                .configurationInvalid,
                "the node's control socket could not be made: its path \(socketPath) has \(socketPath.utf8.count) "
                    + "bytes, and the most that a socket's may have are \(ControlServer.pathByteCountMax)",
                advice: "Use a shorter --data."
            )
        }
        let addresses = listen.isEmpty ? ["/ip4/0.0.0.0/tcp/7047"] : listen
        let settings = Self.settings(addresses, passphraseFile: passphrase.passphraseFile)
        try folder.make {
            try StagedFile.write(folder.keyPath, bytes: content, access: .secret, overwrites: false)
            try StagedFile.write(folder.networkPath, bytes: Array(file.yaml.utf8), access: .ordinary, overwrites: false)
            do throws(StorageError) {
                try LevelDBStore(folder.storePath, layout: NodeStore.layout(network: file.network), create: true)
                    .close()
            } catch {
                throw StoreFailure.of(error)
            }
            // The last one: without it no node starts here.
            try StagedFile.write(folder.settingsPath, bytes: Array(settings.utf8), access: .ordinary, overwrites: false)
        }
        let peer = PeerID(publicKey: identity.publicKey)
        return CommandReport(
            text: """
                Folder:    \(data.data)
                Network:   \(file.genesis.name) \(file.network)
                Address:   \(identity.ethereumAddress)
                Peer id:   \(peer)
                Next:      tabellion node run --data \(data.data)
                """,
            members: [
                JSONMember("data", .string(data.data)),
                JSONMember("network", .string("\(file.network)")),
                JSONMember("network_name", .string(file.genesis.name)),
                JSONMember("address", .string(identity.ethereumAddress.checksummed)),
                JSONMember("peer_id", .string(peer.description)),
                JSONMember("listen", .array(addresses.map { .string($0) })),
            ]
        )
    }

    private func extended(_ file: NetworkFile) throws -> NetworkFile {
        do {
            return try NetworkFile(
                genesis: file.genesis,
                bootstrap: file.bootstrap + bootstrap.map { try Self.address($0) },
                isLocal: file.isLocal
            )
        } catch let error as NetworkFileError {
            throw CommandFailure(.configurationInvalid, "\(error)")
        }
    }

    private static func address(_ text: String) throws -> Multiaddr {
        do {
            return try Multiaddr(text)
        } catch {
            throw CommandFailure(
                .configurationInvalid,
                "\"\(text)\" is no address such as /ip4/203.0.113.7/tcp/7047"
            )
        }
    }

    private static func settings(_ listen: [String], passphraseFile: String?) -> String {
        var text = """
            # Settings of this node; tabellion node run --help names all of them. Paths are relative to this folder.
            listen:
            \(listen.map { "  - \($0)" }.joined(separator: "\n"))
            key: node.key
            network-file: network.yaml
            store: store
            # metrics: 9464            # Prometheus metrics, /healthz and /readyz on this loopback port
            # max-sent: 4096
            # max-received: 2097152
            # sessions: 32

            """
        if let passphraseFile, passphraseFile != "-" {
            // As it was named from here, not from the folder; a JSON string is one of YAML, whatever is in it.
            let path = JSONValue.string(AbsolutePath.of(passphraseFile)).text(indented: false)
            text += "passphrase-file: \(path)\n"
        }
        return text
    }
}
