internal import Attestations
internal import Gossip
internal import Records

/// Says of every gossip message that honest nodes send whether they may, independently of what nodes think.
///
/// A message is valid if its author signed it and its payload is a record, signed by its notary, whose header the
/// simulation asked that notary to sign.
struct MessageJudge {
    /// What is known of a message.
    enum Verdict {
        /// Valid; the record's number.
        case record(Int)
        /// Not valid, and why.
        case invalid(String)
    }

    private var verdicts: [Signed: Verdict] = [:]
    /// The message of each id whose author is honest: there must never be a second one.
    private var messages: [MessageID: GossipMessage] = [:]

    /// A message found by its signature, and compared as a whole.
    private struct Signed: Hashable {
        let message: GossipMessage

        func hash(into hasher: inout Hasher) {
            message.signature.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
    }

    /// The verdict on a message.
    mutating func verdict(_ message: GossipMessage, network: SimulatedNetwork, ledger: RecordLedger) -> Verdict {
        let signed = Signed(message: message)
        if let known = verdicts[signed] { return known }
        let verdict = Self.judge(message, network: network, ledger: ledger)
        verdicts[signed] = verdict
        return verdict
    }

    /// Whether an honest author's message has an id that another of its messages has already.
    mutating func isSecond(_ message: GossipMessage) -> Bool {
        guard let id = MessageID.origin(message) else { return false }
        if let first = messages[id] { return first != message }
        messages[id] = message
        return false
    }

    private static func judge(
        _ message: GossipMessage,
        network: SimulatedNetwork,
        ledger: RecordLedger
    ) -> Verdict {
        guard message.topic == network.topic else { return .invalid("of topic \(message.topic)") }
        guard (try? MessageSigning.verify(message)) != nil else { return .invalid("its signature is not its author's") }
        guard let record = try? Notarization(bytes: Array(message.data)) else { return .invalid("no record") }
        guard let number = ledger.number(of: record.id) else { return .invalid("nobody was asked for \(record.id)") }
        return .record(number)
    }
}
