package import Attestations
package import CryptoCore
internal import EthereumCodec

/// Signs for a notary: in each session the transcript's digest, then the attestation.
package protocol NotarySigner: Sendable {
    /// The account that signs.
    var account: EthereumAddress { get }

    /// Signs the digest of a session's transcript, after which the session's seed is opened. Blocks.
    ///
    /// - Parameter digest: What ``Attestations/MisbehaviourEvidence/signedDigest(of:)`` made of the engine's digest.
    @available(*, noasync)
    func signTranscript(_ digest: Bytes32, sessionID: Bytes32) throws -> Secp256k1Signature

    /// Signs an attestation. Blocks, where there is a store until the attestation is safe.
    @available(*, noasync)
    func attest(_ header: AttestationHeader, contextText: String?) throws -> Attestation
}

/// Signs with a key and remembers nothing: for a notary without a network, whose sessions do not outlive its process.
package struct KeySigner: NotarySigner {
    private let key: Secp256k1PrivateKey

    /// A signer with this key.
    package init(key: Secp256k1PrivateKey) {
        self.key = key
    }

    package var account: EthereumAddress { key.ethereumAddress }

    package func signTranscript(_ digest: Bytes32, sessionID: Bytes32) throws -> Secp256k1Signature {
        try key.sign(digest: digest.bytes)
    }

    package func attest(_ header: AttestationHeader, contextText: String?) throws -> Attestation {
        try Attestation(signing: header, contextText: contextText, with: key)
    }
}
