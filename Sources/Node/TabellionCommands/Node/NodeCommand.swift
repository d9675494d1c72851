package import ArgumentParser
internal import Attestations
internal import CryptoCore
internal import Foundation
internal import Logging
internal import NetworkDefinition
internal import NodeRuntime
internal import PeerNetworking
internal import PeerProtocols
internal import ServerIdentity
internal import WireFormat

/// `tabellion node`: the commands of an operator.
package struct NodeCommand: AsyncParsableCommand {
    /// Name, help and subcommands.
    package static let configuration = CommandConfiguration(
        commandName: "node",
        abstract: "Run a node, and ask a running one.",
        subcommands: [NodeRunCommand.self, NodeStatusCommand.self, NodePeersCommand.self]
    )

    /// Creates the command with nothing parsed.
    package init() {}
}

/// `tabellion node run`: a node of a network, or a notary alone.
package struct NodeRunCommand: TabellionSubcommand {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a node until it is told to stop (SIGINT or SIGTERM).",
        discussion: """
            With --data, or a configuration that names a network-file and a store, it is a node of that network: it \
            gossips and keeps notarizations. Without, it is a notary alone. Options win over the configuration file \
            (YAML: listen, announce, key, passphrase-file, network-file, store, metrics, network, ca, max-sent, \
            max-received, sessions, session-seconds, servers, connections, connections-per-address, keep-days, \
            store-mib, log-level). Logs go to standard error and contain no \
            plaintext and no secret at any level. When told to stop, running sessions have 10 s to end; told again, \
            the node ends at once. With --json each address is one line of JSON as soon as the node listens there.
            """
    )

    @Option(
        name: .long,
        help: ArgumentHelp("The node's folder, made by init: its node.yaml is the configuration.", valueName: "folder")
    )
    var data: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Listen here, such as /ip4/0.0.0.0/tcp/7047; by default on this machine only, port 7047.",
            valueName: "multiaddr"
        )
    )
    var listen: [String] = []

    @Option(name: .long, help: ArgumentHelp("The key file that keygen made.", valueName: "file"))
    var key: String?

    @OptionGroup var passphrase: PassphraseOptions

    @Option(name: .long, help: ArgumentHelp("A configuration file in YAML.", valueName: "file"))
    var config: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The network to sign for, by name; by default tabellion-devnet.", valueName: "name")
    )
    var network: String?

    @Option(
        name: .long,
        help: ArgumentHelp("PEM file of roots to trust for web servers; by default the system's.", valueName: "file")
    )
    var ca: String?

    @Option(name: .long, help: ArgumentHelp("Bytes of request to allow; by default 4096.", valueName: "count"))
    var maxSent: Int?

    @Option(name: .long, help: ArgumentHelp("Bytes of response to allow; by default 2097152.", valueName: "count"))
    var maxReceived: Int?

    @Option(name: .long, help: ArgumentHelp("Sessions at a time; by default 32.", valueName: "count"))
    var sessions: Int?

    @Option(name: .long, help: ArgumentHelp("Seconds that a session may take; by default 120.", valueName: "seconds"))
    var sessionSeconds: Int?

    @Option(
        name: .long,
        help: ArgumentHelp("Notarize only this server; may be repeated; by default all.", valueName: "name")
    )
    var allowServer: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("trace, debug, info (the default), notice, warning, error, critical.", valueName: "level")
    )
    var logLevel: String?

    /// The options that every command has.
    @OptionGroup package var output: OutputOptions

    /// Creates the command with nothing parsed.
    package init() {}

    /// Starts the notary and waits for a signal.
    package mutating func execute(in environment: CommandEnvironment) async throws -> CommandReport {
        let settings = try merged()
        let logger = try Self.logger(settings.logLevel)
        guard let keyPath = settings.key else {
            throw CommandFailure(.configurationInvalid, "no key is given", advice: "Make one with tabellion keygen.")
        }
        let key = try KeyFile.load(keyPath) {
            if let path = settings.passphraseFile { return try PassphraseOptions(file: path).fromFile() }
            return try passphrase.forExistingKey(in: environment)
        }
        let roots: TrustedRoots
        do {
            roots = try settings.ca.map { try TrustedRoots(pemFile: $0) } ?? TrustedRoots.system()
        } catch {
            throw CommandFailure(.configurationInvalid, "\(error)")
        }
        let configuration = try settings.notaryConfiguration()
        let hostConfiguration = try settings.hostConfiguration(sessionCountMax: configuration.sessionCountMax)
        try OpenFileLimit.raise(forConnections: hostConfiguration.connectionCountMax)
        if let networkFile = settings.networkFile {
            return try await runNode(
                key: key,
                network: NetworkPath.read(networkFile),
                settings: settings,
                host: hostConfiguration,
                notary: configuration,
                roots: roots,
                environment: environment,
                logger: logger
            )
        }
        try settings.refuseNetworkSettings()
        let announced = try Self.announced(settings, by: key, isLocal: true)
        let host = PeerHost(identity: PeerIdentity(privateKey: key), configuration: hostConfiguration)
        if !announced.isEmpty { host.announcedAddresses = announced }
        NotaryService(signer: KeySigner(key: key), configuration: configuration, roots: roots, logger: logger).attach(
            to: host
        )
        let stopSignal = await StopSignal()
        let addresses = try await listen(host, at: settings)
        tell(addresses, environment)
        logger.notice(
            "notary is ready",
            metadata: [
                "address": "\(key.ethereumAddress)", "network": "\(configuration.network)",
                "sessions": "\(configuration.sessionCountMax)",
            ]
        )
        logger.notice("a notary alone has no control socket: node status, notarizations and store cannot ask it")
        let signal = await stopSignal.wait()
        logger.notice("stopping", metadata: ["signal": "\(signal)"])
        await host.shutDown()
        stopSignal.stopIsComplete()
        logger.notice("stopped")
        return CommandReport(text: "", members: [JSONMember("stopped", .bool(true))])
    }

    /// Runs a node of a network until it is told to stop.
    private func runNode(
        key: Secp256k1PrivateKey,
        network: NetworkFile,
        settings: NodeConfigurationFile,
        host hostConfiguration: PeerHostConfiguration,
        notary: NotaryConfiguration,
        roots: TrustedRoots,
        environment: CommandEnvironment,
        logger: Logger
    ) async throws -> CommandReport {
        guard let store = settings.store else {
            throw CommandFailure(
                .configurationInvalid,
                "a node of a network needs a store",
                advice: "Use tabellion init, or name a store in the configuration and make it with "
                    + "tabellion store create --config FILE."
            )
        }
        if let name = settings.network, NetworkID(named: name) != network.network {
            throw CommandFailure(.configurationInvalid, "network \"\(name)\" is not that of the network file")
        }
        try settings.checkMetrics()
        var notary = notary
        notary.network = network.network
        let announced = try Self.announced(settings, by: key, isLocal: network.isLocal)
        let node = try NodeProcess(
            key: key,
            network: network,
            host: hostConfiguration,
            settings: settings,
            notary: notary,
            roots: roots,
            places: NodeProcess.Places(
                store: store,
                socket: data.map { DataFolder(path: $0).socketPath },
                storeOptions: data.map { "--data \($0)" } ?? "--config \(config ?? "FILE")",
                metricsPort: settings.metrics
            ),
            logger: logger
        )
        let stopSignal = await StopSignal()
        let addresses = try await listen(node.host, at: settings)
        let watch = AddressWatch(listening: addresses, announced: announced, isLocal: network.isLocal)
        try await node.run(reachableAt: watch) {
            tell(addresses, environment)
            logger.notice(
                "node is ready",
                metadata: ["address": "\(key.ethereumAddress)", "network": "\(network.network)"]
            )
            Self.warnWithoutSocket(data, logger)
        } until: {
            let signal = await stopSignal.wait()
            logger.notice("stopping", metadata: ["signal": "\(signal)"])
        }
        stopSignal.stopIsComplete()
        logger.notice("stopped")
        return CommandReport(text: "", members: [JSONMember("stopped", .bool(true))])
    }

    /// Says that nobody can ask a node that has no folder for its control socket.
    private static func warnWithoutSocket(_ data: String?, _ logger: Logger) {
        guard data == nil else { return }
        logger.notice("no control socket without --data: node status, notarizations and store cannot ask this node")
    }

    /// The setting `announce`.
    private static func announced(
        _ settings: NodeConfigurationFile,
        by key: Secp256k1PrivateKey,
        isLocal: Bool
    ) throws -> [Multiaddr] {
        do {
            return try ReachableAddresses.announced(
                settings.announce ?? [],
                by: PeerID(publicKey: key.publicKey),
                isLocal: isLocal
            )
        } catch {
            throw CommandFailure(.configurationInvalid, PlainText.oneLine("\(error)"))
        }
    }

    private func listen(_ host: PeerHost, at settings: NodeConfigurationFile) async throws -> [Multiaddr] {
        var addresses: [Multiaddr] = []
        for text in settings.listen ?? ["/ip4/127.0.0.1/tcp/7047"] {
            do {
                addresses.append(try await host.listen(on: try Multiaddr(text)))
            } catch {
                throw CommandFailure(.listenFailed, "cannot listen on \(text): \(error)")
            }
        }
        return addresses
    }

    private func tell(_ addresses: [Multiaddr], _ environment: CommandEnvironment) {
        for address in addresses {
            let line = JSONValue.object([JSONMember("listening", .string("\(address)"))]).text(indented: false)
            environment.writeOutput(output.json ? line + "\n" : "listening on \(address)\n")
        }
    }

    /// The configuration file with the options on top; paths of a node's folder are relative to it.
    private func merged() throws -> NodeConfigurationFile {
        var settings = try NodeSettings.read(config: config, data: data)
        if !listen.isEmpty { settings.listen = listen }
        if !allowServer.isEmpty { settings.servers = allowServer }
        settings.key = key ?? settings.key
        settings.passphraseFile = passphrase.passphraseFile ?? settings.passphraseFile
        settings.network = network ?? settings.network
        settings.ca = ca ?? settings.ca
        settings.maxSent = maxSent ?? settings.maxSent
        settings.maxReceived = maxReceived ?? settings.maxReceived
        settings.sessions = sessions ?? settings.sessions
        settings.sessionSeconds = sessionSeconds ?? settings.sessionSeconds
        settings.logLevel = logLevel ?? settings.logLevel
        return settings
    }

    private static func logger(_ level: String?) throws -> Logger {
        let name = level ?? "info"
        guard let level = Logger.Level(rawValue: name) else {
            throw CommandFailure(.configurationInvalid, "there is no log level \"\(name)\"")
        }
        var logger = Logger(label: "tabellion") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = level
        return logger
    }
}
