package import Attestations
package import KeyValueStorage
package import PeerProtocols
package import Records
package import WireFormat

/// An attestation's id.
package struct AttestationKey: OrderedKey, Hashable {
    /// The id.
    package let id: AttestationID

    /// The key of an attestation.
    package init(_ id: AttestationID) {
        self.id = id
    }

    package func encode(into writer: inout KeyWriter) { writer.fixed(id.value.bytes) }
    package init(from reader: inout KeyReader) throws(WireError) { id = AttestationID(try reader.bytes32()) }
}

/// A time in Unix milliseconds and an attestation.
package struct TimeKey: OrderedKey, Hashable {
    /// When the transcript was fixed.
    package let time: UInt64
    /// The attestation.
    package let id: AttestationID

    /// A key of these parts; without an attestation, the first of the moment.
    package init(time: UInt64, id: AttestationID = AttestationID(.zero)) {
        self.time = time
        self.id = id
    }

    package func encode(into writer: inout KeyWriter) {
        writer.unsigned(time)
        writer.fixed(id.value.bytes)
    }

    package init(from reader: inout KeyReader) throws(WireError) {
        time = try reader.unsigned()
        id = AttestationID(try reader.bytes32())
    }
}

/// An account, a time and an attestation.
package struct AccountTimeKey: OrderedKey, Hashable {
    /// A notary or an owner.
    package let account: EthereumAddress
    /// The rest.
    package let time: TimeKey

    /// A key of these parts.
    package init(account: EthereumAddress, time: TimeKey) {
        self.account = account
        self.time = time
    }

    package func encode(into writer: inout KeyWriter) {
        writer.fixed(account.bytes)
        time.encode(into: &writer)
    }

    package init(from reader: inout KeyReader) throws(WireError) {
        account = try reader.address()
        time = try TimeKey(from: &reader)
    }
}

/// A server's name in lower case, a time and an attestation.
package struct ServerTimeKey: OrderedKey, Hashable {
    /// The name.
    package let server: String
    /// The rest.
    package let time: TimeKey

    /// A key of these parts.
    package init(server: String, time: TimeKey) {
        self.server = server
        self.time = time
    }

    package func encode(into writer: inout KeyWriter) {
        writer.text(server)
        time.encode(into: &writer)
    }

    package init(from reader: inout KeyReader) throws(WireError) {
        server = try reader.text(limit: RevealedServer.nameByteCountMax)
        time = try TimeKey(from: &reader)
    }
}

/// A notary and one of its sessions.
package struct SessionKey: OrderedKey, Hashable {
    /// The notary.
    package let notary: EthereumAddress
    /// The session's id.
    package let sessionID: Bytes32

    /// A key of these parts.
    package init(notary: EthereumAddress, sessionID: Bytes32) {
        self.notary = notary
        self.sessionID = sessionID
    }

    package func encode(into writer: inout KeyWriter) {
        writer.fixed(notary.bytes)
        writer.fixed(sessionID.bytes)
    }

    package init(from reader: inout KeyReader) throws(WireError) {
        notary = try reader.address()
        sessionID = try reader.bytes32()
    }
}

/// What may be signed only once.
package struct SignatureKey: OrderedKey, Hashable {
    /// What is signed.
    package let kind: SigningIntent.Kind
    /// What must be unique.
    package let subject: Bytes32

    /// The key of what an intent is about.
    package init(_ intent: SigningIntent) {
        kind = intent.kind
        subject = intent.subject
    }

    package func encode(into writer: inout KeyWriter) {
        writer.unsigned(kind.rawValue)
        writer.fixed(subject.bytes)
    }

    package init(from reader: inout KeyReader) throws(WireError) {
        guard let kind = SigningIntent.Kind(rawValue: try reader.unsigned()) else { throw .invalid("kind") }
        self.kind = kind
        subject = try reader.bytes32()
    }
}

/// When the node signed, and what.
package struct SignatureTimeKey: OrderedKey, Hashable {
    /// When, in Unix milliseconds.
    package let time: UInt64
    /// What; nil only in bounds of ranges.
    package let key: SignatureKey?

    /// A key of these parts.
    package init(time: UInt64, key: SignatureKey?) {
        self.time = time
        self.key = key
    }

    package func encode(into writer: inout KeyWriter) {
        writer.unsigned(time)
        key?.encode(into: &writer)
    }

    package init(from reader: inout KeyReader) throws(WireError) {
        time = try reader.unsigned()
        key = try SignatureKey(from: &reader)
    }
}

/// One minute, hour or day.
package struct DigestKey: OrderedKey, Hashable, Comparable {
    /// How long the span is.
    package let level: DigestLevel
    /// How many such spans were before it since 1970.
    package let index: UInt64

    /// A span.
    package init(level: DigestLevel, index: UInt64) {
        self.level = level
        self.index = index
    }

    package func encode(into writer: inout KeyWriter) {
        writer.unsigned(level.rawValue)
        writer.unsigned(index)
    }

    package init(from reader: inout KeyReader) throws(WireError) {
        guard let level = DigestLevel(rawValue: try reader.unsigned()) else { throw .invalid("level") }
        self.level = level
        index = try reader.unsigned()
    }

    /// Shorter spans come first, then earlier ones.
    package static func < (left: DigestKey, right: DigestKey) -> Bool {
        (left.level.rawValue, left.index) < (right.level.rawValue, right.index)
    }
}

/// A peer's id.
package struct PeerKey: OrderedKey, Hashable {
    private static let byteCountMax = 64

    /// The peer.
    package let peer: PeerID

    /// The key of a peer.
    package init(_ peer: PeerID) {
        self.peer = peer
    }

    package func encode(into writer: inout KeyWriter) { writer.variable(peer.bytes) }
    package init(from reader: inout KeyReader) throws(WireError) {
        guard let peer = try? PeerID(bytes: try reader.variable(limit: Self.byteCountMax)) else {
            throw .invalid("peer")
        }
        self.peer = peer
    }
}

extension KeyReader {
    mutating func bytes32() throws(WireError) -> Bytes32 {
        guard let bytes = Bytes32(try fixed(32)) else { throw .invalid("32 bytes") }
        return bytes
    }

    mutating func address() throws(WireError) -> EthereumAddress {
        guard let address = EthereumAddress(bytes: try fixed(20)) else { throw .invalid("address") }
        return address
    }
}
