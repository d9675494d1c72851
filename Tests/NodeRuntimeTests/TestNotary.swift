import Attestations
import CryptoCore
import Logging
import NodeRuntime
import PeerNetworking
import PeerProtocols
import ServerIdentity
import Synchronization
import TestServers

/// A notary on the loopback interface, with everything that it logged.
final class TestNotary: Sendable {
    static let network = NetworkID(named: "test")
    /// The key of every test's notary, which is also its peer identity.
    static let keyBytes = [UInt8](repeating: 0x11, count: 32)

    let service: NotaryService
    let host: PeerHost
    let address: Multiaddr
    let log = LogText()

    /// Whose certificates a notary trusts.
    enum Roots {
        case webServer, another
    }

    /// Starts a notary; sessions that fail on purpose are not held against their peers unless a test asks for it.
    init(rootsOf roots: Roots = .webServer, _ configure: (inout NotaryConfiguration) -> Void = { _ in }) async throws {
        var configuration = NotaryConfiguration(network: Self.network)
        configuration.abortCountMax = 1 << 20
        configure(&configuration)
        let key = try Secp256k1PrivateKey(bytes: Self.keyBytes)
        var logger = Logger(label: "test") { [log] _ in LogText.Handler(text: log) }
        logger.logLevel = .trace
        service = NotaryService(
            signer: KeySigner(key: key),
            configuration: configuration,
            roots: try roots == .webServer ? WebServer.shared.get().roots : Self.otherRoots(),
            logger: logger
        )
        host = PeerHost(identity: PeerIdentity(privateKey: key))
        service.attach(to: host)
        address = try await host.listen(on: try Multiaddr("/ip4/127.0.0.1/tcp/0"))
    }

    private static func otherRoots() throws -> TrustedRoots {
        let authority = try TestCertificateAuthority()
        return try withExtendedLifetime(authority) { try TrustedRoots(pemFile: authority.rootPath) }
    }

    /// Ends it.
    func close() async {
        await host.shutDown(grace: .milliseconds(100))
    }

    /// Whether no session is running, now or soon.
    func isIdle(within limit: Duration = .seconds(20)) async -> Bool {
        await eventually(within: limit) { service.runningSessionCount == 0 }
    }
}

/// What was logged, as text.
final class LogText: Sendable {
    private let lines = Mutex<[String]>([])

    /// All lines.
    var text: String { lines.withLock { $0.joined(separator: "\n") } }

    struct Handler: LogHandler {
        let text: LogText
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace
        var metadataProvider: Logger.MetadataProvider?

        init(text: LogText) { self.text = text }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            text.lines.withLock { $0.append("\(event.level) \(event.message) \(all)") }
        }
    }
}
