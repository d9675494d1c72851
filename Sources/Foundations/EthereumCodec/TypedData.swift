public import CryptoCore
internal import WireFormat

/// The `EIP712Domain` of a signature; members that are absent are absent from the type, too.
public struct TypedDataDomain: Hashable, Sendable {
    /// The readable name of the signing domain.
    public var name: String
    /// The major version of the signing domain.
    public var version: String
    /// The chain, where signatures must not travel between chains.
    public var chainID: UInt256?
    /// The contract that verifies.
    public var verifyingContract: EthereumAddress?

    /// A domain.
    public init(
        name: String,
        version: String,
        chainID: UInt256? = nil,
        verifyingContract: EthereumAddress? = nil
    ) {
        self.name = name
        self.version = version
        self.chainID = chainID
        self.verifyingContract = verifyingContract
    }

    static let typeName = "EIP712Domain"

    var members: [(field: TypedDataField, value: TypedDataValue)] {
        var members: [(TypedDataField, TypedDataValue)] = [
            (TypedDataField("name", .string), .string(name)), (TypedDataField("version", .string), .string(version)),
        ]
        if let chainID { members.append((TypedDataField("chainId", .unsigned(bits: 256)), .unsigned(chainID))) }
        if let verifyingContract {
            members.append((TypedDataField("verifyingContract", .address), .address(verifyingContract)))
        }
        return members
    }

    var structure: TypedDataStructure { TypedDataStructure(Self.typeName, members.map(\.field)) }
}

/// A message of EIP-712, ready to be signed or shown in a wallet.
public struct TypedData: Hashable, Sendable {
    /// The structures of the message, without the domain's.
    public let schema: TypedDataSchema
    /// The structure that is signed.
    public let primaryType: String
    /// The signing domain.
    public let domain: TypedDataDomain
    /// The values of the primary type's fields, in order.
    public let message: [TypedDataValue]

    /// A message; whether the values are of their types shows when it is hashed.
    public init(schema: TypedDataSchema, primaryType: String, domain: TypedDataDomain, message: [TypedDataValue]) {
        self.schema = schema
        self.primaryType = primaryType
        self.domain = domain
        self.message = message
    }

    /// The 32 bytes to be signed: Keccak-256(0x19 0x01 ‖ domain separator ‖ hashStruct(message)).
    public func digest() throws(TypedDataError) -> [UInt8] {
        let domainSchema = try TypedDataSchema([domain.structure])
        let separator = try domainSchema.hashStructure(TypedDataDomain.typeName, domain.members.map(\.value))
        return Keccak256.hash([0x19, 0x01] + separator + (try schema.hashStructure(primaryType, message)))
    }

    /// The JSON that `eth_signTypedData_v4` takes.
    public func json() throws(TypedDataError) -> String {
        let structures = [domain.structure] + schema.structures
        let types = structures.map { structure in
            JSONMember(
                structure.name,
                .array(
                    structure.fields.map { field in
                        .object([
                            JSONMember("name", .string(field.name)), JSONMember("type", .string(field.type.name)),
                        ])
                    }
                )
            )
        }
        let domainSchema = try TypedDataSchema([domain.structure])
        return JSONValue.object([
            JSONMember("types", .object(types)),
            JSONMember("primaryType", .string(primaryType)),
            JSONMember(
                "domain",
                try domainSchema.json(of: .structure(domain.members.map(\.value)), TypedDataDomain.typeName)
            ),
            JSONMember("message", try schema.json(of: .structure(message), primaryType)),
        ]).text(indented: true)
    }
}
