package import CryptoCore

/// What a peer says of itself on `/ipfs/id/1.0.0` (libp2p specs, "identify").
///
/// On the stream the message stands after its varint length, and the stream ends after it.
package struct IdentifyMessage: Equatable, Sendable {
    /// The family of protocols, for example `ipfs/0.1.0`.
    package var protocolVersion: String?
    /// The program and its version.
    package var agentVersion: String?
    /// The peer's key; whoever reads it compares it with the connection's.
    package var publicKey: Secp256k1PublicKey?
    /// Where the peer listens, as far as this node understands the addresses.
    package var listenAddresses: [Multiaddr]
    /// The address that the peer sees this side at.
    package var observedAddress: Multiaddr?
    /// The protocols that the peer accepts streams for.
    package var protocols: [ProtocolName]
    /// The peer's addresses in an envelope that it signed (libp2p RFC 0003), as it came: unchecked.
    package var signedPeerRecord: [UInt8]?

    /// A message of these fields.
    package init(
        protocolVersion: String? = nil,
        agentVersion: String? = nil,
        publicKey: Secp256k1PublicKey? = nil,
        listenAddresses: [Multiaddr] = [],
        observedAddress: Multiaddr? = nil,
        protocols: [ProtocolName] = [],
        signedPeerRecord: [UInt8]? = nil
    ) {
        self.protocolVersion = protocolVersion
        self.agentVersion = agentVersion
        self.publicKey = publicKey
        self.listenAddresses = listenAddresses
        self.observedAddress = observedAddress
        self.protocols = protocols
        self.signedPeerRecord = signedPeerRecord
    }

    /// The longest message that is read.
    package static let byteCountMax = 16 << 10
    /// The most addresses, and the most protocols, that are kept.
    static let entryCountMax = 256
    private static let textByteCountMax = 256

    /// The message with its varint length in front.
    package func encoded() -> [UInt8] {
        var writer = ProtobufWriter()
        if let publicKey { writer.bytes(PeerKeyEncoding.encode(publicKey), field: 1) }
        for address in listenAddresses { writer.bytes(address.bytes, field: 2) }
        for name in protocols { writer.bytes(Array(name.description.utf8), field: 3) }
        if let observedAddress { writer.bytes(observedAddress.bytes, field: 4) }
        if let protocolVersion { writer.bytes(Array(protocolVersion.utf8), field: 5) }
        if let agentVersion { writer.bytes(Array(agentVersion.utf8), field: 6) }
        if let signedPeerRecord { writer.bytes(signedPeerRecord, field: 8) }
        return UnsignedVarint.encode(UInt64(writer.bytes.count)) + writer.bytes
    }

    /// Takes a message with its length from the front of `input`, or gives nil when it has not arrived in full.
    package static func take(from input: inout ByteQueue) throws(IdentifyError) -> IdentifyMessage? {
        let prefix: (value: UInt64, byteCount: Int)?
        do { prefix = try UnsignedVarint.decode(input.bytes.prefix(UnsignedVarint.byteCountMax + 1)) } catch {
            throw .malformed
        }
        guard let prefix else { return nil }
        guard prefix.value <= UInt64(byteCountMax) else { throw .oversize(announced: prefix.value) }
        guard input.count >= prefix.byteCount + Int(prefix.value) else { return nil }
        input.removeFirst(prefix.byteCount)
        guard let bytes = input.take(Int(prefix.value)) else { throw .malformed }
        return try IdentifyMessage(bytes: bytes)
    }

    /// Parses a message without its length.
    ///
    /// Addresses and names that this node does not understand are left out.
    package init(bytes: [UInt8]) throws(IdentifyError) {
        self.init()
        do {
            var reader = ProtobufReader(bytes)
            while let field = try reader.next() {
                guard case .bytes(let value) = field.value else {
                    guard field.number == 7 || field.number > 8 else { throw IdentifyError.malformed }
                    continue
                }
                switch field.number {
                case 1: publicKey = try? PeerKeyEncoding.decode(value)
                case 2 where listenAddresses.count < Self.entryCountMax:
                    if let address = try? Multiaddr(bytes: value) { listenAddresses.append(address) }
                case 3 where protocols.count < Self.entryCountMax:
                    if let name = ProtocolName(String(decoding: value, as: UTF8.self)) { protocols.append(name) }
                case 4: observedAddress = try? Multiaddr(bytes: value)
                case 5: protocolVersion = Self.text(value)
                case 6: agentVersion = Self.text(value)
                case 8: signedPeerRecord = value
                default: break
                }
            }
        } catch { throw .malformed }
    }

    /// At most 256 bytes of printable characters: the text ends up in logs and on terminals.
    private static func text(_ bytes: [UInt8]) -> String {
        var text = String.UnicodeScalarView()
        var byteCount = 0
        // What stands for bytes that are no UTF-8 is longer than these.
        for scalar in String(decoding: bytes.prefix(textByteCountMax), as: UTF8.self).unicodeScalars
        where scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value) {
            byteCount += UTF8.width(scalar)
            guard byteCount <= textByteCountMax else { break }
            text.append(scalar)
        }
        return String(text)
    }
}

/// Why an identify message was refused; the peer's fault.
package enum IdentifyError: Error, Equatable, Sendable {
    /// Not a message of identify.
    case malformed
    /// Longer than any honest message.
    case oversize(announced: UInt64)
}
