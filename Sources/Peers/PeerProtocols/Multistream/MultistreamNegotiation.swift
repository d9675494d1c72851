/// Either side of a negotiation, so that a connection and a stream need not ask which one they are.
struct MultistreamNegotiation: Sendable {
    private enum Side {
        case initiator(MultistreamInitiator)
        case listener(MultistreamListener)
    }

    private var side: Side

    /// The proposing side.
    init(proposing protocols: [ProtocolName]) {
        side = .initiator(MultistreamInitiator(protocols))
    }

    /// The accepting side.
    init(accepting protocols: Set<ProtocolName>) {
        side = .listener(MultistreamListener(protocols))
    }

    /// As ``MultistreamInitiator/advance(_:output:)``.
    mutating func advance(
        _ input: inout ByteQueue,
        output: inout [UInt8]
    ) throws(MultistreamError) -> ProtocolName? {
        switch side {
        case .initiator(var machine):
            let agreed = try machine.advance(&input, output: &output)
            side = .initiator(machine)
            return agreed
        case .listener(var machine):
            let agreed = try machine.advance(&input, output: &output)
            side = .listener(machine)
            return agreed
        }
    }
}
