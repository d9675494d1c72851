internal import PeerProtocols

/// Cuts a stream of length-prefixed messages into messages, however the bytes arrive.
///
/// Holds at most one message and whatever came with its last bytes. What it gives, ``PeerDiscovery`` parses.
package struct KademliaFrameDecoder: Sendable {
    private let byteCountMax: Int
    private var input = ByteQueue()

    /// A decoder at the start of a stream.
    package init(limits: KademliaLimits) {
        byteCountMax = limits.messageByteCountMax
    }

    /// The number of bytes that wait for the rest of their message.
    package var bufferedByteCount: Int { input.count }

    /// Takes bytes that arrived.
    package mutating func append(_ bytes: some Sequence<UInt8>) {
        input.append(bytes)
    }

    /// The next whole message without its length, or nil when its last byte has not arrived.
    ///
    /// - Throws: ``KademliaMessageError``. The stream is of no use afterwards; an oversize message is refused by its
    ///   length, before it is buffered.
    package mutating func next() throws(KademliaMessageError) -> [UInt8]? {
        let prefix: (value: UInt64, byteCount: Int)?
        do { prefix = try UnsignedVarint.decode(input.bytes.prefix(UnsignedVarint.byteCountMax + 1)) } catch {
            throw .malformed(.invalidVarint)
        }
        guard let prefix else { return nil }
        guard prefix.value <= UInt64(byteCountMax) else { throw .oversize(announced: prefix.value) }
        guard input.count - prefix.byteCount >= Int(prefix.value) else { return nil }
        input.removeFirst(prefix.byteCount)
        return input.take(Int(prefix.value))
    }
}
