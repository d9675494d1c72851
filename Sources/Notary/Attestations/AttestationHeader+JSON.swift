internal import CryptoCore
internal import EthereumCodec
internal import WireFormat

/// The JSON form: that of the EIP-712 message.
extension AttestationHeader {
    var jsonValue: JSONValue {
        do {
            return try Self.schema.json(of: .structure(typedData.message), Self.primaryType)
        } catch {
            // The message follows the schema field by field; the tests write every kind of header.
            preconditionFailure("a header that does not fit its own schema: \(error)")
        }
    }

    init(jsonValue: JSONValue) throws(AttestationError) {
        let value: TypedDataValue
        do {
            value = try Self.schema.value(json: jsonValue, Self.primaryType)
        } catch .typeMismatch(let field), .fields(let field) {
            throw .malformed(field)
        } catch {
            throw .malformed("attestation")
        }
        var fields = try TypedFields(value)
        let version = UInt16(truncatingIfNeeded: try fields.integer())
        guard version == Self.formatVersion else { throw .unsupportedVersion(version) }
        let network = NetworkID(try fields.bytes32())
        let sessionID = try fields.bytes32()
        guard let mode = Mode(rawValue: try fields.text()) else { throw .malformed("mode") }
        try self.init(
            network: network,
            sessionID: sessionID,
            mode: mode,
            engineVersion: UInt16(truncatingIfNeeded: try fields.integer()),
            tls: try Self.tls(try fields.structure()),
            server: try Self.server(try fields.structure()),
            startTime: try fields.integer(),
            endTime: try fields.integer(),
            transcript: try Self.transcript(try fields.structure()),
            purpose: try Self.purpose(try fields.structure()),
            notary: try fields.address()
        )
    }

    private static func tls(_ structure: TypedFields) throws(AttestationError) -> TLSFacts {
        var fields = structure
        return try TLSFacts(
            version: UInt16(truncatingIfNeeded: try fields.integer()),
            cipherSuite: UInt16(truncatingIfNeeded: try fields.integer()),
            group: UInt16(truncatingIfNeeded: try fields.integer()),
            serverEphemeralKey: try fields.bytes(),
            clientRandom: try fields.bytes32(),
            serverRandom: try fields.bytes32(),
            sessionHash: try fields.bytes(),
            serverFinishedHash: try fields.bytes()
        )
    }

    /// Members that belong to the other kind of disclosure must have their zero values, so that there is one form.
    private static func server(_ structure: TypedFields) throws(AttestationError) -> ServerDisclosure {
        var fields = structure
        let disclosure = try fields.text()
        let name = try fields.text()
        let fingerprint = try fields.bytes32()
        let validatedAt = try fields.integer()
        let commitment = try fields.bytes32()
        switch disclosure {
        case "revealed":
            guard commitment == .zero else { throw .malformed("server.commitment") }
            return .revealed(
                try RevealedServer(name: name, certificateFingerprint: fingerprint, validatedAt: validatedAt)
            )
        case "committed":
            guard name.isEmpty, fingerprint == .zero, validatedAt == 0 else { throw .malformed("server.name") }
            return .committed(commitment)
        default:
            throw .malformed("server.disclosure")
        }
    }

    private static func transcript(_ structure: TypedFields) throws(AttestationError) -> TranscriptSummary {
        var fields = structure
        return try TranscriptSummary(
            sentLength: Int(clamping: try fields.integer()),
            receivedLength: Int(clamping: try fields.integer()),
            complete: try fields.bool(),
            leafCount: Int(clamping: try fields.integer()),
            root: try fields.bytes32()
        )
    }

    private static func purpose(_ structure: TypedFields) throws(AttestationError) -> AttestationPurpose {
        var fields = structure
        return try AttestationPurpose(
            owner: try fields.address(),
            contextHash: try fields.bytes32(),
            declaredValue: try fields.number(),
            currency: try fields.text(),
            nonce: try fields.bytes32(),
            expiry: try fields.integer()
        )
    }
}

/// Takes the fields of a structure one after the other.
///
/// The schema has checked types and counts by then, so a mismatch here would be a mistake in this file; it is reported
/// as `.malformed` all the same.
private struct TypedFields {
    private var values: ArraySlice<TypedDataValue>

    init(_ value: TypedDataValue) throws(AttestationError) {
        guard case .structure(let values) = value else { throw .malformed("attestation") }
        self.values = values[...]
    }

    private mutating func next() throws(AttestationError) -> TypedDataValue {
        guard let value = values.popFirst() else { throw .malformed("attestation") }
        return value
    }

    mutating func structure() throws(AttestationError) -> TypedFields { try TypedFields(try next()) }

    mutating func number() throws(AttestationError) -> UInt256 {
        guard case .unsigned(let number) = try next() else { throw .malformed("attestation") }
        return number
    }

    mutating func integer() throws(AttestationError) -> UInt64 {
        guard let integer = try number().asUInt64 else { throw .malformed("attestation") }
        return integer
    }

    mutating func bool() throws(AttestationError) -> Bool {
        guard case .bool(let flag) = try next() else { throw .malformed("attestation") }
        return flag
    }

    mutating func address() throws(AttestationError) -> EthereumAddress {
        guard case .address(let address) = try next() else { throw .malformed("attestation") }
        return address
    }

    mutating func bytes() throws(AttestationError) -> [UInt8] {
        guard case .bytes(let bytes) = try next() else { throw .malformed("attestation") }
        return bytes
    }

    mutating func bytes32() throws(AttestationError) -> Bytes32 {
        guard let bytes = Bytes32(try bytes()) else { throw .malformed("attestation") }
        return bytes
    }

    mutating func text() throws(AttestationError) -> String {
        guard case .string(let text) = try next() else { throw .malformed("attestation") }
        return text
    }
}
