internal import EthereumCodec
internal import WireFormat

extension Attestation {
    /// The most bytes of the JSON form.
    public static let jsonByteCountMax = 64 << 10
    static let jsonFormat = "tabellion-attestation"

    /// The JSON form: the EIP-712 message, the context text and the signature.
    public var json: String { jsonValue.text(indented: true) + "\n" }

    /// Reads the JSON form and checks the signature.
    ///
    /// Members may come in any order; unknown, duplicate or missing ones are refused, and each value has one spelling.
    ///
    /// - Throws: `.malformed`, `.unsupportedVersion`, `.badSignature`, `.contextTextMismatch`.
    public init(json text: [UInt8]) throws(AttestationError) {
        try self.init(jsonValue: try JSONValue.document(text, limit: Self.jsonByteCountMax))
    }

    var jsonValue: JSONValue {
        var members = JSONValue.preamble(Self.jsonFormat)
        members.append(JSONMember("attestation", header.jsonValue))
        if let contextText { members.append(JSONMember("contextText", .string(contextText))) }
        members.append(JSONMember("signature", .hexadecimal(signatureBytes)))
        return .object(members)
    }

    init(jsonValue: JSONValue) throws(AttestationError) {
        var object = try StrictObject(jsonValue, "attestation")
        try object.preamble(Self.jsonFormat)
        let header = try AttestationHeader(jsonValue: try object.value("attestation"))
        var contextText: String?
        if let value = object.optional("contextText") {
            guard let text = value.string else { throw .malformed("attestation.contextText") }
            contextText = text
        }
        let signature = try object.bytes("signature")
        try object.finish()
        try self.init(header: header, contextText: contextText, signature: signature)
    }
}
