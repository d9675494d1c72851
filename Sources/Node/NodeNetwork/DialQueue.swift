package import PeerProtocols

/// Which peers are being dialled, where, and which wait for their turn.
package struct DialQueue: Sendable {
    /// One attempt to reach a peer at one address.
    package struct Attempt: Hashable, Sendable {
        /// Who is expected.
        package let peer: PeerID
        /// Where; ends with the peer.
        package let address: Multiaddr
    }

    private struct Dial {
        let peer: PeerID
        let addresses: [Multiaddr]
        var next = 0

        var host: TCPEndpoint.Host? { addresses[next].tcpEndpoint?.host }
    }

    private let configuration: NodeLoopConfiguration
    private var waiting: [Dial] = []
    private var active: [PeerID: Dial] = [:]
    private var countsByGroup: [Group: Int] = [:]

    /// What dials are counted by: an IPv4 address, an IPv6 /64, or a name.
    private enum Group: Hashable {
        case address([UInt8])
        case name(DomainName)
        case none

        init(_ host: TCPEndpoint.Host?) {
            switch host {
            case .ip4(let address): self = .address(address.bytes)
            case .ip6(let address): self = .address(Array(address.bytes.prefix(8)))
            case .name(let name, _): self = .name(name)
            case nil: self = .none
            }
        }
    }

    /// A queue without dials.
    package init(configuration: NodeLoopConfiguration) {
        self.configuration = configuration
    }

    /// The dials that are under way or wait.
    package var count: Int { waiting.count + active.count }

    /// Puts a peer in line, where it stays if it is there already; false if there is no room or no address.
    package mutating func add(_ peer: PeerID, _ addresses: [Multiaddr]) -> Bool {
        guard active[peer] == nil, !waiting.contains(where: { $0.peer == peer }) else { return true }
        guard !addresses.isEmpty, waiting.count < configuration.waitingDialCountMax else { return false }
        waiting.append(Dial(peer: peer, addresses: Array(addresses.prefix(configuration.dialAddressCountMax))))
        return true
    }

    /// The next attempt to begin now, if the limits allow one.
    package mutating func next() -> Attempt? {
        guard active.count < configuration.dialCountMax else { return nil }
        let index = waiting.firstIndex {
            countsByGroup[Group($0.host), default: 0] < configuration.dialCountPerAddressMax
        }
        guard let index else { return nil }
        let dial = waiting.remove(at: index)
        active[dial.peer] = dial
        countsByGroup[Group(dial.host), default: 0] += 1
        return Attempt(peer: dial.peer, address: dial.addresses[dial.next].with(dial.peer))
    }

    /// An attempt ended.
    ///
    /// - Returns: The addresses of the peer if it failed at all of them.
    package mutating func finished(_ peer: PeerID, succeeded: Bool) -> [Multiaddr]? {
        guard var dial = active.removeValue(forKey: peer) else { return nil }
        let group = Group(dial.host)
        countsByGroup[group] = countsByGroup[group].flatMap { $0 > 1 ? $0 - 1 : nil }
        guard !succeeded else { return nil }
        dial.next += 1
        guard dial.next < dial.addresses.count else { return dial.addresses }
        waiting.insert(dial, at: 0)
        return nil
    }

    /// A peer need not be dialled any more; an attempt that is under way goes on.
    package mutating func remove(_ peer: PeerID) {
        waiting.removeAll { $0.peer == peer }
        if let dial = active[peer] {
            active[peer] = Dial(peer: peer, addresses: Array(dial.addresses.prefix(dial.next + 1)), next: dial.next)
        }
    }
}
