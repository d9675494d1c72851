package import PeerProtocols

/// The addresses that a peer says it has, signed by it (libp2p RFC 0003).
///
/// Anyone can pass such a record on, as GossipSub's peer exchange does, without being able to alter it. It says who
/// claims the addresses, not that they are the peer's.
package struct SignedPeerRecord: Hashable, Sendable {
    /// Whose addresses.
    package let peer: PeerID
    /// Grows with every record of the peer; only the highest counts.
    package let sequenceNumber: UInt64
    /// The addresses, as far as this node understands them.
    package let addresses: [Multiaddr]
    /// The signed envelope, to be passed on as it is.
    package let envelope: [UInt8]

    /// The longest envelope that is read.
    package static let byteCountMax = 4_096
    /// The most addresses in a record.
    package static let addressCountMax = 32
    // RFC 0003 names another domain and type; these are what implementations use, from the multicodec table.
    private static let domain = "libp2p-peer-record"
    private static let payloadType: [UInt8] = [0x03, 0x01]

    /// Signs a record of one's own; nil if the key cannot sign, or the addresses are too many.
    package init?(addresses: [Multiaddr], sequenceNumber: UInt64, by identity: PeerIdentity) {
        guard addresses.count <= Self.addressCountMax, sequenceNumber < 1 << 63 else { return nil }
        var writer = ProtobufWriter()
        writer.bytes(identity.id.bytes, field: 1)
        writer.varint(sequenceNumber, field: 2)
        for address in addresses {
            var info = ProtobufWriter()
            info.bytes(address.bytes, field: 1)
            writer.bytes(info.bytes, field: 3)
        }
        let sealed = SignedEnvelope(writer.bytes, type: Self.payloadType, domain: Self.domain, by: identity)
        guard let envelope = sealed?.encoded, envelope.count <= Self.byteCountMax else { return nil }
        self.init(peer: identity.id, sequenceNumber: sequenceNumber, addresses: addresses, envelope: envelope)
    }

    /// Parses and verifies an envelope with a record: its signature, and that the signer is the peer it speaks of.
    package init(envelope: [UInt8]) throws(SignedRecordError) {
        let opened = try SignedEnvelope(decoding: envelope, domain: Self.domain, limit: Self.byteCountMax)
        guard opened.payloadType == Self.payloadType else { throw .otherPayload }
        var id: [UInt8]?
        var sequenceNumber: UInt64?
        var addresses: [Multiaddr] = []
        var addressCount = 0
        do {
            var reader = ProtobufReader(opened.payload)
            while let field = try reader.next() {
                switch (field.number, field.value) {
                case (1, .bytes(let value)) where id == nil: id = value
                case (2, .varint(let value)) where sequenceNumber == nil: sequenceNumber = value
                case (3, .bytes(let value)):
                    addressCount += 1
                    guard addressCount <= Self.addressCountMax else { throw ProtobufError.invalidField(3) }
                    if let address = try Self.address(value) { addresses.append(address) }
                case (1...3, _): throw ProtobufError.invalidField(field.number)
                default: break
                }
            }
        } catch { throw .malformed }
        guard let id, let peer = try? PeerID(bytes: id) else { throw .malformed }
        guard peer == PeerID(publicKey: opened.publicKey) else { throw .otherSigner }
        self.init(peer: peer, sequenceNumber: sequenceNumber ?? 0, addresses: addresses, envelope: envelope)
    }

    private init(peer: PeerID, sequenceNumber: UInt64, addresses: [Multiaddr], envelope: [UInt8]) {
        self.peer = peer
        self.sequenceNumber = sequenceNumber
        self.addresses = addresses
        self.envelope = envelope
    }

    private static func address(_ bytes: [UInt8]) throws(ProtobufError) -> Multiaddr? {
        var reader = ProtobufReader(bytes)
        var address: Multiaddr?
        while let field = try reader.next() {
            guard field.number == 1 else { continue }
            guard case .bytes(let value) = field.value else { throw .invalidField(1) }
            address = try? Multiaddr(bytes: value)
        }
        return address
    }
}

/// Why a signed record was refused; the fault of whoever sent it.
package enum SignedRecordError: Error, Equatable, Sendable {
    /// Not an envelope, or not a record in it.
    case malformed
    /// Longer than any honest record.
    case oversize(byteCount: Int)
    /// Signed with another kind of key than secp256k1.
    case unsupportedKey
    /// The signature is not the key's, or was made for another purpose.
    case badSignature
    /// The payload is something else than a peer record.
    case otherPayload
    /// The record speaks of another peer than the one that signed it.
    case otherSigner
    /// A record with this number or a higher one is known already.
    case stale(known: UInt64)
}
