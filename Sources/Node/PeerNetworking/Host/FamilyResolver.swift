internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import PeerProtocols

/// Resolves host names on threads made for blocking work, with only the address families that were asked for.
///
/// `@unchecked Sendable`: immutable.
final class FamilyResolver: Resolver, @unchecked Sendable {
    private let eventLoop: any EventLoop
    private let family: TCPEndpoint.Family

    init(eventLoop: any EventLoop, family: TCPEndpoint.Family) {
        self.eventLoop = eventLoop
        self.family = family
    }

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        family == .ip6 ? eventLoop.makeSucceededFuture([]) : resolve(host, port, AF_INET)
    }

    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        family == .ip4 ? eventLoop.makeSucceededFuture([]) : resolve(host, port, AF_INET6)
    }

    func cancelQueries() {}

    /// The addresses of a name that are of a family, IPv6 first; blocks.
    static func addresses(of host: String, _ family: TCPEndpoint.Family) -> [SocketAddress] {
        (family == .ip4 ? [] : lookUp(host, 0, AF_INET6)) + (family == .ip6 ? [] : lookUp(host, 0, AF_INET))
    }

    private func resolve(_ host: String, _ port: Int, _ family: Int32) -> EventLoopFuture<[SocketAddress]> {
        NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { Self.lookUp(host, port, family) }
    }

    /// The addresses of one family, none if the name has none.
    private static func lookUp(_ host: String, _ port: Int, _ family: Int32) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_family = family
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var entry = list
        while let current = entry {
            if let raw = current.pointee.ai_addr {
                if family == AF_INET {
                    raw.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                        addresses.append(SocketAddress($0.pointee, host: host))
                    }
                } else {
                    raw.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                        addresses.append(SocketAddress($0.pointee, host: host))
                    }
                }
            }
            entry = current.pointee.ai_next
        }
        return addresses
    }
}
