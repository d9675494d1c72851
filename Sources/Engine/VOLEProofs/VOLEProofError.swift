/// Why a proof step failed, and whose fault that is.
///
/// A party that met an error abandons the proof: the two sides no longer agree on what was done. The verifier
/// enforces this by throwing its first peer fault again on every later call.
package enum VOLEProofError: Error, Equatable, Sendable {
    /// Peer's fault: a step needs more message bytes than the prover has sent.
    case messageTooShort(needed: Int, available: Int)
    /// Peer's fault: the prover has sent bytes that belong to no step.
    case trailingMessageBytes(Int)
    /// Peer's fault: the unused bits of a step's last byte are not zero.
    case paddingNotZero
    /// Peer's fault: the final proof has another length than ``FinalProof/byteCount``.
    case malformedFinalProof(byteCount: Int)
    /// Peer's fault: the final proof does not fit the verifier's keys, so some statement is false or was tampered with.
    case proofRejected

    /// Caller's fault: a step got another number of wires or bits than it takes.
    case wrongWireCount(expected: Int, received: Int)
    /// Caller's fault: a counter lies outside the 256 counters that its prefix was computed for.
    case counterOutsidePrefix
    /// Caller's fault: the proof cannot end while constraints await a challenge.
    case constraintsPending(Int)
    /// Caller's fault: the prover was asked to fold or finish before its message was taken; the challenge must be
    /// drawn after the verifier has that message.
    case messageNotTaken(byteCount: Int)
    /// Caller's fault: the proof has ended.
    case alreadyFinished
    /// The prover's caller, or the peer that made it assert this: the witness does not satisfy the assertion.
    ///
    /// Going on would give the verifier the difference between the wires and the asserted bits.
    case assertionIsFalse

    /// Our bug: the source of correlations returned another number of blocks than asked for.
    case wrongCorrelationCount(expected: Int, received: Int)

    /// Whether the other party has sent something that an honest prover never sends.
    package var isPeerFault: Bool {
        switch self {
        case .messageTooShort, .trailingMessageBytes, .paddingNotZero, .malformedFinalProof, .proofRejected: true
        case .wrongWireCount, .counterOutsidePrefix, .constraintsPending, .messageNotTaken, .alreadyFinished,
            .assertionIsFalse, .wrongCorrelationCount:
            false
        }
    }
}

extension VOLEProofError: CustomStringConvertible {
    /// What happened, in words, without any witness or key bit.
    package var description: String {
        switch self {
        case .messageTooShort(let needed, let available):
            "the proof message is too short: a step needs \(needed) bytes, \(available) are left"
        case .trailingMessageBytes(let count): "\(count) bytes of the proof message belong to no step"
        case .paddingNotZero: "unused bits of the proof message are not zero"
        case .malformedFinalProof(let count): "the final proof has \(count) bytes, it must have \(FinalProof.byteCount)"
        case .proofRejected: "the proof is wrong: a proved statement is false or was changed on the way"
        case .wrongWireCount(let expected, let received): "\(received) wires or bits given, \(expected) needed"
        case .counterOutsidePrefix: "the counter does not share the upper 24 bits of its prefix"
        case .constraintsPending(let count): "\(count) constraints still await a challenge"
        case .messageNotTaken(let count): "\(count) message bytes were not taken before the challenge"
        case .alreadyFinished: "the proof has ended"
        case .assertionIsFalse: "the witness does not satisfy an assertion"
        case .wrongCorrelationCount(let expected, let received):
            "\(received) correlations were delivered, \(expected) were asked for"
        }
    }
}
