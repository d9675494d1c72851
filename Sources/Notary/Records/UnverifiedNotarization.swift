package import Attestations
internal import WireFormat

/// A notarization whose form is right and whose signature was not looked at yet.
///
/// What costs little can be checked on it first: network, times, who claims to have signed.
package struct UnverifiedNotarization: Hashable, Sendable {
    /// What the notary is said to have signed.
    package let header: AttestationHeader
    /// The canonical encoding that it was read from.
    package let bytes: [UInt8]
    let signature: [UInt8]

    /// Reads the canonical encoding.
    ///
    /// - Throws: `.oversize`, `.unsupportedVersion`, `.malformed`.
    package init(bytes: [UInt8]) throws(RecordRefusal) {
        guard bytes.count <= Notarization.byteCountMax else { throw .oversize(byteCount: bytes.count) }
        do throws(WireError) {
            var reader = try WireReader(bytes, limit: Notarization.byteCountMax)
            guard try reader.uint8() == RecordKind.notarization.rawValue else { throw .invalid("kind") }
            let version = try reader.uint8()
            guard version == Notarization.formatVersion else { throw .invalid(Self.versionField) }
            header = try AttestationHeader(from: &reader)
            signature = try reader.fixed(Notarization.signatureByteCount)
            try reader.finish()
        } catch .invalid(Self.versionField) where bytes[1] > Notarization.formatVersion {
            throw .unsupportedVersion(bytes[1])
        } catch {
            throw .malformed(error)
        }
        self.bytes = bytes
    }

    init(_ verified: Notarization) {
        header = verified.header
        bytes = verified.bytes
        signature = verified.attestation.signatureBytes
    }

    private static let versionField = "record version"

    /// Checks the signature: hashes the header as typed data and recovers the signer, some 150 µs.
    ///
    /// - Throws: `.badSignature`.
    package func verified() throws(RecordRefusal) -> Notarization {
        guard let attestation = try? Attestation(header: header, contextText: nil, signature: signature) else {
            throw .badSignature
        }
        return Notarization(attestation: attestation, bytes: bytes)
    }
}
