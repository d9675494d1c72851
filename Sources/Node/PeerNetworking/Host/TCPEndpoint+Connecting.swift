internal import NIOCore
internal import NIOPosix
internal import PeerProtocols

extension TCPEndpoint {
    /// Opens a TCP connection; names are resolved off the event loop, and their addresses tried as RFC 8305 says.
    func connect(_ bootstrap: ClientBootstrap, on loop: any EventLoop) -> EventLoopFuture<any Channel> {
        do {
            switch host {
            case .ip4(let ip):
                return bootstrap.connect(to: try SocketAddress(ipAddress: "\(ip)", port: Int(port)))
            case .ip6(let ip):
                return bootstrap.connect(to: try SocketAddress(ipAddress: "\(ip)", port: Int(port)))
            case .name(let name, let family):
                return bootstrap.resolver(FamilyResolver(eventLoop: loop, family: family))
                    .connect(host: name.description, port: Int(port))
            }
        } catch {
            return loop.makeFailedFuture(error)
        }
    }
}

extension PeerHostError {
    /// What a failed attempt to connect means.
    init(connecting error: any Error) {
        switch error {
        case let error as PeerHostError: self = error
        case let error as NoiseError: self = .connectionFailed(.security(error))
        case ChannelError.connectTimeout: self = .connectTimedOut
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first {
                if case ChannelError.connectTimeout = first.error {
                    self = .connectTimedOut
                } else {
                    self = .network("\(error.host): \(first.error)")
                }
            } else {
                self = .network("no address found for \(error.host)")
            }
        default: self = .network(String(describing: error))
        }
    }
}
