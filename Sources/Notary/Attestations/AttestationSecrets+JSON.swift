internal import WireFormat

extension AttestationSecrets {
    /// The most bytes of the JSON form.
    public static let jsonByteCountMax = 400 << 20
    static let jsonFormat = "tabellion-secrets"

    /// The JSON form, which is secret.
    public var json: String {
        var members = JSONValue.preamble(Self.jsonFormat)
        members.append(JSONMember("attestationId", .hexadecimal(attestationID.value.bytes)))
        members.append(JSONMember("sent", .hexadecimal(sent)))
        members.append(JSONMember("received", .hexadecimal(received)))
        let openings = openings.map { opening -> JSONValue in
            .object([
                JSONMember("direction", .direction(opening.direction)), JSONMember("kind", .kind(opening.kind)),
                JSONMember("start", .length(opening.range.lowerBound)),
                JSONMember("end", .length(opening.range.upperBound)),
                JSONMember("blinder", .hexadecimal(opening.blinder)),
            ])
        }
        members.append(JSONMember("openings", .array(openings)))
        if let identity { members.append(JSONMember("identity", identity.jsonValue)) }
        return JSONValue.object(members).text(indented: true) + "\n"
    }

    /// Reads the JSON form.
    ///
    /// - Throws: `.malformed`, `.unsupportedVersion`, `.segmentOutOfRange`, `.overlappingSegments`.
    public init(json text: [UInt8]) throws(AttestationError) {
        let document = try JSONValue.document(text, limit: Self.jsonByteCountMax)
        var object = try StrictObject(document, "secrets")
        try object.preamble(Self.jsonFormat)
        let attestationID = AttestationID(try object.bytes32("attestationId"))
        let sent = try object.bytes("sent")
        let received = try object.bytes("received")
        var openings: [SegmentOpening] = []
        for value in try object.array("openings", limit: TranscriptSummary.leafCountMax) {
            var opening = try StrictObject(value, "opening")
            let direction = try opening.direction()
            let kind = try opening.kind()
            let start = try opening.length("start")
            let end = try opening.length("end")
            guard start < end else { throw .malformed("opening.end") }
            let blinder = try opening.bytes("blinder")
            try opening.finish()
            openings.append(
                SegmentOpening(direction: direction, kind: kind, range: start..<end, blinder: blinder)
            )
        }
        let identity = try IdentityOpening(optional: object.optional("identity"))
        try object.finish()
        try self.init(
            attestationID: attestationID,
            sent: sent,
            received: received,
            openings: openings,
            identity: identity
        )
    }
}
