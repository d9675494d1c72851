internal import PeerProtocols

/// Cuts a stream of length-prefixed RPCs into RPCs, however the bytes arrive.
///
/// Holds at most one RPC and whatever came with its last bytes.
package struct GossipFrameDecoder: Sendable {
    private let limits: GossipLimits
    private var frames: MessageFrameDecoder

    /// A decoder at the start of a stream.
    package init(limits: GossipLimits) {
        self.limits = limits
        frames = MessageFrameDecoder(frameByteCountMax: limits.rpcByteCountMax)
    }

    /// The number of bytes that wait for the rest of their RPC.
    package var bufferedByteCount: Int { frames.bufferedByteCount }

    /// Takes bytes that arrived.
    package mutating func append(_ bytes: some Sequence<UInt8>) {
        frames.append(bytes)
    }

    /// The next whole RPC, or nil when its last byte has not arrived.
    ///
    /// - Throws: ``GossipRPCError``. The stream is of no use afterwards.
    package mutating func next() throws(GossipRPCError) -> GossipRPC? {
        let body: [UInt8]?
        do throws(MessageFrameError) { body = try frames.next() } catch {
            switch error {
            case .malformedLength: throw .malformed(.invalidVarint)
            case .oversize(let announced): throw .oversize(announced: announced)
            }
        }
        return try body.map { (body) throws(GossipRPCError) in try GossipRPC(decoding: body, limits: limits) }
    }
}
