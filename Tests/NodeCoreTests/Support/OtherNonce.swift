import CSecp256k1
import CryptoCore

/// Signs as a notary could that wants several signatures of one digest.
enum OtherNonce {
    struct Failure: Error {}

    /// A signature of 65 bytes with another nonce than the usual one.
    static func sign(digest: [UInt8], key: Secp256k1PrivateKey) throws -> [UInt8] {
        guard let context = secp256k1_context_create(UInt32(SECP256K1_CONTEXT_NONE)) else { throw Failure() }
        defer { secp256k1_context_destroy(context) }
        var signature = secp256k1_ecdsa_recoverable_signature()
        let extra = [UInt8](repeating: 9, count: 32)
        let done = key.withSecretBytes { secret in
            secp256k1_ecdsa_sign_recoverable(context, &signature, digest, secret, nil, extra)
        }
        var compact = [UInt8](repeating: 0, count: 64)
        var recovery: Int32 = 0
        guard done == 1,
            secp256k1_ecdsa_recoverable_signature_serialize_compact(context, &compact, &recovery, &signature) == 1
        else { throw Failure() }
        return compact + [27 + UInt8(recovery)]
    }
}
