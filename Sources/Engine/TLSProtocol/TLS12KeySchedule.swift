package import CryptoCore

/// The secrets of a TLS 1.2 connection with AES-128-GCM and the extended master secret.
package enum TLS12KeySchedule {
    /// The premaster secret of ECDHE on P-256: the shared x-coordinate.
    package static let premasterSecretByteCount = 32
    /// The master secret.
    package static let masterSecretByteCount = 48
    /// The value of a Finished message.
    package static let verifyDataByteCount = 12
    /// Two keys and two salts; AEAD suites have no MAC keys (RFC 5246 §6.3).
    package static let keyBlockByteCount = 40

    /// The master secret (RFC 7627 §4); 48 bytes.
    ///
    /// - Parameters:
    ///   - premasterSecret: the x-coordinate of the shared point, 32 bytes big-endian.
    ///   - sessionHash: ``HandshakeTranscript/sessionHash``.
    package static func masterSecret(premasterSecret: [UInt8], sessionHash: [UInt8]) -> [UInt8] {
        TLS12PRF.expand(
            secret: premasterSecret,
            label: .extendedMasterSecret,
            seed: sessionHash,
            byteCount: masterSecretByteCount
        )
    }

    /// The record keys of both directions (RFC 5246 §6.3, RFC 5288 §3).
    package static func trafficKeys(
        masterSecret: [UInt8],
        clientRandom: [UInt8],
        serverRandom: [UInt8]
    ) -> (client: TLS12TrafficKey, server: TLS12TrafficKey) {
        let block = TLS12PRF.expand(
            secret: masterSecret,
            label: .keyExpansion,
            seed: serverRandom + clientRandom,
            byteCount: keyBlockByteCount
        )
        return (
            TLS12TrafficKey(key: Array(block[0..<16]), salt: Array(block[32..<36])),
            TLS12TrafficKey(key: Array(block[16..<32]), salt: Array(block[36..<40]))
        )
    }

    /// The value of a Finished message (RFC 5246 §7.4.9); 12 bytes.
    ///
    /// - Parameters:
    ///   - label: ``TLS12PRF/Label/clientFinished`` or ``TLS12PRF/Label/serverFinished``.
    ///   - transcriptHash: SHA-256 of all handshake messages before this one.
    package static func verifyData(masterSecret: [UInt8], label: TLS12PRF.Label, transcriptHash: [UInt8]) -> [UInt8] {
        TLS12PRF.expand(secret: masterSecret, label: label, seed: transcriptHash, byteCount: verifyDataByteCount)
    }
}

/// The key of one direction: 16 bytes, and the 4-byte salt that opens every nonce (RFC 5288 §3); it prints as redacted.
package struct TLS12TrafficKey: Sendable, Redacted {
    /// The AES-128 key; 16 bytes.
    package let key: SecretBytes
    /// The implicit part of the nonce; 4 bytes.
    package let salt: [UInt8]

    /// A key of 16 bytes and a salt of 4.
    package init(key: [UInt8], salt: [UInt8]) {
        precondition(key.count == 16 && salt.count == 4, "the key schedule cuts 16 + 4 bytes")
        self.key = SecretBytes(key)
        self.salt = salt
    }
}
