internal import CryptoCore

/// Protects the records of one direction with a key held here (RFC 5288); the explicit nonce is the sequence number.
package struct GCMRecordSealer: Sendable, Redacted {
    private let key: TLS12TrafficKey
    private var sequenceNumber: UInt64 = 0

    /// A sealer at sequence number 0.
    package init(key: TLS12TrafficKey) {
        self.key = key
    }

    /// The fragment of the direction's next record.
    ///
    /// - Parameters:
    ///   - type: the record's content type.
    ///   - plaintext: at most 2^14 bytes.
    /// - Throws: ``TLSError/misuse(_:)`` if the plaintext is longer.
    package mutating func seal(_ type: TLSContentType, _ plaintext: [UInt8]) throws(TLSError) -> [UInt8] {
        guard plaintext.count <= TLSRecord.plaintextByteCountMax else { throw .misuse("a record carries 2^14 bytes") }
        let explicitNonce = GCMFragment.explicitNonce(sequenceNumber: sequenceNumber)
        let additionalData = GCMFragment.additionalData(
            sequenceNumber: sequenceNumber,
            type: type,
            plaintextByteCount: plaintext.count
        )
        let nonce = key.salt + explicitNonce
        // Key and nonce have the right lengths by construction, so only the library itself can fail.
        guard
            let sealed = try? AES128GCM.seal(
                key: key.key.bytes,
                nonce: nonce,
                aad: additionalData,
                plaintext: plaintext
            )
        else { throw .libraryFailure }
        sequenceNumber += 1
        return explicitNonce + sealed
    }
}

/// Opens the records of one direction with a key held here (RFC 5288).
package struct GCMRecordOpener: Sendable, Redacted {
    private let key: TLS12TrafficKey
    private var sequenceNumber: UInt64 = 0

    /// An opener at sequence number 0.
    package init(key: TLS12TrafficKey) {
        self.key = key
    }

    /// The plaintext of the direction's next record.
    ///
    /// - Throws: ``TLSError/badRecordMAC``, or what is wrong with the fragment's form.
    package mutating func open(_ type: TLSContentType, _ fragment: [UInt8]) throws(TLSError) -> [UInt8] {
        let parts = try GCMFragment(decoding: fragment)
        let additionalData = GCMFragment.additionalData(
            sequenceNumber: sequenceNumber,
            type: type,
            plaintextByteCount: parts.ciphertext.count
        )
        do {
            let plaintext = try AES128GCM.open(
                key: key.key.bytes,
                nonce: parts.nonce(salt: key.salt),
                aad: additionalData,
                sealed: parts.ciphertext + parts.tag
            )
            sequenceNumber += 1
            return plaintext
        } catch .authenticationFailed {
            throw .badRecordMAC
        } catch {
            throw .libraryFailure
        }
    }
}
