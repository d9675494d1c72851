package import CryptoCore
package import PartyChannel

/// Why a correlation protocol stopped, and whose fault it was.
///
/// Errors of the channel itself are thrown as ``ChannelError``.
package enum CorrelationError: Error, Equatable, Sendable {
    /// The peer sent bytes that encode no usable curve point.
    case invalidPoint(tag: FrameTag)
    /// The peer's frame has the right length but holds a number out of range.
    case malformed(tag: FrameTag)
    /// The COT receiver's punctured trees contradict each other: it tried to learn bits of Δ, or to break the trees.
    case inconsistentTrees
    /// The COT receiver used different choice vectors in different columns (SoftSpokenOT consistency check).
    case inconsistentChoices
    /// The other party's trees or masks of a bulk extension contradict each other (Ferret consistency check).
    case inconsistentNoise
    /// What the OLE sender opened does not explain the messages that it had sent.
    case auditFailed
    /// A count is negative or above what one call may ask for.
    case invalidCount(Int)
    /// This instance failed before; nothing it produced afterwards could be trusted.
    case unusable
    /// A library failed where correct input cannot make it fail.
    case environment(CryptoError)

    /// Who caused an error.
    package enum Blame: Equatable, Sendable {
        /// The other party deviated from the protocol.
        case peer
        /// Our own caller misused the interface.
        case caller
        /// Memory, libraries or the machine.
        case environment
    }

    /// Who caused this error.
    package var blame: Blame {
        switch self {
        case .invalidPoint, .malformed, .inconsistentTrees, .inconsistentChoices, .inconsistentNoise, .auditFailed:
            .peer
        case .invalidCount, .unusable: .caller
        case .environment: .environment
        }
    }
}

extension CorrelationError: CustomStringConvertible {
    /// One sentence for logs.
    package var description: String {
        switch self {
        case .invalidPoint(let tag): "\(tag) holds bytes that encode no curve point"
        case .malformed(let tag): "\(tag) holds a number out of range"
        case .inconsistentTrees: "the peer's punctured trees contradict each other"
        case .inconsistentChoices: "the peer used inconsistent choice vectors"
        case .inconsistentNoise: "the peer's bulk extension contradicts its consistency check"
        case .auditFailed: "what the peer opened does not explain its messages"
        case .invalidCount(let count): "\(count) is no count of correlations that one call may ask for"
        case .unusable: "this instance failed before and must not be used again"
        case .environment(let error): "a library failed: \(error)"
        }
    }
}
