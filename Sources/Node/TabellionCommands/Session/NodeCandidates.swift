internal import CryptoCore
internal import MPCTLS
internal import NetworkDefinition
internal import NodeRuntime
internal import PeerNetworking
internal import PeerProtocols

/// The nodes that a buyer may ask, in the order in which they are asked.
struct NodeCandidates {
    /// The most nodes that are tried for one notarization.
    static let attemptCountMax = 8

    private var addresses: [Multiaddr]

    /// The named node, or all nodes of a network's file.
    ///
    /// - Throws: `CommandFailure` if there is none.
    init(node: String?, network: NetworkFile?) throws {
        if let node {
            addresses = [try Multiaddr(node)]
        } else {
            addresses = network?.bootstrap ?? []
        }
        guard !addresses.isEmpty else {
            throw CommandFailure(
                .usage,
                "the network's file names no node",
                advice: "Name one with --node, or add it to bootstrap in the file."
            )
        }
    }

    /// In random order: nodes share the work, and none can count on a certain buyer.
    func shuffled() -> NodeCandidates {
        var result = self
        result.addresses.shuffle()
        return result
    }

    /// Runs a session with the first node that takes it.
    ///
    /// The next one is asked when a node cannot be reached, refuses, or goes away before the web server was contacted;
    /// after that the server has seen a request's connection, so the session is not repeated by itself.
    ///
    /// - Throws: ``NodeSession/Failure`` of the last node that was asked.
    @available(*, noasync)
    func first<Result>(
        through host: PeerHost,
        report: (String) -> Void,
        _ body: (NodeSession) throws -> Result
    ) throws(NodeSession.Failure) -> (Result, NodeSession) {
        var last: NodeSession.Failure?
        for (index, address) in addresses.prefix(Self.attemptCountMax).enumerated() {
            if let last { report("\(SessionFailure.failure(last.error).message); asking another node") }
            var session: NodeSession?
            do {
                let connection = try host.dialAndWait(address)
                let stream = try connection.openStreamAndWait([.notarize])
                stream.timeLimits = StreamTimeLimits(read: .seconds(60), write: .seconds(60))
                    .endingAfter(.seconds(600))
                let begun = NodeSession(address: address, stream: stream)
                session = begun
                return (try body(begun), begun)
            } catch {
                let failure = NodeSession.Failure(error: error, notary: session?.stream.remotePeer.ethereumAddress)
                let isLast = index + 1 == min(addresses.count, Self.attemptCountMax)
                guard session?.hasContactedServer != true, !isLast, Self.isOfNode(error) else { throw failure }
                last = failure
            }
        }
        preconditionFailure("there is at least one address")
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
    }

    let address: Multiaddr
    let stream: PeerStream
    /// Whether the web server was contacted.
    private(set) var hasContactedServer = false

    init(address: Multiaddr, stream: PeerStream) {
        self.address = address
        self.stream = stream
    }

    /// A phase begins.
    func enter(_ phase: SessionPhase) {
        switch phase {
        case .setup, .garbling: break
        case .handshake, .request, .response, .proof: hasContactedServer = true
        }
    }
}
