/// The side of multistream-select 1.0 that accepts or refuses proposals; see ``MultistreamInitiator``.
package struct MultistreamListener: Sendable {
    private let supported: Set<ProtocolName>
    private var headerReceived = false
    private var started = false
    private var refusalsLeft = Self.refusalCountMax

    /// The proposals refused before the listener gives up.
    static let refusalCountMax = 16

    /// A listener that accepts any of `supported`.
    package init(_ supported: Set<ProtocolName>) {
        self.supported = supported
    }

    /// Reads what arrived and says what to send; bytes after the agreement stay in `input`.
    ///
    /// `ls` is answered with `na`: no implementation in use depends on lists.
    ///
    /// - Returns: The agreed protocol when the negotiation is over.
    package mutating func advance(
        _ input: inout ByteQueue,
        output: inout [UInt8]
    ) throws(MultistreamError) -> ProtocolName? {
        if !started {
            started = true
            output += MultistreamMessage.header.encoded
        }
        while let message = try MultistreamMessage.take(from: &input) {
            switch message {
            case .header where !headerReceived: headerReceived = true
            case .name(let name) where headerReceived && supported.contains(name):
                output += MultistreamMessage.name(name).encoded
                return name
            case .name where headerReceived, .list where headerReceived:
                guard refusalsLeft > 0 else { throw .noCommonProtocol }
                refusalsLeft -= 1
                output += MultistreamMessage.notAvailable.encoded
            default: throw .unexpectedMessage
            }
        }
        return nil
    }
}
