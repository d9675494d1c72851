internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix
package import PeerProtocols

extension PeerHost {
    /// Connects to a peer at an address that ends with `/p2p/` and its id.
    ///
    /// - Returns: The connection, on which that peer and nobody else answers.
    /// - Throws: ``PeerHostError``; a peer with another key gives `.connectionFailed(.security(.unexpectedPeer))`.
    package func dial(_ address: Multiaddr) async throws -> PeerConnection {
        try await dialFuture(address).get()
    }

    /// As ``dial(_:)``, blocking the calling thread.
    @available(*, noasync)
    package func dialAndWait(_ address: Multiaddr) throws -> PeerConnection {
        try dialFuture(address).wait()
    }

    func dialFuture(_ address: Multiaddr) -> EventLoopFuture<PeerConnection> {
        let loop = group.next()
        guard let endpoint = address.tcpEndpoint else {
            return loop.makeFailedFuture(PeerHostError.unsupportedAddress(address))
        }
        guard let peer = address.peerID else { return loop.makeFailedFuture(PeerHostError.missingPeerID(address)) }
        let id: PeerConnectionID
        switch admit(key: nil) {
        case .success(let admitted): id = admitted
        case .failure(let refusal): return loop.makeFailedFuture(refusal)
        }
        let established = loop.makePromise(of: PeerConnection.self)
        let connected = NIOLockedValueBox(false)
        // The listener speaks at once: nothing is read before the handler is there.
        let bootstrap = ClientBootstrap(group: loop)
            .channelOption(.autoRead, value: false)
            .channelOption(.maxMessagesPerRead, value: 4)
            .connectTimeout(TimeAmount(configuration.connectTimeout))
        endpoint.connect(bootstrap, on: loop).flatMap { channel in
            connected.withLockedValue { $0 = true }
            return self.addHandler(to: channel, role: .dialer, expectedPeer: peer, id: id, established: established)
        }.whenFailure { error in
            if !connected.withLockedValue({ $0 }) { self.release(id) }
            established.fail(PeerHostError(connecting: error))
        }
        return established.futureResult
    }
}
