/// How many connections there are, in all, in their handshake, and from each address.
struct ConnectionCounts {
    private var total = 0
    private var handshaking = 0
    private var perAddress: [[UInt8]: Int] = [:]

    /// Counts a connection that begins; false, and not counted, if a limit is reached.
    ///
    /// - Parameter key: What identifies the address that it came from; nil for a connection that this side dials.
    mutating func admit(key: [UInt8]?, configuration: PeerHostConfiguration) -> Bool {
        guard total < configuration.connectionCountMax, handshaking < configuration.handshakeCountMax else {
            return false
        }
        if let key {
            guard perAddress[key, default: 0] < configuration.connectionCountPerAddressMax else { return false }
            perAddress[key, default: 0] += 1
        }
        total += 1
        handshaking += 1
        return true
    }

    /// The handshake of a counted connection is finished.
    mutating func establish() {
        handshaking -= 1
    }

    /// A counted connection is over.
    mutating func release(key: [UInt8]?, established: Bool) {
        total -= 1
        if !established { handshaking -= 1 }
        guard let key, let count = perAddress[key] else { return }
        perAddress[key] = count > 1 ? count - 1 : nil
    }
}
