internal import CryptoCore
internal import PartyChannel

/// A channel that also hashes what passes through it, so that the notary can sign what was said.
///
/// Correlations, commitments and answers all pass through it. Two kinds of frames go around it: garbled tables, which
/// are bulky and whose effect is fixed by the answers, and what follows the signature. Each direction has a hash of its
/// own, so that the digest does not depend on how messages that cross on their way are ordered.
final class TranscribingChannel: PartyChannel {
    private let channel: any PartyChannel
    private var sent = SHA256Hasher()
    private var received = SHA256Hasher()
    private let isProver: Bool

    init(_ channel: any PartyChannel, isProver: Bool) {
        self.channel = channel
        self.isProver = isProver
    }

    /// Digest over all frames so far, the same for both parties.
    var digest: [UInt8] {
        let (fromProver, fromNotary) = isProver ? (sent, received) : (received, sent)
        return SHA256.hash(
            Array("tabellion session transcript v2".utf8) + fromProver.finalize() + fromNotary.finalize()
        )
    }

    func send(_ tag: FrameTag, _ payload: [UInt8]) throws(ChannelError) {
        Self.absorb(tag, payload, into: &sent)
        try channel.send(tag, payload)
    }

    func flush() throws(ChannelError) { try channel.flush() }

    func receive(_ tag: FrameTag, limit: Int) throws(ChannelError) -> [UInt8] {
        let payload = try channel.receive(tag, limit: limit)
        Self.absorb(tag, payload, into: &received)
        return payload
    }

    func close() { channel.close() }

    private static func absorb(_ tag: FrameTag, _ payload: [UInt8], into hasher: inout SHA256Hasher) {
        let header =
            (0..<2).map { UInt8(truncatingIfNeeded: tag.rawValue >> (8 - 8 * $0)) }
            + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        hasher.update(header)
        hasher.update(payload)
    }
}
