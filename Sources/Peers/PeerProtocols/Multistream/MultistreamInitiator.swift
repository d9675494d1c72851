/// The side of multistream-select 1.0 that proposes.
///
/// ```
/// initiator                              listener
///   /multistream/1.0.0, first proposal ->
///                                      <- /multistream/1.0.0
///                                      <- the same name, or "na"
///   next proposal                      ->       …
/// ```
package struct MultistreamInitiator: Sendable {
    private var proposals: ArraySlice<ProtocolName>
    private var headerReceived = false
    private var started = false

    /// A negotiation for the first of `protocols` that the listener speaks; 1 to 16 names.
    package init(_ protocols: [ProtocolName]) {
        precondition((1...16).contains(protocols.count), "an initiator proposes 1 to 16 protocols")
        proposals = protocols[...]
    }

    /// Reads what arrived and says what to send.
    ///
    /// Call once with nothing to begin. Bytes after the agreement stay in `input`.
    ///
    /// - Returns: The agreed protocol when the negotiation is over.
    package mutating func advance(
        _ input: inout ByteQueue,
        output: inout [UInt8]
    ) throws(MultistreamError) -> ProtocolName? {
        if !started {
            started = true
            output += MultistreamMessage.header.encoded
            propose(&output)
        }
        while let message = try MultistreamMessage.take(from: &input) {
            switch message {
            case .header where !headerReceived: headerReceived = true
            case .name(let name) where headerReceived && name == proposals.first: return name
            case .notAvailable where headerReceived:
                proposals.removeFirst()
                guard !proposals.isEmpty else { throw .noCommonProtocol }
                propose(&output)
            default: throw .unexpectedMessage
            }
        }
        return nil
    }

    private func propose(_ output: inout [UInt8]) {
        guard let name = proposals.first else { return }
        output += MultistreamMessage.name(name).encoded
    }
}
