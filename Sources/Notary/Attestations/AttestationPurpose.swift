public import CryptoCore
public import EthereumCodec

/// What an attestation is for: nothing of this is observed, all of it is what the owner asked the notary to bind.
public struct AttestationPurpose: Hashable, Sendable {
    /// The longest currency text, in bytes.
    public static let currencyByteCountMax = 16

    /// The account that the attestation belongs to.
    public let owner: EthereumAddress
    /// Keccak-256 of the context text, or any 32 bytes when the context is kept elsewhere.
    public let contextHash: Bytes32
    /// The value that is declared, in the smallest unit of `currency`; 0 when there is none.
    public let declaredValue: UInt256
    /// The unit of the declared value: up to 16 letters, digits, and `. - / :`; may be empty when the value is 0.
    public let currency: String
    /// Random bytes that make the attestation unique.
    public let nonce: Bytes32
    /// When the attestation ceases to be valid, in Unix milliseconds.
    public let expiry: UInt64

    /// Checks the currency.
    ///
    /// - Throws: `.malformed`.
    public init(
        owner: EthereumAddress,
        contextHash: Bytes32,
        declaredValue: UInt256,
        currency: String,
        nonce: Bytes32,
        expiry: UInt64
    ) throws(AttestationError) {
        guard
            currency.utf8.count <= Self.currencyByteCountMax, currency.utf8.allSatisfy(Self.isCurrencyCharacter),
            !currency.isEmpty || declaredValue == .zero
        else { throw .malformed("currency") }
        self.owner = owner
        self.contextHash = contextHash
        self.declaredValue = declaredValue
        self.currency = currency
        self.nonce = nonce
        self.expiry = expiry
    }

    /// The context hash of a text: Keccak-256 of its UTF-8 bytes, as EIP-712 hashes a string.
    public static func contextHash(of text: String) -> Bytes32 {
        Bytes32(unchecked: Keccak256.hash(Array(text.utf8)))
    }

    private static func isCurrencyCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "/"),
            UInt8(ascii: ":"):
            true
        default: false
        }
    }
}
