package import Attestations
package import CryptoCore
internal import MPCTLS

extension MisbehaviourEvidence {
    /// What a failed session leaves against its notary; nil if `error` is of another kind or comes without evidence.
    ///
    /// - Parameter notary: whose signature the session checked.
    package init?(_ error: any Error, notary: EthereumAddress) {
        guard case MPCTLSError.notaryMisbehaved(let what, let kept?) = error,
            let sessionID = Bytes32(kept.sessionID),
            let transcriptDigest = Bytes32(kept.transcriptDigest),
            let seed = Bytes32(kept.seed)
        else { return nil }
        do {
            try self.init(
                notary: notary,
                sessionID: sessionID,
                transcriptDigest: transcriptDigest,
                signature: kept.signature,
                seed: seed,
                contradiction: what
            )
        } catch {
            return nil
        }
    }
}
