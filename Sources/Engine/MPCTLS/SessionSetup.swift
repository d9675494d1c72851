internal import Correlations
internal import CryptoCore
internal import PartyChannel
internal import WireFormat

/// What both parties derive from the agreed parameters.
package struct SessionContext {
    /// 32 bytes, contributed to by both parties.
    let sessionID: [UInt8]
    let parameters: SessionParameters
    let acceptance: SessionAcceptance

    /// The context of what both parties said first.
    package init(parameters: SessionParameters, acceptance: SessionAcceptance) {
        self.parameters = parameters
        self.acceptance = acceptance
        sessionID = SHA256.hash(
            Array("tabellion session v1".utf8) + parameters.wireBytes + acceptance.wireBytes
        )
    }

    /// A session-bound name for one of its protocols, 32 bytes.
    func label(_ name: String) -> [UInt8] {
        SHA256.hash(Array("tabellion \(name) v1".utf8) + sessionID)
    }

    /// The public start point of the garbler's hash.
    var hashSeed: Block { Block(littleEndian: label("garbling")[..<16]) }

    /// Evaluations over GF(2^128) that the session's longest record takes.
    var hashKeyEvaluationCount: Int { TagSharing.evaluationCount(byteCount: max(16, parameters.maxSent)) }

    /// Output wires that stay shared: hash key, two masks, Finished's block, the request's blocks.
    var sharedBitCount: Int { 128 * (4 + (parameters.maxSent + 15) / 16) }

    /// Authenticated bits to prepare before anything else.
    ///
    /// Never less than what is committed before the opening, because a commitment must not interact.
    var correlationCount: Int { max(parameters.preparedCorrelations, sharedBitCount + 256) }

    /// The digest by which the parties compare the active labels of a keystream.
    func labelDigest(_ labels: [Block], record: String) -> [UInt8] {
        SHA256.hash(label("\(record) labels") + BlockCoding.bytes(labels))
    }

    /// The notary's commitment to a label digest.
    func labelCommitment(digest: [UInt8], nonce: [UInt8]) -> [UInt8] {
        SHA256.hash(Array("tabellion label commitment v1".utf8) + digest + nonce)
    }
}
