/// One message of multistream-select 1.0: a varint length, then a line that ends with a line feed (libp2p specs,
/// "Protocol Negotiation").
enum MultistreamMessage: Equatable {
    /// `/multistream/1.0.0`, which each side says first.
    case header
    /// A protocol: from the initiator a proposal, from the listener the agreement.
    case name(ProtocolName)
    /// `na`: the proposal is refused.
    case notAvailable
    /// `ls`: a request to list the protocols.
    case list

    /// More than the longest name and its line feed.
    static let byteCountMax = ProtocolName.byteCountMax + 1

    private static let headerText = "/multistream/1.0.0"

    /// The bytes on the wire.
    var encoded: [UInt8] {
        let text =
            switch self {
            case .header: Self.headerText
            case .name(let name): name.description
            case .notAvailable: "na"
            case .list: "ls"
            }
        return UnsignedVarint.encode(UInt64(text.utf8.count + 1)) + text.utf8 + [0x0a]
    }

    /// Takes one message from the front of `input`, or gives nil when it has not arrived in full.
    static func take(from input: inout ByteQueue) throws(MultistreamError) -> MultistreamMessage? {
        let prefix: (value: UInt64, byteCount: Int)?
        do { prefix = try UnsignedVarint.decode(input.bytes.prefix(UnsignedVarint.byteCountMax + 1)) } catch {
            throw .malformed
        }
        guard let prefix else { return nil }
        guard prefix.value >= 1 else { throw .malformed }
        guard prefix.value <= UInt64(byteCountMax) else { throw .oversize(announced: prefix.value) }
        let length = Int(prefix.value)
        guard input.count >= prefix.byteCount + length else { return nil }
        input.removeFirst(prefix.byteCount)
        guard let line = input.take(length), line.last == 0x0a else { throw .malformed }
        let text = String(decoding: line.dropLast(), as: UTF8.self)
        switch text {
        case headerText: return .header
        case "na": return .notAvailable
        case "ls": return .list
        default:
            guard let name = ProtocolName(text) else { throw .malformed }
            return .name(name)
        }
    }
}

/// Why a negotiation failed; all but `noCommonProtocol` break the protocol, and all are the peer's doing.
package enum MultistreamError: Error, Equatable, Sendable {
    /// Not a message of multistream-select.
    case malformed
    /// A message announces more bytes than a name may have.
    case oversize(announced: UInt64)
    /// A valid message at the wrong time, for example a name that was not proposed.
    case unexpectedMessage
    /// The peer refused everything proposed, or proposed too much that is not spoken here.
    case noCommonProtocol
}
