/// What a router counted of the messages of one topic since it began, copies included.
package struct TopicTraffic: Hashable, Sendable {
    /// Messages that arrived while the topic was joined.
    package var messagesReceived = 0
    /// Their encodings' bytes.
    package var bytesReceived = 0
    /// Messages sent: own, forwarded or asked for.
    package var messagesSent = 0
    /// Their encodings' bytes.
    package var bytesSent = 0

    /// Nothing, or these counts.
    package init(messagesReceived: Int = 0, bytesReceived: Int = 0, messagesSent: Int = 0, bytesSent: Int = 0) {
        self.messagesReceived = messagesReceived
        self.bytesReceived = bytesReceived
        self.messagesSent = messagesSent
        self.bytesSent = bytesSent
    }

    mutating func countReceived(_ message: GossipMessage) {
        messagesReceived += 1
        bytesReceived += message.encoded.count
    }

    mutating func countSent(_ message: GossipMessage) {
        messagesSent += 1
        bytesSent += message.encoded.count
    }
}
