internal import PeerProtocols

/// Cuts a stream of length-prefixed messages into messages, however the bytes arrive.
///
/// Holds at most one message and whatever came with its last bytes. What it gives, ``PeerDiscovery`` parses.
package struct KademliaFrameDecoder: Sendable {
    private var frames: MessageFrameDecoder

    /// A decoder at the start of a stream.
    package init(limits: KademliaLimits) {
        frames = MessageFrameDecoder(frameByteCountMax: limits.messageByteCountMax)
    }

    /// The number of bytes that wait for the rest of their message.
    package var bufferedByteCount: Int { frames.bufferedByteCount }

    /// Takes bytes that arrived.
    package mutating func append(_ bytes: some Sequence<UInt8>) {
        frames.append(bytes)
    }

    /// The next whole message without its length, or nil when its last byte has not arrived.
    ///
    /// - Throws: ``KademliaMessageError``. The stream is of no use afterwards.
    package mutating func next() throws(KademliaMessageError) -> [UInt8]? {
        do throws(MessageFrameError) { return try frames.next() } catch {
            switch error {
            case .malformedLength: throw .malformed(.invalidVarint)
            case .oversize(let announced): throw .oversize(announced: announced)
            }
        }
    }
}
