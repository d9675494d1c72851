package import PeerProtocols

/// One published message, as it stands on the wire (pubsub specification, "The Message").
///
/// The bytes are kept as they came and are forwarded unchanged: the signature covers the author's own encoding, with
/// whatever fields that has and in its order, so encoding the fields anew could break it. The fields are ranges of
/// those bytes; a copy of a message shares them.
package struct GossipMessage: Hashable, Sendable {
    /// The encoded message.
    package let encoded: [UInt8]
    /// What the message is published to.
    package let topic: GossipTopic
    private let fields: Fields

    /// Where the fields stand; an absent field is an empty range.
    private struct Fields: Hashable {
        var from = 0..<0
        var data = 0..<0
        var sequenceNumber = 0..<0
        var signature = 0..<0
        var signatureField = 0..<0
        var key = 0..<0
        var keyField = 0..<0
    }

    /// Parses an encoded message.
    ///
    /// Only its form is checked; ``MessageSigning/verify(_:)`` checks origin and signature.
    ///
    /// - Throws: ``ProtobufError``, when a field occurs twice, has a wrong type, or the topic is absent or no topic.
    package init(encoded: [UInt8]) throws(ProtobufError) {
        var fields = Fields()
        var topic: GossipTopic?
        var present: UInt64 = 0
        var reader = ProtobufReader(encoded)
        while let field = try reader.nextSpan() {
            guard (1...6).contains(field.number) else { continue }
            guard case .bytes(let range) = field.value, present & 1 << field.number == 0 else {
                throw .invalidField(field.number)
            }
            present |= 1 << field.number
            switch field.number {
            case 1: fields.from = range
            case 2: fields.data = range
            case 3: fields.sequenceNumber = range
            case 4:
                topic = GossipTopic(bytes: encoded[range])
                if topic == nil { throw .invalidField(4) }
            case 5:
                fields.signature = range
                fields.signatureField = field.range
            default:
                fields.key = range
                fields.keyField = field.range
            }
        }
        guard let topic else { throw .missingField(4) }
        self.encoded = encoded
        self.topic = topic
        self.fields = fields
    }

    /// A message of these fields, in the order of their numbers; absent ones are nil.
    package init(
        topic: GossipTopic,
        data: [UInt8]?,
        source: PeerID?,
        sequenceNumber: UInt64?,
        signature: [UInt8]? = nil,
        key: [UInt8]? = nil
    ) {
        var writer = ProtobufWriter(byteCount: (data?.count ?? 0) + topic.name.utf8.count + 256)
        var fields = Fields()
        if let source { fields.from = Self.append(source.bytes, field: 1, to: &writer) }
        if let data { fields.data = Self.append(data, field: 2, to: &writer) }
        if let sequenceNumber {
            let bytes = (0..<8).map { UInt8(truncatingIfNeeded: sequenceNumber >> (56 - 8 * UInt64($0))) }
            fields.sequenceNumber = Self.append(bytes, field: 3, to: &writer)
        }
        _ = Self.append(Array(topic.name.utf8), field: 4, to: &writer)
        if let signature {
            let start = writer.bytes.count
            fields.signature = Self.append(signature, field: 5, to: &writer)
            fields.signatureField = start..<writer.bytes.count
        }
        if let key {
            let start = writer.bytes.count
            fields.key = Self.append(key, field: 6, to: &writer)
            fields.keyField = start..<writer.bytes.count
        }
        encoded = writer.bytes
        self.topic = topic
        self.fields = fields
    }

    private static func append(_ value: [UInt8], field: UInt64, to writer: inout ProtobufWriter) -> Range<Int> {
        writer.bytes(value, field: field)
        return writer.bytes.count - value.count..<writer.bytes.count
    }

    /// Bytes besides payload and topic.
    package var envelopeByteCount: Int { encoded.count - fields.data.count - topic.name.utf8.count }

    /// The payload.
    package var data: ArraySlice<UInt8> { encoded[fields.data] }
    /// The author's peer id, unchecked.
    package var sourceBytes: ArraySlice<UInt8> { encoded[fields.from] }
    /// The author's number of this message, unchecked.
    package var sequenceNumberBytes: ArraySlice<UInt8> { encoded[fields.sequenceNumber] }
    /// The signature, unchecked.
    package var signature: ArraySlice<UInt8> { encoded[fields.signature] }
    /// The author's key, if it stands in the message, unchecked.
    package var key: ArraySlice<UInt8> { encoded[fields.key] }
    /// The author, or nil when the message names none.
    package var source: PeerID? { try? PeerID(bytes: Array(sourceBytes)) }

    /// The number of the message among its author's, or nil when it is not eight bytes.
    package var sequenceNumber: UInt64? {
        guard sequenceNumberBytes.count == 8 else { return nil }
        return sequenceNumberBytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// What a signature covers: the encoded message without its signature and key fields, as all implementations do,
    /// though the specification names the signature alone.
    var signedBytes: [UInt8] {
        var bytes = encoded
        for range in [fields.signatureField, fields.keyField].sorted(by: { $0.lowerBound > $1.lowerBound }) {
            bytes.removeSubrange(range)
        }
        return bytes
    }

    /// Messages are equal when their bytes are.
    package static func == (left: GossipMessage, right: GossipMessage) -> Bool { left.encoded == right.encoded }

    /// Hashes what ``==(_:_:)`` compares.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(encoded)
    }
}
