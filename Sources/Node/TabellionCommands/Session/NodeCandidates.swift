internal import CryptoCore
internal import Discovery
internal import MPCTLS
internal import NetworkDefinition
internal import NodeCore
internal import NodeRuntime
internal import PeerNetworking
internal import PeerProtocols

/// The nodes that a buyer may ask.
enum NodeCandidates {
    /// This one and no other.
    case named(Multiaddr)
    /// Any node of a network.
    case network(NetworkFile)

    /// The most nodes that are tried for one notarization.
    static let attemptCountMax = 8
    /// How long after the beginning another node is still tried.
    static let attemptTime = Duration.seconds(60)
    /// How long a node may take before another one is tried, too.
    static let patience = Duration.seconds(1)

    /// The named node, or any node of a network that its file leads to.
    ///
    /// - Throws: `CommandFailure` if there is none, or if the named one may not sign for the network.
    init(node: String?, network: NetworkFile?) throws {
        if let node {
            let address = try Multiaddr(node)
            if let network, let peer = address.peerID, !network.genesis.mayBeSignedFor(by: peer) {
                throw CommandFailure(
                    .notaryUntrusted,
                    "the node \(peer) is not among those who may sign for \(network.genesis.name)",
                    advice: "Nobody on the network would accept its attestation. Leave out --node, or name another one."
                )
            }
            self = .named(address)
        } else if let network, !network.bootstrap.isEmpty {
            self = .network(network)
        } else {
            throw CommandFailure(
                .usage,
                "the network's file names no node",
                advice: "Name one with --node, or add it to bootstrap in the file."
            )
        }
    }

    /// What a buyer's host may wait for: who has a choice need not wait for long.
    var hostConfiguration: PeerHostConfiguration {
        var configuration = PeerHostConfiguration()
        if case .network = self {
            configuration.connectTimeout = .seconds(4)
            configuration.connection.handshakeTimeout = .seconds(6)
            configuration.connection.streamNegotiationTimeout = .seconds(6)
        }
        return configuration
    }

    /// Runs a session with the first node that takes it.
    ///
    /// Another one is drawn when a node cannot be reached, refuses, or goes away before the web server was contacted;
    /// after that the server has seen a request's connection, so the session is not repeated by itself.
    ///
    /// - Throws: ``NodeSession/Failure`` of the last node that was asked.
    @available(*, noasync)
    func first<Output>(
        through host: PeerHost,
        report: (String) -> Void,
        _ body: (NodeSession) throws -> Output
    ) throws(NodeSession.Failure) -> (Output, NodeSession) {
        switch self {
        case .named(let address):
            let reached = Result { () throws -> NodeRace.Reached in (try host.dialAndWait(address), address) }
            switch Self.attempt(reached, candidateCount: 1, body) {
            case .success(let outcome): return outcome
            case .failure(let failure): throw failure
            }
        case .network(let network):
            return try first(of: network, through: host, report: report, body)
        }
    }

    @available(*, noasync)
    private func first<Output>(
        of network: NetworkFile,
        through host: PeerHost,
        report: (String) -> Void,
        _ body: (NodeSession) throws -> Output
    ) throws(NodeSession.Failure) -> (Output, NodeSession) {
        let end = MonotonicInstant.now().advanced(by: Self.attemptTime)
        var found = NodeFinder(network, through: host).find()
        let count = found.choice.count
        let race = NodeRace()
        defer { race.end() }
        var last: NodeSession.Failure?
        var reason: String?
        var begunCount = 0
        var nextBeginning = MonotonicInstant.now()
        while true {
            let mayBegin = begunCount < Self.attemptCountMax && .now() < end
            if mayBegin, race.count == 0 || nextBeginning <= .now(), let node = found.choice.next() {
                let open = found.connections.removeValue(forKey: node.peer)
                if begunCount == 0 {
                    report("\(count == 1 ? "1 node" : "\(count) nodes") to choose from; asking \(node.peer)")
                    // Who was only asked the way is not kept waiting.
                    for other in found.connections.values { other.connection.close() }
                    found.connections = [:]
                } else {
                    report("\(reason ?? "no answer yet"); asking \(node.peer)")
                    reason = nil
                }
                race.begin {
                    let reached = try open ?? Self.dial(node, through: host)
                    try Self.check(reached.connection, isOf: network)
                    return reached
                }
                begunCount += 1
                nextBeginning = .now().advanced(by: Self.patience)
            }
            guard race.count > 0 else { break }
            let deadline = begunCount < Self.attemptCountMax && found.choice.count > 0 ? nextBeginning : end
            guard let arrived = race.next(until: max(deadline, .now().advanced(by: .milliseconds(10)))) else {
                continue
            }
            switch Self.attempt(arrived, candidateCount: count, body) {
            case .success(let result): return result
            case .failure(let failure):
                guard failure.isBeforeServer, Self.isOfNode(failure.error) else { throw failure }
                last = failure
                reason = SessionFailure.failure(failure.error).message
            }
        }
        throw last
            ?? NodeSession.Failure(
                error: CommandFailure(
                    .notaryUnreachable,
                    "the network's file leads to no node that may sign for \(network.genesis.name)"
                ),
                notary: nil,
                isBeforeServer: true
            )
    }

