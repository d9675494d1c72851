internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix
package import PeerProtocols

extension PeerHost {
    /// Accepts connections at an address; port 0 takes a free one.
    ///
    /// - Returns: The address in full, with the port and this host's peer id.
    /// - Throws: ``PeerHostError``.
    @discardableResult
    package func listen(on address: Multiaddr) async throws -> Multiaddr {
        try await listenFuture(address).get()
    }

    /// As ``listen(on:)``, blocking the calling thread.
    @available(*, noasync)
    @discardableResult
    package func listenAndWait(on address: Multiaddr) throws -> Multiaddr {
        try listenFuture(address).wait()
    }

    /// Where the host listens, without its peer id; perhaps at all addresses of the machine.
    package var listenAddresses: [Multiaddr] {
        state.withLockedValue { $0.listeners.map(\.address) }
    }

    /// Where identify tells peers that they reach this host; nil: where it listens, as far as that is an address.
    package var announcedAddresses: [Multiaddr]? {
        get { state.withLockedValue(\.announcedAddresses) }
        set { state.withLockedValue { $0.announcedAddresses = newValue } }
    }

    private func listenFuture(_ address: Multiaddr) -> EventLoopFuture<Multiaddr> {
        let loop = group.next()
        guard let endpoint = address.tcpEndpoint else {
            return loop.makeFailedFuture(PeerHostError.unsupportedAddress(address))
        }
        let socketAddress: SocketAddress
        do {
            switch endpoint.host {
            case .ip4(let ip): socketAddress = try SocketAddress(ipAddress: "\(ip)", port: Int(endpoint.port))
            case .ip6(let ip): socketAddress = try SocketAddress(ipAddress: "\(ip)", port: Int(endpoint.port))
            case .name: throw PeerHostError.unsupportedAddress(address)
            }
        } catch {
            return loop.makeFailedFuture(PeerHostError.unsupportedAddress(address))
        }
        var bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        if case .ip6 = endpoint.host {
            // `/ip6/::` is not `/ip4/0.0.0.0`: a host may listen at both, with one port.
            bootstrap = bootstrap.serverChannelOption(
                ChannelOptions.Types.SocketOption(level: .ipv6, name: .ipv6_v6only),
                value: 1
            )
        }
        let bound =
            bootstrap
            .childChannelOption(.maxMessagesPerRead, value: 4)
            .childChannelInitializer { [weak self] channel in
                guard let self else { return channel.close() }
                return self.acceptConnection(channel)
            }
            .bind(to: socketAddress)
        return bound.flatMapThrowing { channel in
            guard let local = channel.localAddress.flatMap(Multiaddr.init) else {
                throw PeerHostError.unsupportedAddress(address)
            }
            let isShutDown = self.state.withLockedValue { state in
                if !state.isShutDown { state.listeners.append((channel, local)) }
                return state.isShutDown
            }
            guard !isShutDown else {
                channel.close(promise: nil)
                throw PeerHostError.shutDown
            }
            return local.with(self.identity.id)
        }.flatMapErrorThrowing { error in
            throw error is PeerHostError ? error : PeerHostError.network(String(describing: error))
        }
    }

    private func acceptConnection(_ channel: any Channel) -> EventLoopFuture<Void> {
        let key = channel.remoteAddress.flatMap(Multiaddr.init)?.countingKey ?? []
        guard case .success(let id) = admit(key: key, channel: channel) else { return channel.close() }
        return addHandler(to: channel, role: .listener, expectedPeer: nil, id: id, established: nil)
    }
}
