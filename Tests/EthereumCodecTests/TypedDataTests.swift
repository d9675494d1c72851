import CryptoCore
import EthereumCodec
import Testing
import WireFormat

@Suite("EIP-712 typed data")
struct TypedDataTests {
    /// The example of EIP-712 (Example.sol and Example.js): type, digest and signature by the key keccak256("cow").
    static func mail() throws -> TypedData {
        let schema = try TypedDataSchema([
            TypedDataStructure("Person", [TypedDataField("name", .string), TypedDataField("wallet", .address)]),
            TypedDataStructure(
                "Mail",
                [
                    TypedDataField("from", .structure("Person")), TypedDataField("to", .structure("Person")),
                    TypedDataField("contents", .string),
                ]
            ),
        ])
        return TypedData(
            schema: schema,
            primaryType: "Mail",
            domain: TypedDataDomain(
                name: "Ether Mail",
                version: "1",
                chainID: UInt256(1),
                verifyingContract: try EthereumAddress("0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC")
            ),
            message: [
                .structure([
                    .string("Cow"), .address(try EthereumAddress("0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826")),
                ]),
                .structure([
                    .string("Bob"), .address(try EthereumAddress("0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB")),
                ]),
                .string("Hello, Bob!"),
            ]
        )
    }

    @Test func exampleOfTheStandard() throws {
        let mail = try Self.mail()
        #expect(
            try mail.schema.encodeType("Mail")
                == "Mail(Person from,Person to,string contents)Person(string name,address wallet)"
        )
        #expect(
            Hexadecimal.digits(try mail.schema.typeHash("Mail"))
                == "a0cedeb2dc280ba39b857546d74f5549c3a1d7bdc2dd96bf881f76108e23dac2"
        )
        #expect(
            Hexadecimal.digits(try mail.schema.hashStructure("Mail", mail.message))
                == "c52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e"
        )
        let digest = try mail.digest()
        #expect(
            Hexadecimal.digits(digest) == "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2"
        )
        let cow = try Secp256k1PrivateKey(bytes: Keccak256.hash(Array("cow".utf8)))
        #expect(
            Hexadecimal.digits(try cow.sign(digest: digest).bytes)
                == "4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d"
                + "07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b915621c"
        )
    }

    /// A structure with every kind of member, for the JSON form and the checks.
    static func everything() throws -> (TypedDataSchema, TypedDataValue) {
        let schema = try TypedDataSchema([
            TypedDataStructure(
                "All",
                [
                    TypedDataField("small", .unsigned(bits: 8)), TypedDataField("wide", .unsigned(bits: 64)),
                    TypedDataField("flag", .bool), TypedDataField("who", .address),
                    TypedDataField("id", .fixedBytes(count: 4)), TypedDataField("data", .bytes),
                    TypedDataField("text", .string),
                    TypedDataField("pair", .array(.unsigned(bits: 16), count: 2)),
                    TypedDataField("tree", .array(.structure("All"), count: nil)),
                ]
            )
        ])
        func value(_ children: [TypedDataValue]) -> TypedDataValue {
            .structure([
                .unsigned(UInt256(255)), .unsigned(UInt256(.max)), .bool(true), .address(.zero),
                .bytes([1, 2, 3, 4]), .bytes([]), .string("é\""),
                .array([.unsigned(UInt256(1)), .unsigned(UInt256(2))]), .array(children),
            ])
        }
        return (schema, value([value([]), value([])]))
    }

    @Test func jsonRoundTrip() throws {
        let (schema, value) = try Self.everything()
        let json = try schema.json(of: value, "All")
        #expect(try schema.value(json: json, "All") == value)
        #expect(json["small"] == .number("255"))
        #expect(json["wide"] == .string("18446744073709551615"))
        #expect(json["id"] == .string("0x01020304") && json["data"] == .string("0x"))
    }

    @Test(
        "Values that are not of the type",
        arguments: [
            ("small", JSONValue.number("256")), ("small", .number("-1")), ("small", .string("1")),
            ("small", .number("1.0")),
            ("wide", .number("1")), ("wide", .string("01")), ("wide", .string("18446744073709551616")),
            ("flag", .number("1")), ("flag", .string("true")),
            ("who", .string("0x0")), ("who", .string("0xcd2a3d9f938e13cd947ec05abc7fe734df8dd826")),
            ("id", .string("0x010203")), ("id", .string("01020304")), ("id", .string("0x0102030A")),
            ("data", .null), ("text", .number("1")), ("pair", .array([.number("1")])), ("tree", .object([])),
        ]
    )
    func mismatches(field: String, replacement: JSONValue) throws {
        let (schema, value) = try Self.everything()
        guard case .object(let members) = try schema.json(of: value, "All") else {
            Issue.record("a structure is a JSON object")
            return
        }
        let altered = members.map { $0.key == field ? JSONMember(field, replacement) : $0 }
        #expect(throws: TypedDataError.typeMismatch(field)) { try schema.value(json: .object(altered), "All") }
        let without = members.filter { $0.key != field }
        #expect(throws: TypedDataError.fields(field)) { try schema.value(json: .object(without), "All") }
        let more = members + [JSONMember("extra", .null)]
        #expect(throws: TypedDataError.fields("extra")) { try schema.value(json: .object(more), "All") }
    }

    @Test func hashingChecksTypes() throws {
        let schema = try TypedDataSchema([TypedDataStructure("A", [TypedDataField("x", .unsigned(bits: 8))])])
        #expect(throws: TypedDataError.typeMismatch("x")) {
            try schema.hashStructure("A", [.unsigned(UInt256(256))])
        }
        #expect(throws: TypedDataError.typeMismatch("x")) { try schema.hashStructure("A", [.bool(true)]) }
        #expect(throws: TypedDataError.typeMismatch("A")) { try schema.hashStructure("A", []) }
        #expect(throws: TypedDataError.invalidSchema("B")) { try schema.hashStructure("B", []) }
    }

    @Test func namesCannotForgeTypes() {
        let field = TypedDataField("x", .bool)
        for structures in [
            [TypedDataStructure("A(bool y)B", [field])], [TypedDataStructure("", [field])],
            [TypedDataStructure("A", [TypedDataField("x,bool y", .bool)])],
            [TypedDataStructure("A", [field, field])],
            [TypedDataStructure("A", [field]), TypedDataStructure("A", [])],
            [TypedDataStructure("A", [TypedDataField("b", .structure("B"))])],
            [TypedDataStructure("A", [TypedDataField("x", .unsigned(bits: 7))])],
            [TypedDataStructure("A", [TypedDataField("x", .fixedBytes(count: 33))])],
        ] {
            #expect(throws: TypedDataError.self, "\(structures)") { try TypedDataSchema(structures) }
        }
    }

    @Test func theDomainCounts() throws {
        let mail = try Self.mail()
        var digests: Set<[UInt8]> = [try mail.digest()]
        for domain in [
            TypedDataDomain(name: "Ether Mail", version: "1"), TypedDataDomain(name: "Ether Mail", version: "2"),
            TypedDataDomain(name: "Ether Mail", version: "1", chainID: UInt256(2)),
        ] {
            let other = TypedData(schema: mail.schema, primaryType: "Mail", domain: domain, message: mail.message)
            #expect(digests.insert(try other.digest()).inserted)
        }
    }
}
