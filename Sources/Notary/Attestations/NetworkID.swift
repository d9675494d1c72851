internal import CryptoCore

/// The notary network that an attestation is made for: another network's stake and rules do not cover it.
public struct NetworkID: Hashable, Sendable, CustomStringConvertible {
    /// The 32 bytes that are signed.
    public let value: Bytes32

    /// A network from its 32 bytes, usually the Keccak-256 hash of its genesis file.
    public init(_ value: Bytes32) {
        self.value = value
    }

    /// A network without a ledger, which has a name only: Keccak-256 of the name in UTF-8.
    public init(named name: String) {
        value = Bytes32(unchecked: Keccak256.hash(Array(name.utf8)))
    }

    /// `0x` and 64 hexadecimal digits.
    public var description: String { value.description }
}

/// What names an attestation everywhere: its EIP-712 digest, which the notary signs.
public struct AttestationID: Hashable, Sendable, CustomStringConvertible {
    /// The digest.
    public let value: Bytes32

    /// An id from the digest.
    public init(_ value: Bytes32) {
        self.value = value
    }

    /// `0x` and 64 hexadecimal digits.
    public var description: String { value.description }
}
