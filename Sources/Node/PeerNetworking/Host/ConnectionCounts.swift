internal import PeerProtocols

/// Which connections there are, in all, in their handshake and from each address, and which handshake gives way to a
/// new one.
///
/// Peers cannot take all places: a part of the connections and of the handshakes is kept for those that this side
/// dials, and when there are too many handshakes, those from where most come give way.
struct ConnectionCounts {
    private struct Connection {
        /// Where it came from; nil for one that this side dials.
        let key: [UInt8]?
        let start: MonotonicInstant
        var isHandshaking = true
    }

    /// What becomes of a connection that begins.
    struct Admission: Equatable {
        /// Whether it is counted, and may go on.
        var isAdmitted: Bool
        /// The connection that is counted no longer, and is to be closed, because the new one has its place.
        var dropped: UInt64?
        /// Whether it is refused only because peers have all connections that they may have.
        var isFull = false
    }

    private var connections: [UInt64: Connection] = [:]
    private var perAddress: [[UInt8]: Int] = [:]
    /// The handshakes of peers, by where they came from; few enough to look at all of them.
    private var handshakes: [UInt64: [UInt8]] = [:]
    private var dialledHandshakeCount = 0

    /// Counts a connection that begins, if no limit is reached.
    ///
    /// - Parameters:
    ///   - id: Greater than those before.
    ///   - key: What identifies the address that it came from; nil for a connection that this side dials.
    mutating func admit(
        _ id: UInt64,
        key: [UInt8]?,
        configuration: PeerHostConfiguration,
        now: MonotonicInstant
    ) -> Admission {
        let refused = Admission(isAdmitted: false)
        guard let key else {
            guard connections.count < configuration.connectionCountMax,
                handshakes.count + dialledHandshakeCount < configuration.handshakeCountMax
            else { return refused }
            connections[id] = Connection(key: nil, start: now)
            dialledHandshakeCount += 1
            return Admission(isAdmitted: true)
        }
        let isExempt = configuration.isLoopbackExempt && NetworkAddress.isLoopback(key)
        guard perAddress[key, default: 0] < configuration.connectionCountPerAddressMax,
            isExempt || handshakes.values.count(where: { $0 == key }) < configuration.handshakeCountPerAddressMax
        else { return refused }
        guard connections.count < configuration.connectionCountMax,
            perAddress.values.reduce(0, +) < configuration.connectionCountMax - configuration.reservedConnectionCount
        else { return Admission(isAdmitted: false, isFull: true) }
        var dropped: UInt64?
        if handshakes.count >= configuration.handshakeCountMax - configuration.reservedHandshakeCount
            || handshakes.count + dialledHandshakeCount >= configuration.handshakeCountMax
        {
            dropped = Self.mostCrowded(handshakes)
            guard let dropped, canDrop(dropped, for: key, configuration, now) else { return refused }
            release(dropped)
        }
        connections[id] = Connection(key: key, start: now)
        perAddress[key, default: 0] += 1
        handshakes[id] = key
        return Admission(isAdmitted: true, dropped: dropped)
    }

    /// The handshake of a connection is finished; false if the connection is counted no longer.
    mutating func establish(_ id: UInt64) -> Bool {
        guard let connection = connections[id] else { return false }
        endHandshake(id, connection)
        connections[id]?.isHandshaking = false
        return true
    }

    /// A connection is over; nothing happens if it is counted no longer.
    mutating func release(_ id: UInt64) {
        guard let connection = connections.removeValue(forKey: id) else { return }
        endHandshake(id, connection)
        guard let key = connection.key, let count = perAddress[key] else { return }
        perAddress[key] = count > 1 ? count - 1 : nil
    }

    /// Whether a handshake gives way to a new one: to one of the same address only if it had time enough, because else
    /// many that begin at once would end each other.
    private func canDrop(
        _ id: UInt64,
        for key: [UInt8],
        _ configuration: PeerHostConfiguration,
        _ now: MonotonicInstant
    ) -> Bool {
        guard let connection = connections[id] else { return false }
        return connection.key != key || connection.start.advanced(by: configuration.handshakePatience) <= now
    }

    private mutating func endHandshake(_ id: UInt64, _ connection: Connection) {
        guard connection.isHandshaking else { return }
        if connection.key == nil { dialledHandshakeCount -= 1 } else { handshakes[id] = nil }
    }

    /// Which of some connections gives way: of the network with most the address with most, and of that the oldest.
    ///
    /// - Parameter keys: The connections, and where they came from.
    static func mostCrowded(_ keys: [UInt64: [UInt8]]) -> UInt64? {
        var ofAddress: [[UInt8]: Int] = [:]
        var ofNetwork: [[UInt8]: Int] = [:]
        for key in keys.values {
            ofAddress[key, default: 0] += 1
            ofNetwork[NetworkAddress.network(of: key), default: 0] += 1
        }
        func rank(_ id: UInt64, _ key: [UInt8]) -> (Int, Int, UInt64) {
            (ofNetwork[NetworkAddress.network(of: key)] ?? 0, ofAddress[key] ?? 0, UInt64.max - id)
        }
        return keys.max { rank($0.key, $0.value) < rank($1.key, $1.value) }?.key
    }
}
