internal import CryptoCore

/// What a message is recognised by; all peers of a topic compute it alike.
package struct MessageID: Hashable, Sendable {
    /// The longest id that is read, kept or sent.
    package static let byteCountMax = 256

    /// 1 to ``byteCountMax`` bytes.
    package let bytes: [UInt8]

    /// An id of 1 to ``byteCountMax`` bytes, or nil.
    package init?(_ bytes: some Collection<UInt8>) {
        guard (1...Self.byteCountMax).contains(bytes.count) else { return nil }
        self.bytes = Array(bytes)
    }

    /// Hashes the bytes at once; byte by byte it would take most of the time that is spent on ids.
    package func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    /// The SHA-256 digest of the message's data.
    ///
    /// Two messages of one id have one content, so that one verdict holds for both: an author cannot have honest peers
    /// blamed for a good message by giving its number to a bad one, and the same content under many authors and numbers
    /// is looked at once.
    package static func content(_ message: GossipMessage) -> MessageID? {
        MessageID(SHA256.hash(Array(message.data)))
    }

    /// The default of pubsub: the message's `from` followed by its `seqno` ("Message Identification").
    ///
    /// It says nothing of the content: an author may give it to several messages.
    /// Nil for a message without either, or with oversize ones; such a message is not valid under StrictSign.
    package static func origin(_ message: GossipMessage) -> MessageID? {
        guard !message.sourceBytes.isEmpty, !message.sequenceNumberBytes.isEmpty else { return nil }
        return MessageID(message.sourceBytes + message.sequenceNumberBytes)
    }
}
