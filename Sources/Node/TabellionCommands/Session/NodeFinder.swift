internal import CryptoCore
internal import Discovery
internal import Foundation
internal import NetworkDefinition
internal import NodeCore
internal import PeerNetworking
internal import PeerProtocols

/// Looks for the nodes of a network over a host, a few at a time, each on a thread of its own.
///
/// `@unchecked Sendable`: `state` is touched inside `monitor` only.
final class NodeFinder: @unchecked Sendable {
    /// What was found.
    struct Result {
        /// The nodes to draw from.
        var choice: NodeChoice
        /// Connections to nodes that answered, to be used or closed.
        var connections: [PeerID: (connection: PeerConnection, address: Multiaddr)]
    }

    private struct State {
        var search: NodeSearch
        var connections: [PeerID: (connection: PeerConnection, address: Multiaddr)] = [:]
        var isOver = false
    }

    private let host: PeerHost
    private let protocols: [ProtocolName]
    private let monitor = Monitor()
    private var state: State

    /// For nodes of the network that may sign for it, beginning at those that its file names.
    init(_ network: NetworkFile, through host: PeerHost) {
        self.host = host
        let discovery = network.nodeConfiguration.discovery ?? DiscoveryConfiguration()
        protocols = discovery.protocols
        let genesis = network.genesis
        state = State(
            search: NodeSearch(
                known: network.bootstrap,
                policy: discovery.addressPolicy,
                limitsNetworks: discovery.limitsNetworks,
                isWanted: { genesis.mayBeSignedFor(by: $0) },
                seed: SecureRandom.block(),
                now: .now()
            )
        )
    }

    /// Looks until enough answered or time is up.
    @available(*, noasync)
    func find() -> Result {
        monitor.withLock {
            while true {
                while let question = state.search.nextQuestion(now: .now()) {
                    Thread.detachNewThread { self.ask(question) }
                }
                guard !state.search.isFinished(now: .now()) else { break }
                _ = monitor.wait(until: state.search.deadline)
            }
            state.isOver = true
            return Result(choice: state.search.choice, connections: state.connections)
        }
    }

    /// Asks one peer, at the first of its addresses at which it is.
    @available(*, noasync)
    private func ask(_ question: NodeSearch.Question) {
        var reached: (connection: PeerConnection, address: Multiaddr)?
        for address in question.addresses where !monitor.withLock({ state.isOver }) {
            guard let connection = try? host.dialAndWait(address) else { continue }
            reached = (connection, address)
            break
        }
        let answer = reached.flatMap { try? self.answer(to: question.request, on: $0.connection) }
        let isLate = monitor.withLock {
            defer { monitor.wakeAll() }
            guard !state.isOver else { return true }
            if let reached, let answer {
                state.connections[question.peer] = reached
                state.search.answered(question, answer, at: reached.address, now: .now())
            } else {
                state.search.failed(question)
            }
            return false
        }
        if isLate || answer == nil { reached?.connection.close() }
    }

    /// One question of Kademlia and its answer, without their lengths.
    @available(*, noasync)
    private func answer(to request: [UInt8], on connection: PeerConnection) throws -> [UInt8] {
        let stream = try connection.openStreamAndWait(protocols)
        stream.timeLimits = StreamTimeLimits().endingAfter(.seconds(5))
        try stream.write(UnsignedVarint.encode(UInt64(request.count)) + request)
        var decoder = KademliaFrameDecoder(limits: KademliaLimits())
        while true {
            let bytes = try stream.read(max: 64 << 10)
            decoder.append(bytes)
            if let message = try decoder.next() {
                stream.closeWrite()
                return message
            }
            guard !bytes.isEmpty else { throw PeerServiceError.endedEarly }
        }
    }
}

extension Genesis {
    /// Whether a peer's key is one of those that may sign for the network.
    func mayBeSignedFor(by peer: PeerID) -> Bool {
        guard let account = peer.ethereumAddress else { return false }
        switch signers {
        case .anyone: return true
        case .listed(let list): return list.contains(account)
        }
    }
}
