import Foundation
import PartyChannel

/// A value that closures of both parties' threads share.
final class Shared<Value>: @unchecked Sendable {
    // `@unchecked Sendable`: every access holds the lock.
    private let lock = NSLock()
    private var stored: Value

    init(_ value: Value) {
        stored = value
    }

    var value: Value { update { $0 } }

    @discardableResult
    func update<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&stored)
    }
}

/// A frame that one party is about to send or has just received.
struct TamperedFrame: Sendable {
    enum Direction: Sendable {
        case outgoing, incoming
    }

    let direction: Direction
    let tag: FrameTag
    /// The number of the frame among those of its direction.
    let index: Int
    /// The number of the frame among those of its direction and tag.
    let occurrence: Int
    let payload: [UInt8]

    /// Whether it is the n-th outgoing frame of this tag.
    func isSent(_ tag: FrameTag, _ occurrence: Int = 0) -> Bool {
        direction == .outgoing && self.tag == tag && self.occurrence == occurrence
    }

    /// Whether it is the n-th incoming frame of this tag.
    func isReceived(_ tag: FrameTag, _ occurrence: Int = 0) -> Bool {
        direction == .incoming && self.tag == tag && self.occurrence == occurrence
    }
}

/// What becomes of a frame.
enum FrameAction: Sendable {
    /// Nothing happens to it.
    case pass
    /// Other bytes under the same tag.
    case replace([UInt8])
    /// The frame with one bit flipped.
    case flip(byte: Int, bit: Int = 0)
    /// These frames in its place; for outgoing frames only.
    case send([(FrameTag, [UInt8])])
    /// These frames go to the other party, and this party sees the end of the conversation.
    case answerAndClose([(FrameTag, [UInt8])])
    /// The frame is swallowed; when its sender waits for an answer next, the conversation ends.
    case drop
    /// The conversation ends here.
    case disconnect
}

/// One party's channel, in the hands of somebody who sees and bends every frame: a cheating party is an honest one
/// behind such a channel.
final class TamperingChannel: PartyChannel {
    typealias Rule = @Sendable (TamperedFrame) -> FrameAction

    private let base: any PartyChannel
    private let rule: Rule
    private var counts = (sent: 0, received: 0)
    private var sentOccurrences: [FrameTag: Int] = [:]
    private var receivedOccurrences: [FrameTag: Int] = [:]
    private var endsAtReceive = false

    init(_ base: any PartyChannel, rule: @escaping Rule) {
        self.base = base
        self.rule = rule
    }

    func send(_ tag: FrameTag, _ payload: [UInt8]) throws(ChannelError) {
        let occurrence = sentOccurrences[tag, default: 0]
        sentOccurrences[tag] = occurrence + 1
        defer { counts.sent += 1 }
        let frame = TamperedFrame(
            direction: .outgoing,
            tag: tag,
            index: counts.sent,
            occurrence: occurrence,
            payload: payload
        )
        switch rule(frame) {
        case .pass: try base.send(tag, payload)
        case .replace(let bytes): try base.send(tag, bytes)
        case .flip(let byte, let bit): try base.send(tag, Self.flipped(payload, byte, bit))
        case .send(let frames):
            for (tag, payload) in frames { try base.send(tag, payload) }
        case .answerAndClose(let frames):
            for (tag, payload) in frames { try base.send(tag, payload) }
            base.close()
            throw .closed
        case .drop: endsAtReceive = true
        case .disconnect:
            base.close()
            throw .closed
        }
    }

    func flush() throws(ChannelError) { try base.flush() }

    func receive(_ tag: FrameTag, limit: Int) throws(ChannelError) -> [UInt8] {
        guard !endsAtReceive else {
            base.close()
            throw .closed
        }
        let payload = try base.receive(tag, limit: limit)
        let occurrence = receivedOccurrences[tag, default: 0]
        receivedOccurrences[tag] = occurrence + 1
        defer { counts.received += 1 }
        let frame = TamperedFrame(
            direction: .incoming,
            tag: tag,
            index: counts.received,
            occurrence: occurrence,
            payload: payload
        )
        switch rule(frame) {
        case .pass, .send: return payload
        case .replace(let bytes): return bytes
        case .flip(let byte, let bit): return Self.flipped(payload, byte, bit)
        case .answerAndClose(let frames):
            for (tag, payload) in frames { try base.send(tag, payload) }
            base.close()
            throw .closed
        case .drop: return try receive(tag, limit: limit)
        case .disconnect:
            base.close()
            throw .closed
        }
    }

    func close() { base.close() }

    private static func flipped(_ payload: [UInt8], _ byte: Int, _ bit: Int) -> [UInt8] {
        var bytes = payload
        bytes[byte < 0 ? bytes.count + byte : byte] ^= 1 << UInt8(bit)
        return bytes
    }
}
