internal import WireFormat

extension Presentation {
    /// The most bytes of the JSON form.
    public static let jsonByteCountMax = 200 << 20
    static let jsonFormat = "tabellion-presentation"

    /// The JSON form.
    public var json: String {
        var members = JSONValue.preamble(Self.jsonFormat)
        members.append(JSONMember("attestation", attestation.jsonValue))
        members.append(JSONMember("segments", .array(segments.map(\.jsonValue))))
        members.append(JSONMember("proof", .array(proof.hashes.map { .hexadecimal($0.bytes) })))
        if let identity { members.append(JSONMember("identity", identity.jsonValue)) }
        return JSONValue.object(members).text(indented: true) + "\n"
    }

    /// Reads the JSON form and checks the attestation's signature, but not the segments.
    ///
    /// - Throws: `.malformed`, `.unsupportedVersion`, `.badSignature`, `.contextTextMismatch`.
    public init(json text: [UInt8]) throws(AttestationError) {
        let document = try JSONValue.document(text, limit: Self.jsonByteCountMax)
        var object = try StrictObject(document, "presentation")
        try object.preamble(Self.jsonFormat)
        let attestation = try Attestation(jsonValue: try object.value("attestation"))
        var segments: [ShownSegment] = []
        for value in try object.array("segments", limit: TranscriptSummary.leafCountMax) {
            segments.append(try ShownSegment(jsonValue: value))
        }
        var hashes: [Bytes32] = []
        for value in try object.array("proof", limit: TranscriptSummary.leafCountMax) {
            guard let hash = value.string.flatMap({ Bytes32($0) }) else { throw .malformed("presentation.proof") }
            hashes.append(hash)
        }
        let identity = try IdentityOpening(optional: object.optional("identity"))
        try object.finish()
        try self.init(
            attestation: attestation,
            segments: segments,
            proof: MerkleProof(hashes: hashes),
            identity: identity
        )
    }
}

extension ShownSegment {
    fileprivate var jsonValue: JSONValue {
        .object([
            JSONMember("index", .unsigned(UInt64(index))), JSONMember("direction", .direction(direction)),
            JSONMember("kind", .kind(kind)), JSONMember("start", .length(start)),
            JSONMember("bytes", .hexadecimal(bytes)), JSONMember("blinder", .hexadecimal(blinder)),
        ])
    }

    fileprivate init(jsonValue: JSONValue) throws(AttestationError) {
        var object = try StrictObject(jsonValue, "segment")
        let index = try object.number("index")
        let direction = try object.direction()
        let kind = try object.kind()
        let start = try object.length("start")
        let bytes = try object.bytes("bytes")
        let blinder = try object.bytes("blinder")
        try object.finish()
        try self.init(
            index: index,
            direction: direction,
            kind: kind,
            start: start,
            bytes: bytes,
            blinder: blinder
        )
    }
}

extension IdentityOpening {
    var jsonValue: JSONValue {
        .object([
            JSONMember("blinder", .hexadecimal(blinder.bytes)), JSONMember("handshake", .hexadecimal(handshake)),
        ])
    }

    /// `nil` for a member that is not there.
    init?(optional value: JSONValue?) throws(AttestationError) {
        guard let value else { return nil }
        var object = try StrictObject(value, "identity")
        let blinder = try object.bytes32("blinder")
        let handshake = try object.bytes("handshake")
        try object.finish()
        try self.init(blinder: blinder, handshake: handshake)
    }
}
