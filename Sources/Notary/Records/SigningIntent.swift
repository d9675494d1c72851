package import Attestations
package import WireFormat

/// What a node is about to sign, and for what subject it may do so only once.
package struct SigningIntent: Hashable, Sendable {
    /// What is signed; for one kind and subject there is one digest, ever.
    package enum Kind: UInt8, CaseIterable, Hashable, Sendable {
        /// The attestation of a session.
        case attestation = 1
        /// The transcript of a session, before the notary opens its seed.
        case sessionTranscript = 2
    }

    /// What is signed.
    package let kind: Kind
    /// What must be unique: for both kinds, the session's id.
    package let subject: Bytes32
    /// The digest that is signed.
    package let digest: Bytes32

    /// The intent to sign `digest`.
    package init(kind: Kind, subject: Bytes32, digest: Bytes32) {
        self.kind = kind
        self.subject = subject
        self.digest = digest
    }

    /// The intent to sign an attestation's header.
    package init(attesting header: AttestationHeader) {
        self.init(kind: .attestation, subject: header.sessionID, digest: header.id.value)
    }
}

/// What a node remembers of its own signature, from before it was made.
package struct OwnSignature: Hashable, Sendable {
    /// The digest that was signed.
    package let digest: Bytes32
    /// When, in Unix milliseconds.
    package let time: UInt64

    /// A signature of `digest`.
    package init(digest: Bytes32, time: UInt64) {
        self.digest = digest
        self.time = time
    }

    /// Whether signing `intent` would be a second, different signature: ``digest`` is the one that exists.
    ///
    /// The same digest may be signed again, because signatures are deterministic (RFC 6979).
    package func conflicts(with intent: SigningIntent) -> Bool { digest != intent.digest }
}

extension OwnSignature: WireCodable {
    package func encode(into writer: inout WireWriter) {
        writer.fixed(digest.bytes)
        writer.uint64(time)
    }

    package init(from reader: inout WireReader) throws(WireError) {
        guard let digest = Bytes32(try reader.fixed(32)) else { throw .invalid("digest") }
        self.init(digest: digest, time: try reader.uint64())
    }
}
