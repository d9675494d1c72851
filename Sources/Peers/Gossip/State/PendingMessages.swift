/// Messages that wait for the application's verdict.
struct PendingMessages: Sendable {
    private var messages: [MessageID: GossipMessage] = [:]
    private(set) var byteCount = 0

    var count: Int { messages.count }

    /// Whether a message waits under this id whose data are the same.
    func contains(_ message: GossipMessage, id: MessageID) -> Bool { messages[id]?.data == message.data }

    mutating func insert(_ message: GossipMessage, id: MessageID) {
        guard messages.updateValue(message, forKey: id) == nil else { return }
        byteCount += message.encoded.count
    }

    mutating func remove(_ id: MessageID) -> GossipMessage? {
        guard let message = messages.removeValue(forKey: id) else { return nil }
        byteCount -= message.encoded.count
        return message
    }
}
