package import Attestations
package import CryptoCore
internal import NodeCore
package import NodeNetwork
internal import Records

/// Signs as a node of a network does.
///
/// Nothing is signed before the intent, or the attestation, is safe in the node's store, and nothing different for the
/// same session, ever. What it attests is published.
package struct NodeSigner: NotarySigner {
    private let key: Secp256k1PrivateKey
    private let node: NodeLoop

    /// Signs with the key of `node`.
    package init(key: Secp256k1PrivateKey, node: NodeLoop) {
        self.key = key
        self.node = node
    }

    package var account: EthereumAddress { key.ethereumAddress }

    package func signTranscript(_ digest: Bytes32, sessionID: Bytes32) throws -> Secp256k1Signature {
        let intent = SigningIntent(kind: .sessionTranscript, subject: sessionID, digest: digest)
        switch node.permit(intent) {
        case .permitted(let permitted) where permitted == intent: return try key.sign(digest: digest.bytes)
        case .refused(let refusal): throw refusal
        case .permitted, .attested: throw SigningRefusal.unfitting("the node answered something else")
        }
    }

    package func attest(_ header: AttestationHeader, contextText: String?) throws -> Attestation {
        switch node.attest(header, contextText: contextText) {
        case .attested(let attestation): return attestation
        case .refused(let refusal): throw refusal
        case .permitted: throw SigningRefusal.unfitting("the node answered something else")
        }
    }
}
