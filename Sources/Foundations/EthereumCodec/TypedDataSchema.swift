internal import CryptoCore

/// A closed set of structures, and the hashes that EIP-712 defines over them.
public struct TypedDataSchema: Hashable, Sendable {
    /// The structures as given.
    public let structures: [TypedDataStructure]
    private let byName: [String: TypedDataStructure]

    /// Checks that names are identifiers and unique, and that every structure that is referred to is there.
    ///
    /// - Throws: `.invalidSchema`.
    public init(_ structures: [TypedDataStructure]) throws(TypedDataError) {
        var byName: [String: TypedDataStructure] = [:]
        for structure in structures {
            guard
                TypedDataType.isIdentifier(structure.name),
                byName.updateValue(structure, forKey: structure.name) == nil,
                Set(structure.fields.map(\.name)).count == structure.fields.count
            else { throw .invalidSchema(structure.name) }
        }
        for field in structures.flatMap(\.fields) {
            guard
                TypedDataType.isIdentifier(field.name), field.type.isWellFormed,
                field.type.referencedStructure.map({ byName[$0] != nil }) ?? true
            else { throw .invalidSchema(field.name) }
        }
        self.structures = structures
        self.byName = byName
    }

    /// The structure of this name.
    ///
    /// - Throws: `.invalidSchema` when there is none.
    public func structure(named name: String) throws(TypedDataError) -> TypedDataStructure {
        guard let structure = byName[name] else { throw .invalidSchema(name) }
        return structure
    }

    /// `encodeType` of EIP-712: the structure, followed by all that it refers to, these sorted by name.
    public func encodeType(_ name: String) throws(TypedDataError) -> String {
        var pending = [name]
        var found: Set<String> = []
        while let next = pending.popLast() {
            guard found.insert(next).inserted else { continue }
            pending += try structure(named: next).fields.compactMap(\.type.referencedStructure)
        }
        found.remove(name)
        // Sorted by bytes, as identifiers are ASCII; the order of Swift's strings is that of scalars here too.
        var text = ""
        for member in [name] + found.sorted() {
            let fields = try structure(named: member).fields.map { "\($0.type.name) \($0.name)" }
            text += member + "(" + fields.joined(separator: ",") + ")"
        }
        return text
    }

    /// `typeHash` of EIP-712: Keccak-256 of ``encodeType(_:)``.
    public func typeHash(_ name: String) throws(TypedDataError) -> [UInt8] {
        Keccak256.hash(Array(try encodeType(name).utf8))
    }

    /// `hashStruct` of EIP-712: Keccak-256 of the type hash and the 32-byte encodings of the fields.
    ///
    /// - Throws: `.typeMismatch` naming the field, `.invalidSchema` for an unknown name.
    public func hashStructure(_ name: String, _ values: [TypedDataValue]) throws(TypedDataError) -> [UInt8] {
        let structure = try structure(named: name)
        guard values.count == structure.fields.count else { throw .typeMismatch(name) }
        var encoded = try typeHash(name)
        for (field, value) in zip(structure.fields, values) {
            encoded += try encode(value, as: field.type, field: field.name)
        }
        return Keccak256.hash(encoded)
    }

    /// `encodeData` for one member: 32 bytes.
    private func encode(
        _ value: TypedDataValue,
        as type: TypedDataType,
        field: String
    ) throws(TypedDataError) -> [UInt8] {
        switch (type, value) {
        case (.unsigned(let bits), .unsigned(let number)) where number.bitWidth <= bits:
            return number.bigEndianBytes
        case (.bool, .bool(let flag)):
            return UInt256(flag ? 1 : 0).bigEndianBytes
        case (.address, .address(let address)):
            return [UInt8](repeating: 0, count: 12) + address.bytes
        case (.fixedBytes(let count), .bytes(let bytes)) where bytes.count == count:
            return bytes + [UInt8](repeating: 0, count: 32 - count)
        case (.bytes, .bytes(let bytes)):
            return Keccak256.hash(bytes)
        case (.string, .string(let text)):
            return Keccak256.hash(Array(text.utf8))
        case (.structure(let name), .structure(let values)):
            return try hashStructure(name, values)
        case (.array(let element, let count), .array(let values)) where values.count == count ?? values.count:
            var encoded: [UInt8] = []
            for value in values { encoded += try encode(value, as: element, field: field) }
            return Keccak256.hash(encoded)
        default:
            throw .typeMismatch(field)
        }
    }
}