    /// One session with one node, if it was reached.
    @available(*, noasync)
    private static func attempt<Output>(
        _ reached: Result<NodeRace.Reached, any Error>,
        candidateCount: Int,
        _ body: (NodeSession) throws -> Output
    ) -> Result<(Output, NodeSession), NodeSession.Failure> {
        var session: NodeSession?
        do {
            let (connection, address) = try reached.get()
            let stream = try connection.openStreamAndWait([.notarize])
            stream.timeLimits = StreamTimeLimits(read: .seconds(60), write: .seconds(60)).endingAfter(.seconds(600))
            let begun = NodeSession(address: address, stream: stream, candidateCount: candidateCount)
            session = begun
            return .success((try body(begun), begun))
        } catch {
            return .failure(
                NodeSession.Failure(
                    error: error,
                    notary: session?.stream.remotePeer.ethereumAddress,
                    isBeforeServer: session?.hasContactedServer != true
                )
            )
        }
    }

    /// Connects to a node at the first of its addresses at which it is.
    @available(*, noasync)
    private static func dial(
        _ node: NodeChoice.Node,
        through host: PeerHost
    ) throws -> (connection: PeerConnection, address: Multiaddr) {
        var problem: any Error = PeerHostError.network("no address is known")
        for address in node.addresses {
            do { return (try host.dialAndWait(address), address) } catch { problem = error }
        }
        throw problem
    }

    /// Sees to it that a peer says it is a notary of the network; its signature has to say so, too, in the end.
    @available(*, noasync)
    private static func check(_ connection: PeerConnection, isOf network: NetworkFile) throws {
        let message: IdentifyMessage
        do { message = try connection.identifyAndWait(timeout: .seconds(6)) } catch is IdentifyError {
            throw CommandFailure(.notaryRefused, "the node does not say what it is")
        }
        guard message.protocolVersion == NodeConfiguration.protocolVersion(of: network.network) else {
            throw CommandFailure(.notaryRefused, "the node is none of \(network.genesis.name)")
        }
        guard message.protocols.contains(.notarize) else {
            throw StreamOpeningError.protocolNotSupported
        }
    }

    /// Whether another node may fare better.
    private static func isOfNode(_ error: any Error) -> Bool {
        switch SessionFailure.failure(error).status {
        case .notaryUnreachable, .notaryRefused, .notaryGone, .notaryMisbehaved: true
        default: false
        }
    }
}

/// A session with one node.
final class NodeSession {
    /// Why a session failed, and whose notary took part.
    struct Failure: Error {
        let error: any Error
        let notary: EthereumAddress?
        /// Whether the web server was not contacted yet.
        let isBeforeServer: Bool
    }

    let address: Multiaddr
    let stream: PeerStream
    /// The nodes that this one was drawn from.
    let candidateCount: Int
    /// Whether the web server was contacted.
    private(set) var hasContactedServer = false

    init(address: Multiaddr, stream: PeerStream, candidateCount: Int) {
        self.address = address
        self.stream = stream
        self.candidateCount = candidateCount
    }

    /// A phase begins.
    func enter(_ phase: SessionPhase) {
        switch phase {
        case .setup, .garbling: break
        case .handshake, .request, .response, .proof: hasContactedServer = true
        }
    }
}
