public import CryptoCore

/// A type of EIP-712: Solidity's atomic and dynamic types, structures by name, and arrays of them.
///
/// Signed integers are left out, because nothing here signs them.
public indirect enum TypedDataType: Hashable, Sendable {
    /// `uint8` … `uint256`; the width is a multiple of 8.
    case unsigned(bits: Int)
    /// `bool`.
    case bool
    /// `address`.
    case address
    /// `bytes1` … `bytes32`.
    case fixedBytes(count: Int)
    /// `bytes`.
    case bytes
    /// `string`.
    case string
    /// A structure of the schema.
    case structure(String)
    /// `T[]`, or `T[n]` with a count.
    case array(TypedDataType, count: Int?)

    /// Solidity's spelling.
    public var name: String {
        switch self {
        case .unsigned(let bits): "uint\(bits)"
        case .bool: "bool"
        case .address: "address"
        case .fixedBytes(let count): "bytes\(count)"
        case .bytes: "bytes"
        case .string: "string"
        case .structure(let name): name
        case .array(let element, let count): element.name + "[" + (count.map { String($0) } ?? "") + "]"
        }
    }

    /// The structure that values of this type consist of, through any number of arrays.
    var referencedStructure: String? {
        switch self {
        case .structure(let name): name
        case .array(let element, _): element.referencedStructure
        default: nil
        }
    }

    /// Whether Solidity has the type, apart from the existence of a structure.
    var isWellFormed: Bool {
        switch self {
        case .unsigned(let bits): bits > 0 && bits <= 256 && bits % 8 == 0
        case .fixedBytes(let count): (1...32).contains(count)
        case .structure(let name): Self.isIdentifier(name)
        case .array(let element, let count): element.isWellFormed && (count ?? 1) > 0
        default: true
        }
    }

    /// A letter or underscore, then letters, digits and underscores: no name can forge part of a type string.
    static func isIdentifier(_ text: String) -> Bool {
        let characters = Array(text.utf8)
        guard let first = characters.first, characters.count <= 64 else { return false }
        func isLetter(_ byte: UInt8) -> Bool {
            byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z") || byte == UInt8(ascii: "_")
        }
        return isLetter(first)
            && characters.allSatisfy { isLetter($0) || $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    }
}

/// A member of an EIP-712 structure.
public struct TypedDataField: Hashable, Sendable {
    /// Its name, a Solidity identifier.
    public let name: String
    /// Its type.
    public let type: TypedDataType

    /// A member.
    public init(_ name: String, _ type: TypedDataType) {
        self.name = name
        self.type = type
    }
}

/// A structure of EIP-712: its name and its members in order.
public struct TypedDataStructure: Hashable, Sendable {
    /// Its name, a Solidity identifier.
    public let name: String
    /// Its members; the order is part of the type.
    public let fields: [TypedDataField]

    /// A structure.
    public init(_ name: String, _ fields: [TypedDataField]) {
        self.name = name
        self.fields = fields
    }
}

/// A value of an EIP-712 type.
public indirect enum TypedDataValue: Hashable, Sendable {
    /// Of an unsigned integer type.
    case unsigned(UInt256)
    /// Of `bool`.
    case bool(Bool)
    /// Of `address`.
    case address(EthereumAddress)
    /// Of `bytes`, or of `bytesN` with exactly N bytes.
    case bytes([UInt8])
    /// Of `string`.
    case string(String)
    /// Of a structure: one value for each field, in the order of the fields.
    case structure([TypedDataValue])
    /// Of an array.
    case array([TypedDataValue])
}

/// Why typed data cannot be hashed or read.
public enum TypedDataError: Error, Equatable, Sendable {
    /// A malformed type or name, a structure defined twice or not at all, or a duplicate field: the caller's mistake.
    case invalidSchema(String)
    /// A value that is not of its type; the text names the field.
    case typeMismatch(String)
    /// A JSON object without the field, or with one that the type does not have.
    case fields(String)
    /// A text that is not JSON, or is too long.
    case invalidJSON
}
