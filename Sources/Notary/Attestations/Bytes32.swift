internal import WireFormat

/// 32 bytes: a hash, an identifier or a nonce.
public struct Bytes32: Hashable, Sendable {
    /// The bytes.
    public let bytes: [UInt8]

    /// `nil` unless there are exactly 32 bytes.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// 32 zero bytes.
    public static let zero = Bytes32(unchecked: [UInt8](repeating: 0, count: 32))

    init(unchecked bytes: [UInt8]) {
        self.bytes = bytes
    }
}

extension Bytes32: CustomStringConvertible {
    /// `0x` and 64 lower-case hexadecimal digits.
    public var description: String { Hexadecimal.encode(bytes) }

    /// Parses the spelling of ``description``; `nil` for anything else.
    public init?(_ text: String) {
        guard let bytes = Hexadecimal.decode(text) else { return nil }
        self.init(bytes)
    }
}
