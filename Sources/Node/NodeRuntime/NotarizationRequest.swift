package import Attestations
internal import CryptoCore
internal import EthereumCodec
package import WireFormat

/// What a buyer asks a notary to bind into the attestation; travels in the session's parameters.
package struct NotarizationRequest: Equatable, Sendable, WireCodable {
    /// The network that the attestation is for.
    package let network: NetworkID
    /// Owner, context, value, nonce and expiry.
    package let purpose: AttestationPurpose
    /// The text behind the context hash, if the notary is to see it.
    package let contextText: String?

    /// A request; the text must hash to the purpose's context hash.
    package init(network: NetworkID, purpose: AttestationPurpose, contextText: String?) {
        self.network = network
        self.purpose = purpose
        self.contextText = contextText
    }

    package func encode(into writer: inout WireWriter) {
        writer.fixed(network.value.bytes)
        writer.fixed(purpose.owner.bytes)
        writer.fixed(purpose.contextHash.bytes)
        writer.fixed(purpose.declaredValue.bigEndianBytes)
        writer.text(purpose.currency)
        writer.fixed(purpose.nonce.bytes)
        writer.uint64(purpose.expiry)
        writer.optional(contextText) { $0.text($1) }
    }

    package init(from reader: inout WireReader) throws(WireError) {
        func bytes32() throws(WireError) -> Bytes32 {
            guard let value = Bytes32(try reader.fixed(32)) else { throw .invalid("32 bytes") }
            return value
        }
        network = NetworkID(try bytes32())
        guard let owner = EthereumAddress(bytes: try reader.fixed(20)) else { throw .invalid("owner") }
        let contextHash = try bytes32()
        guard let declaredValue = UInt256(bigEndianBytes: try reader.fixed(32)) else { throw .invalid("value") }
        let currency = try reader.text(limit: AttestationPurpose.currencyByteCountMax, "currency")
        let nonce = try bytes32()
        let expiry = try reader.uint64()
        do {
            purpose = try AttestationPurpose(
                owner: owner,
                contextHash: contextHash,
                declaredValue: declaredValue,
                currency: currency,
                nonce: nonce,
                expiry: expiry
            )
        } catch {
            throw .invalid("purpose: \(error)")
        }
        contextText = try reader.optional("context") { reader throws(WireError) in
            try reader.text(limit: Attestation.contextTextByteCountMax, "context")
        }
        if let contextText, AttestationPurpose.contextHash(of: contextText) != contextHash {
            throw .invalid("context text")
        }
    }
}
