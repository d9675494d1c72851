internal import CryptoCore
package import WireFormat

/// The JSON form of typed values, one spelling each.
///
/// Integers of up to 32 bits are JSON numbers, wider ones decimal strings, because many readers keep numbers as
/// doubles; bytes are `0x` and lower-case digits; addresses have their EIP-55 spelling.
extension TypedDataSchema {
    /// The JSON form of a value of the structure `name`.
    ///
    /// - Throws: `.typeMismatch` when the value is not of that type.
    package func json(of value: TypedDataValue, _ name: String) throws(TypedDataError) -> JSONValue {
        try json(of: value, as: .structure(name), field: name)
    }

    /// Reads a value of the structure `name`: exactly its fields, in any order, each in its one spelling.
    package func value(json: JSONValue, _ name: String) throws(TypedDataError) -> TypedDataValue {
        try value(json: json, as: .structure(name), field: name)
    }

    private func json(
        of value: TypedDataValue,
        as type: TypedDataType,
        field: String
    ) throws(TypedDataError) -> JSONValue {
        switch (type, value) {
        case (.unsigned(let bits), .unsigned(let number)) where number.bitWidth <= bits:
            if bits <= 32, let small = number.asUInt64 { return .unsigned(small) }
            return .string(number.decimal)
        case (.bool, .bool(let flag)): return .bool(flag)
        case (.address, .address(let address)): return .string(address.checksummed)
        case (.fixedBytes(let count), .bytes(let bytes)) where bytes.count == count:
            return .string(Hexadecimal.encode(bytes))
        case (.bytes, .bytes(let bytes)): return .string(Hexadecimal.encode(bytes))
        case (.string, .string(let text)): return .string(text)
        case (.structure(let name), .structure(let values)):
            let structure = try structure(named: name)
            guard values.count == structure.fields.count else { throw .typeMismatch(field) }
            var members: [JSONMember] = []
            for (field, value) in zip(structure.fields, values) {
                members.append(JSONMember(field.name, try json(of: value, as: field.type, field: field.name)))
            }
            return .object(members)
        case (.array(let element, let count), .array(let values)) where values.count == count ?? values.count:
            var elements: [JSONValue] = []
            for value in values { elements.append(try json(of: value, as: element, field: field)) }
            return .array(elements)
        default: throw .typeMismatch(field)
        }
    }

    private func value(
        json: JSONValue,
        as type: TypedDataType,
        field: String
    ) throws(TypedDataError) -> TypedDataValue {
        switch (type, json) {
        case (.unsigned(let bits), .number) where bits <= 32:
            guard let number = json.unsigned.map({ UInt256($0) }), number.bitWidth <= bits else { break }
            return .unsigned(number)
        case (.unsigned(let bits), .string(let text)) where bits > 32:
            guard let number = UInt256(decimal: text), number.bitWidth <= bits else { break }
            return .unsigned(number)
        case (.bool, .bool(let flag)): return .bool(flag)
        case (.address, .string(let text)):
            guard let address = try? EthereumAddress(text), address.checksummed == text else { break }
            return .address(address)
        case (.fixedBytes(let count), .string(let text)):
            guard let bytes = Hexadecimal.decode(text), bytes.count == count else { break }
            return .bytes(bytes)
        case (.bytes, .string(let text)):
            guard let bytes = Hexadecimal.decode(text) else { break }
            return .bytes(bytes)
        case (.string, .string(let text)): return .string(text)
        case (.structure(let name), .object(let members)):
            return .structure(try fields(of: try structure(named: name), members))
        case (.array(let element, let count), .array(let elements)) where elements.count == count ?? elements.count:
            var values: [TypedDataValue] = []
            for json in elements { values.append(try value(json: json, as: element, field: field)) }
            return .array(values)
        default: break
        }
        throw .typeMismatch(field)
    }

    private func fields(
        of structure: TypedDataStructure,
        _ members: [JSONMember]
    ) throws(TypedDataError) -> [TypedDataValue] {
        let known = Set(structure.fields.map(\.name))
        if let unknown = members.first(where: { !known.contains($0.key) }) { throw .fields(unknown.key) }
        var values: [TypedDataValue] = []
        for field in structure.fields {
            guard let member = members.first(where: { $0.key == field.name }) else { throw .fields(field.name) }
            values.append(try value(json: member.value, as: field.type, field: field.name))
        }
        return values
    }
}
