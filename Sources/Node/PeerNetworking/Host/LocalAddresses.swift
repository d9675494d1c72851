internal import NIOCore
package import PeerProtocols

extension Multiaddr {
    /// Whether the address stands for all of a machine's (`0.0.0.0` and `::`), so that nobody can dial it.
    package var isOfAllInterfaces: Bool {
        switch components.first {
        case .ip4(let address): address.bytes.allSatisfy { $0 == 0 }
        case .ip6(let address): address.bytes.allSatisfy { $0 == 0 }
        default: false
        }
    }
}

/// What this machine can be reached at.
package enum LocalAddresses {
    /// The addresses of the network interfaces, without ports, in the system's order; none if the system does not tell.
    package static var ofInterfaces: [Multiaddr] {
        let devices = (try? System.enumerateDevices()) ?? []
        var result: [Multiaddr] = []
        for device in devices {
            guard let address = device.address.flatMap(Multiaddr.init), let host = address.components.first else {
                continue
            }
            let bare = Multiaddr([host])
            if !result.contains(bare) { result.append(bare) }
        }
        return result
    }

    /// The addresses that a name stands for at present, with this port; blocks while the resolver works.
    @available(*, noasync)
    package static func resolve(_ name: DomainName, _ family: TCPEndpoint.Family, port: UInt16) -> [Multiaddr] {
        FamilyResolver.addresses(of: name.description, family).compactMap { address in
            Multiaddr(address)?.components.first.map { Multiaddr([$0, .tcp(port)]) }
        }
    }
}
