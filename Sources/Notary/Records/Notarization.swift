package import Attestations
internal import WireFormat

/// What the network keeps of a notarization: the attestation without any opening and without its context text.
///
/// Canonical encoding: kind (1), format version (1), the header as in an attestation's binary form, the signature (65).
/// A value of this type carries a valid signature of the notary that it names. It says nothing about whether that is
/// anybody to trust: ``RecordValidator`` does.
package struct Notarization: Hashable, Sendable {
    /// The version of the encoding.
    package static let formatVersion: UInt8 = 1
    /// More bytes than any notarization has.
    package static let byteCountMax = 2_048
    static let signatureByteCount = 65

    /// What was signed, and the signature.
    package let attestation: Attestation
    /// The canonical encoding.
    package let bytes: [UInt8]

    /// The record of an attestation; its context text stays behind.
    package init(_ attestation: Attestation) {
        var writer = WireWriter()
        writer.uint8(RecordKind.notarization.rawValue)
        writer.uint8(Self.formatVersion)
        attestation.header.encode(into: &writer)
        writer.fixed(attestation.signatureBytes)
        self.init(attestation: attestation.withoutContextText, bytes: writer.bytes)
    }

    /// Reads the canonical encoding and checks the signature.
    ///
    /// - Throws: `.oversize`, `.unsupportedVersion`, `.malformed`, `.badSignature`.
    package init(bytes: [UInt8]) throws(RecordRefusal) {
        self = try UnverifiedNotarization(bytes: bytes).verified()
    }

    init(attestation: Attestation, bytes: [UInt8]) {
        self.attestation = attestation
        self.bytes = bytes
    }

    /// What was signed.
    package var header: AttestationHeader { attestation.header }
    /// What names the attestation everywhere.
    package var id: AttestationID { attestation.id }
    /// The content address of these bytes.
    package var recordID: RecordID { RecordID(of: bytes) }

    /// The same bytes, without the promise of a valid signature.
    package var unverified: UnverifiedNotarization { UnverifiedNotarization(self) }

    /// Records are equal when their bytes are.
    package static func == (left: Notarization, right: Notarization) -> Bool { left.bytes == right.bytes }

    /// Hashes what ``==(_:_:)`` compares.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(bytes)
    }
}
