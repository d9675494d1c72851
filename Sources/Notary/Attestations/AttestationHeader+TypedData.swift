internal import CryptoCore
package import EthereumCodec

/// The EIP-712 form, which is signed, shown in wallets and hashed by contracts.
extension AttestationHeader {
    /// The structures of the typed data; `Attestation` is the primary type.
    package static let schema: TypedDataSchema = {
        let hash = TypedDataType.fixedBytes(count: 32)
        let time = TypedDataType.unsigned(bits: 64)
        let code = TypedDataType.unsigned(bits: 16)
        let structures = [
            TypedDataStructure(
                "Attestation",
                [
                    TypedDataField("formatVersion", code), TypedDataField("network", hash),
                    TypedDataField("sessionId", hash), TypedDataField("mode", .string),
                    TypedDataField("engineVersion", code), TypedDataField("tls", .structure("TLSConnection")),
                    TypedDataField("server", .structure("Server")), TypedDataField("startTime", time),
                    TypedDataField("endTime", time), TypedDataField("transcript", .structure("Transcript")),
                    TypedDataField("purpose", .structure("Purpose")), TypedDataField("notary", .address),
                ]
            ),
            TypedDataStructure(
                "TLSConnection",
                [
                    TypedDataField("version", code), TypedDataField("cipherSuite", code),
                    TypedDataField("group", code), TypedDataField("serverEphemeralKey", .bytes),
                    TypedDataField("clientRandom", hash), TypedDataField("serverRandom", hash),
                    TypedDataField("sessionHash", .bytes), TypedDataField("serverFinishedHash", .bytes),
                ]
            ),
            TypedDataStructure(
                "Server",
                [
                    TypedDataField("disclosure", .string), TypedDataField("name", .string),
                    TypedDataField("certificateFingerprint", hash), TypedDataField("validatedAt", time),
                    TypedDataField("commitment", hash),
                ]
            ),
            TypedDataStructure(
                "Transcript",
                [
                    TypedDataField("sentLength", time), TypedDataField("receivedLength", time),
                    TypedDataField("complete", .bool), TypedDataField("leafCount", .unsigned(bits: 32)),
                    TypedDataField("root", hash),
                ]
            ),
            TypedDataStructure(
                "Purpose",
                [
                    TypedDataField("owner", .address), TypedDataField("contextHash", hash),
                    TypedDataField("declaredValue", .unsigned(bits: 256)), TypedDataField("currency", .string),
                    TypedDataField("nonce", hash), TypedDataField("expiry", time),
                ]
            ),
        ]
        do {
            return try TypedDataSchema(structures)
        } catch {
            // The structures are constants, and the known-answer test builds them.
            preconditionFailure("the attestation's own schema is malformed: \(error)")
        }
    }()

    /// The structure that is signed.
    package static let primaryType = "Attestation"

    /// The signing domain: without a chain id, as an attestation belongs to a network, which it names, and not to a
    /// chain; a network may have no chain, or be followed on several.
    package static let domain = TypedDataDomain(name: "Tabellion", version: "1")

    /// The EIP-712 message.
    public var typedData: TypedData {
        TypedData(schema: Self.schema, primaryType: Self.primaryType, domain: Self.domain, message: values)
    }

    /// The EIP-712 digest.
    public var id: AttestationID {
        do {
            return AttestationID(Bytes32(unchecked: try typedData.digest()))
        } catch {
            // `values` follows the schema field by field; the tests hash every kind of header.
            preconditionFailure("a header that does not fit its own schema: \(error)")
        }
    }

    private var values: [TypedDataValue] {
        let server: [TypedDataValue]
        switch self.server {
        case .revealed(let revealed):
            server = [
                .string("revealed"), .string(revealed.name), .bytes(revealed.certificateFingerprint.bytes),
                .unsigned(UInt256(revealed.validatedAt)), .bytes(Bytes32.zero.bytes),
            ]
        case .committed(let commitment):
            server = [
                .string("committed"), .string(""), .bytes(Bytes32.zero.bytes), .unsigned(.zero),
                .bytes(commitment.bytes),
            ]
        }
        return [
            .unsigned(UInt256(UInt64(Self.formatVersion))), .bytes(network.value.bytes), .bytes(sessionID.bytes),
            .string(mode.rawValue), .unsigned(UInt256(UInt64(engineVersion))),
            .structure([
                .unsigned(UInt256(UInt64(tls.version))), .unsigned(UInt256(UInt64(tls.cipherSuite))),
                .unsigned(UInt256(UInt64(tls.group))), .bytes(tls.serverEphemeralKey),
                .bytes(tls.clientRandom.bytes), .bytes(tls.serverRandom.bytes), .bytes(tls.sessionHash),
                .bytes(tls.serverFinishedHash),
            ]),
            .structure(server), .unsigned(UInt256(startTime)), .unsigned(UInt256(endTime)),
            .structure([
                .unsigned(UInt256(UInt64(transcript.sentLength))),
                .unsigned(UInt256(UInt64(transcript.receivedLength))), .bool(transcript.complete),
                .unsigned(UInt256(UInt64(transcript.leafCount))), .bytes(transcript.root.bytes),
            ]),
            .structure([
                .address(purpose.owner), .bytes(purpose.contextHash.bytes), .unsigned(purpose.declaredValue),
                .string(purpose.currency), .bytes(purpose.nonce.bytes), .unsigned(UInt256(purpose.expiry)),
            ]),
            .address(notary),
        ]
    }
}
