/// The number of a stream on its connection: odd from the dialler, even from the listener, never 0.
package struct YamuxStreamID: Hashable, Sendable, CustomStringConvertible {
    let rawValue: UInt32

    package var description: String { "stream \(rawValue)" }
}

/// The twelve bytes before every yamux frame (hashicorp/yamux, "Framing"): version 0, kind, flags, stream, length.
struct YamuxHeader: Equatable {
    enum Kind: UInt8 {
        case data = 0
        case windowUpdate = 1
        case ping = 2
        case goAway = 3
    }

    struct Flags: OptionSet {
        let rawValue: UInt16
        static let syn = Flags(rawValue: 1)
        static let ack = Flags(rawValue: 2)
        static let fin = Flags(rawValue: 4)
        static let rst = Flags(rawValue: 8)
    }

    let kind: Kind
    let flags: Flags
    let streamID: UInt32
    /// Bytes that follow, or the increment of a window, or the value of a ping, or the reason of a go-away.
    let length: UInt32

    static let byteCount = 12

    init(_ kind: Kind, _ flags: Flags = [], stream: UInt32, length: UInt32) {
        self.kind = kind
        self.flags = flags
        streamID = stream
        self.length = length
    }

    /// Parses twelve bytes.
    init(bytes: ArraySlice<UInt8>) throws(YamuxError) {
        precondition(bytes.count == Self.byteCount, "a yamux header has twelve bytes")
        let at = bytes.startIndex
        guard bytes[at] == 0 else { throw .unsupportedVersion(bytes[at]) }
        guard let kind = Kind(rawValue: bytes[at + 1]) else { throw .unknownFrameKind(bytes[at + 1]) }
        let flags = Flags(rawValue: UInt16(bytes[at + 2]) << 8 | UInt16(bytes[at + 3]))
        guard flags.isSubset(of: [.syn, .ack, .fin, .rst]) else { throw .unknownFlags(flags.rawValue) }
        self.kind = kind
        self.flags = flags
        streamID = bytes[(at + 4)..<(at + 8)].reduce(0) { $0 << 8 | UInt32($1) }
        length = bytes[(at + 8)...].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Appends the twelve bytes.
    func write(into output: inout [UInt8]) {
        output.append(0)
        output.append(kind.rawValue)
        output.append(UInt8(flags.rawValue >> 8))
        output.append(UInt8(flags.rawValue & 0xff))
        for value in [streamID, length] {
            for shift in [UInt32(24), 16, 8, 0] { output.append(UInt8(truncatingIfNeeded: value >> shift)) }
        }
    }
}

/// Why a side ends a connection, as its go-away frame says.
package enum YamuxGoAwayReason: UInt32, Sendable {
    case normal = 0
    case protocolError = 1
    case internalError = 2
}
