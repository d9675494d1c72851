internal import PeerProtocols

/// Cuts a stream of length-prefixed RPCs into RPCs, however the bytes arrive.
///
/// Holds at most one RPC and whatever came with its last bytes.
package struct GossipFrameDecoder: Sendable {
    private let limits: GossipLimits
    private var input = ByteQueue()

    /// A decoder at the start of a stream.
    package init(limits: GossipLimits) {
        self.limits = limits
    }

    /// The number of bytes that wait for the rest of their RPC.
    package var bufferedByteCount: Int { input.count }

    /// Takes bytes that arrived.
    package mutating func append(_ bytes: some Sequence<UInt8>) {
        input.append(bytes)
    }

    /// The next whole RPC, or nil when its last byte has not arrived.
    ///
    /// - Throws: ``GossipRPCError``. The stream is of no use afterwards; an oversize RPC is refused by its length, before
    ///   it is buffered.
    package mutating func next() throws(GossipRPCError) -> GossipRPC? {
        let prefix: (value: UInt64, byteCount: Int)?
        do { prefix = try UnsignedVarint.decode(input.bytes.prefix(UnsignedVarint.byteCountMax + 1)) } catch {
            throw .malformed(.invalidVarint)
        }
        guard let prefix else { return nil }
        guard prefix.value <= UInt64(limits.rpcByteCountMax) else { throw .oversize(announced: prefix.value) }
        guard input.count - prefix.byteCount >= Int(prefix.value) else { return nil }
        input.removeFirst(prefix.byteCount)
        guard let body = input.take(Int(prefix.value)) else { return nil }
        return try GossipRPC(decoding: body, limits: limits)
    }
}
