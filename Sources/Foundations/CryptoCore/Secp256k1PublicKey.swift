internal import CSecp256k1

/// A point of secp256k1 other than infinity: the public half of an identity.
package struct Secp256k1PublicKey: Hashable, Sendable {
    /// 33 bytes: 0x02 or 0x03 by the parity of y, then x big-endian (SEC 1, section 2.3.3).
    package let compressed: [UInt8]
    /// 65 bytes: 0x04, x, y, both coordinates big-endian.
    package let uncompressed: [UInt8]

    /// Parses 33 compressed or 65 uncompressed bytes; hybrid encodings (0x06, 0x07) are refused.
    package init(bytes: [UInt8]) throws(Secp256k1Error) {
        let isCompressed = bytes.count == 33 && (bytes[0] == 2 || bytes[0] == 3)
        guard isCompressed || (bytes.count == 65 && bytes[0] == 4) else { throw .invalidPublicKey }
        var parsed = secp256k1_pubkey()
        guard secp256k1_ec_pubkey_parse(Secp256k1Context.shared, &parsed, bytes, bytes.count) == 1 else {
            throw .invalidPublicKey
        }
        self.init(parsed: parsed)
    }

    init(parsed: secp256k1_pubkey) {
        self.compressed = Self.serialize(parsed, count: 33, form: SECP256K1_EC_COMPRESSED)
        self.uncompressed = Self.serialize(parsed, count: 65, form: SECP256K1_EC_UNCOMPRESSED)
    }

    /// The account of this key: the last 20 bytes of Keccak-256(x ‖ y).
    package var ethereumAddress: EthereumAddress {
        EthereumAddress(unchecked: Array(Keccak256.hash(Array(uncompressed.dropFirst())).suffix(20)))
    }

    /// Whether `der` is an ECDSA signature of the 32-byte `digest` under this key.
    ///
    /// For libp2p identities: DER as in RFC 3279, section 2.2.3. A high s is accepted here, because that format does
    /// not forbid it; everything that Tabellion signs itself is checked with ``recover(_:digest:)``, which refuses it.
    package func verifyDER(digest: [UInt8], signature der: [UInt8]) -> Bool {
        guard digest.count == 32, !der.isEmpty, der.count <= 72 else { return false }
        var signature = secp256k1_ecdsa_signature()
        guard secp256k1_ecdsa_signature_parse_der(Secp256k1Context.shared, &signature, der, der.count) == 1 else {
            return false
        }
        var normalized = secp256k1_ecdsa_signature()
        _ = secp256k1_ecdsa_signature_normalize(Secp256k1Context.shared, &normalized, &signature)
        guard var key = parsed else { return false }
        return secp256k1_ecdsa_verify(Secp256k1Context.shared, &normalized, digest, &key) == 1
    }

    /// The key that signed the 32-byte `digest`.
    ///
    /// - Throws: `.invalidDigest`, or `.invalidSignature` when no key fits.
    package static func recover(
        _ signature: Secp256k1Signature,
        digest: [UInt8]
    ) throws(Secp256k1Error) -> Secp256k1PublicKey {
        guard digest.count == 32 else { throw .invalidDigest }
        var parsed = secp256k1_ecdsa_recoverable_signature()
        guard
            secp256k1_ecdsa_recoverable_signature_parse_compact(
                Secp256k1Context.shared,
                &parsed,
                signature.r + signature.s,
                Int32(signature.v)
            ) == 1
        else { throw .invalidSignature }
        var key = secp256k1_pubkey()
        guard secp256k1_ecdsa_recover(Secp256k1Context.shared, &key, &parsed, digest) == 1 else {
            throw .invalidSignature
        }
        return Secp256k1PublicKey(parsed: key)
    }

    private var parsed: secp256k1_pubkey? {
        var key = secp256k1_pubkey()
        return secp256k1_ec_pubkey_parse(Secp256k1Context.shared, &key, compressed, compressed.count) == 1 ? key : nil
    }

    private static func serialize(_ key: secp256k1_pubkey, count: Int, form: Int32) -> [UInt8] {
        var key = key
        var length = count
        var bytes = [UInt8](repeating: 0, count: count)
        _ = secp256k1_ec_pubkey_serialize(Secp256k1Context.shared, &bytes, &length, &key, UInt32(form))
        return bytes
    }
}
