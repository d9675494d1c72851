/// The answering side of `/ipfs/ping/1.0.0` (libp2p specs, "ping"): every 32 bytes come back.
package struct PingEcho: Sendable {
    private var input = ByteQueue()

    /// The bytes of one ping.
    package static let byteCount = 32

    /// An answerer that has seen nothing.
    package init() {}

    /// Reads what arrived and gives the whole pings in it, to be sent back.
    package mutating func receive(_ bytes: [UInt8]) -> [UInt8] {
        input.append(bytes)
        return input.take(input.count - input.count % Self.byteCount) ?? []
    }
}
