internal import CryptoCore
internal import PartyChannel

/// The frames of the MPC-TLS protocol, in the order of their first use; docs/engine.md tells what each carries.
enum SessionFrame {
    static let parameters = FrameTag(rawValue: 300)
    static let acceptance = FrameTag(rawValue: 301)
    static let tables = FrameTag(rawValue: 302)
    static let openings = FrameTag(rawValue: 303)
    static let masks = FrameTag(rawValue: 304)
    static let ready = FrameTag(rawValue: 305)
    static let keyExchange = FrameTag(rawValue: 310)
    static let keyExchangeReply = FrameTag(rawValue: 311)
    static let slope = FrameTag(rawValue: 312)
    static let slopeReply = FrameTag(rawValue: 313)
    static let shareCommitment = FrameTag(rawValue: 314)
    static let labels = FrameTag(rawValue: 320)
    static let colours = FrameTag(rawValue: 321)
    static let finishedRecord = FrameTag(rawValue: 330)
    static let finishedTag = FrameTag(rawValue: 331)
    static let requestRecord = FrameTag(rawValue: 332)
    static let requestTag = FrameTag(rawValue: 333)
    static let close = FrameTag(rawValue: 340)
    static let opening = FrameTag(rawValue: 341)
    static let plan = FrameTag(rawValue: 342)
    static let proof = FrameTag(rawValue: 350)
    static let challenge = FrameTag(rawValue: 351)
    static let finalProof = FrameTag(rawValue: 352)
}

/// A channel that also hashes every frame of this protocol, so that the notary can sign what was said.
///
/// Tables, label hashes and proof messages are left out: tables are bulky and their effect is fixed by the answers, and
/// the proof comes after the signature.
final class TranscribingChannel {
    private let channel: any PartyChannel
    private var hasher = SHA256Hasher()
    private let isProver: Bool

    init(_ channel: any PartyChannel, isProver: Bool) {
        self.channel = channel
        self.isProver = isProver
        hasher.update(Array("tabellion session transcript v1".utf8))
    }

    /// Digest over all frames so far.
    var digest: [UInt8] {
        let copy = hasher
        return copy.finalize()
    }

    func send(_ tag: FrameTag, _ payload: [UInt8]) throws {
        absorb(tag, payload, fromProver: isProver)
        try channel.send(tag, payload)
    }

    func receive(_ tag: FrameTag, limit: Int) throws -> [UInt8] {
        let payload = try channel.receive(tag, limit: limit)
        absorb(tag, payload, fromProver: !isProver)
        return payload
    }

    func receive(_ tag: FrameTag, exactly byteCount: Int) throws -> [UInt8] {
        let payload = try channel.receive(tag, exactly: byteCount)
        absorb(tag, payload, fromProver: !isProver)
        return payload
    }

    private func absorb(_ tag: FrameTag, _ payload: [UInt8], fromProver: Bool) {
        var header: [UInt8] = [fromProver ? 0 : 1]
        header += (0..<2).map { UInt8(truncatingIfNeeded: tag.rawValue >> (8 - 8 * $0)) }
        header += (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        hasher.update(header)
        hasher.update(payload)
    }
}
