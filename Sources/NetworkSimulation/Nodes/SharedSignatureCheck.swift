internal import Gossip
internal import Synchronization

/// Verifies the signatures of messages, each message once for all nodes of the process.
///
/// Whether a signature is good depends on the bytes of the message alone, so whoever asks second may have the answer of
/// the first.
final class SharedSignatureCheck: Sendable {
    /// A message found by its signature, and compared as a whole.
    private struct Signed: Hashable {
        let message: GossipMessage

        func hash(into hasher: inout Hasher) {
            message.signature.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
    }

    private struct Results {
        var known: [Signed: Bool] = [:]
        var computedCount = 0
    }

    private let results = Mutex(Results())
    private let countMax: Int

    /// Remembers at most `countMax` messages, then forgets all.
    init(countMax: Int = 1 << 16) {
        self.countMax = countMax
    }

    /// How many signatures were really checked.
    var computedCount: Int { results.withLock { $0.computedCount } }

    /// Whether StrictSign's checks hold.
    func isGood(_ message: GossipMessage) -> Bool {
        results.withLock { results in
            let signed = Signed(message: message)
            if let known = results.known[signed] { return known }
            let isGood = (try? MessageSigning.verify(message)) != nil
            if results.known.count >= countMax { results.known = [:] }
            results.known[signed] = isGood
            results.computedCount += 1
            return isGood
        }
    }
}
