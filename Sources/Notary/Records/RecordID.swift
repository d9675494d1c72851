package import Attestations
internal import CryptoCore

/// The content address of a record: Keccak-256 of a domain and the record's canonical bytes.
///
/// It names the bytes, the signature included; an ``Attestations/AttestationID`` names what was signed.
package struct RecordID: Hashable, Sendable, CustomStringConvertible {
    private static let domain = Array("tabellion record address v1".utf8)

    /// The hash.
    package let value: Bytes32

    /// The address of these bytes, which begin with kind and version, so that records of two kinds never share one.
    package init(of bytes: [UInt8]) {
        var hasher = Keccak256()
        hasher.update(Self.domain)
        hasher.update(bytes)
        // Keccak-256 has 32 bytes.
        value = Bytes32(hasher.finalize()) ?? .zero
    }

    /// `0x` and 64 hexadecimal digits.
    package var description: String { value.description }
}
