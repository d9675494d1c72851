package import PeerProtocols

/// One stream of a request-and-answer protocol; gossip has none, because its streams last as long as the connection.
///
/// Numbers are never used twice while a node runs. This node counts the streams that it opens, its driver counts those
/// that peers open.
package struct StreamID: Hashable, Comparable, Sendable {
    /// Who opened the stream.
    package enum Opener: UInt8, Sendable {
        /// This node, which chose the number in ``NodeEffect/openStream(_:to:_:)``.
        case node
        /// The peer; the driver chose the number.
        case peer
    }

    /// Who opened the stream.
    package let opener: Opener
    /// Counted by whoever chose it.
    package let number: UInt64

    /// The stream with this number.
    package init(opener: Opener, number: UInt64) {
        self.opener = opener
        self.number = number
    }

    /// Own streams come first, then by number.
    package static func < (left: StreamID, right: StreamID) -> Bool {
        (left.opener.rawValue, left.number) < (right.opener.rawValue, right.number)
    }
}

/// A protocol whose streams carry frames, each behind its length as an unsigned varint.
package struct FramedProtocol: Hashable, Sendable {
    /// The name to negotiate.
    package let name: ProtocolName
    /// The longest frame that is read; a longer one resets the stream before it is buffered.
    package let frameByteCountMax: Int

    /// A protocol with this limit.
    package init(name: ProtocolName, frameByteCountMax: Int) {
        self.name = name
        self.frameByteCountMax = frameByteCountMax
    }

    /// Catching up on records: `docs/network.md`.
    package static let sync = FramedProtocol(name: "/tabellion/sync/1", frameByteCountMax: 512 << 10)
}
