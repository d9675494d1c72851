/// An Ethereum account: the last 20 bytes of the Keccak-256 hash of a secp256k1 public key.
public struct EthereumAddress: Hashable, Sendable {
    /// The 20 bytes of the address.
    public let bytes: [UInt8]

    /// An address from its 20 bytes; `nil` when the count is another.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 20 else { return nil }
        self.bytes = bytes
    }

    /// The zero address, which no key is known for.
    public static let zero = EthereumAddress(unchecked: [UInt8](repeating: 0, count: 20))

    /// Parses `0x` and 40 hexadecimal digits (EIP-55).
    ///
    /// Digits of one case only carry no checksum and are accepted; mixed case must be the exact EIP-55 spelling,
    /// so that a mistyped digit is caught.
    public init(_ text: String) throws(EthereumAddressError) {
        let characters = Array(text.utf8)
        guard characters.count == 42, characters[0] == UInt8(ascii: "0"), characters[1] == UInt8(ascii: "x") else {
            throw .malformed
        }
        let digits = characters[2...]
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20)
        var hasLowercase = false
        var hasUppercase = false
        var pending: UInt8?
        for character in digits {
            let value: UInt8
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                value = character - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                value = character - UInt8(ascii: "a") + 10
                hasLowercase = true
            case UInt8(ascii: "A")...UInt8(ascii: "F"):
                value = character - UInt8(ascii: "A") + 10
                hasUppercase = true
            default:
                throw .malformed
            }
            if let high = pending {
                bytes.append(high << 4 | value)
                pending = nil
            } else {
                pending = value
            }
        }
        self.bytes = bytes
        if hasLowercase && hasUppercase && !checksummed.utf8.elementsEqual(characters) { throw .checksumMismatch }
    }

    /// The EIP-55 spelling: a letter is upper case where the hash of the lower-case digits has a nibble of 8 or more.
    public var checksummed: String {
        let alphabet = Array("0123456789abcdef".utf8)
        let digits = bytes.flatMap { [alphabet[Int($0 >> 4)], alphabet[Int($0 & 15)]] }
        let hash = Keccak256.hash(digits)
        let spelled = digits.enumerated().map { index, digit -> UInt8 in
            let nibble = index % 2 == 0 ? hash[index / 2] >> 4 : hash[index / 2] & 15
            return digit >= UInt8(ascii: "a") && nibble >= 8 ? digit - 32 : digit
        }
        return "0x" + String(decoding: spelled, as: UTF8.self)
    }

    init(unchecked bytes: [UInt8]) {
        self.bytes = bytes
    }
}

extension EthereumAddress: CustomStringConvertible {
    /// The EIP-55 spelling.
    public var description: String { checksummed }
}

/// Why a text is not an Ethereum address.
public enum EthereumAddressError: Error, Equatable, Sendable {
    /// Not `0x` followed by 40 hexadecimal digits.
    case malformed
    /// Mixed case that is not the EIP-55 spelling: probably a typing mistake.
    case checksumMismatch
}
