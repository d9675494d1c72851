/// The name of a protocol as multistream-select negotiates it, for example `/ipfs/ping/1.0.0`.
package struct ProtocolName: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The text: 1 to 256 bytes, beginning with a slash, without line breaks.
    package let description: String

    /// The longest name.
    package static let byteCountMax = 256

    /// Parses a name, or gives nil.
    package init?(_ text: String) {
        guard (1...Self.byteCountMax).contains(text.utf8.count), text.utf8.first == 0x2f,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f })
        else { return nil }
        description = text
    }

    /// Names are equal when their bytes are; strings would also be equal when they only look alike.
    package static func == (left: ProtocolName, right: ProtocolName) -> Bool {
        left.description.utf8.elementsEqual(right.description.utf8)
    }

    /// Hashes what ``==(_:_:)`` compares; strings that only look alike would all have one hash.
    package func hash(into hasher: inout Hasher) {
        var name = description
        name.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// A name that is written in the program.
    package init(stringLiteral value: String) {
        guard let name = ProtocolName(value) else { preconditionFailure("a protocol name in the program is malformed") }
        self = name
    }

    /// The Noise handshake that secures connections.
    package static let noise: ProtocolName = "/noise"
    /// The multiplexer of streams.
    package static let yamux: ProtocolName = "/yamux/1.0.0"
    /// Tells a peer about itself and the other end.
    package static let identify: ProtocolName = "/ipfs/id/1.0.0"
    /// Tells a peer that something about this side changed.
    package static let identifyPush: ProtocolName = "/ipfs/id/push/1.0.0"
    /// Echoes 32 bytes.
    package static let ping: ProtocolName = "/ipfs/ping/1.0.0"
}
