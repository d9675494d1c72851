import CryptoCore
import Foundation
import PartyChannel
import Testing

/// What one party's thread ended with.
struct Outcome<Value: Sendable>: Sendable {
    let result: Result<Value, any Error>

    /// The value; throws what the party threw.
    func get() throws -> Value { try result.get() }

    /// What the party threw, if it did.
    var error: (any Error)? {
        if case .failure(let error) = result { error } else { nil }
    }
}

/// Runs two parties on a thread each, joined by channels that the caller may wrap; a party that throws closes its channel.
func runParties<First: Sendable, Second: Sendable>(
    senderChannel: (InMemoryChannel) -> any PartyChannel = { $0 },
    sender: @escaping @Sendable (any PartyChannel) throws -> First,
    receiverChannel: (InMemoryChannel) -> any PartyChannel = { $0 },
    receiver: @escaping @Sendable (any PartyChannel) throws -> Second
) async -> (Outcome<First>, Outcome<Second>) {
    let (senderEnd, receiverEnd) = InMemoryChannel.pair()
    let hands = (Hand(senderChannel(senderEnd)), Hand(receiverChannel(receiverEnd)))
    async let first = runThread(hands.0, sender)
    async let second = runThread(hands.1, receiver)
    return (await first, await second)
}

/// `@unchecked Sendable`: handed to exactly one thread, which is its only user from then on.
private struct Hand: @unchecked Sendable {
    let channel: any PartyChannel

    init(_ channel: any PartyChannel) { self.channel = channel }
}

private func runThread<Value: Sendable>(
    _ hand: Hand,
    _ body: @escaping @Sendable (any PartyChannel) throws -> Value
) async -> Outcome<Value> {
    await withCheckedContinuation { continuation in
        let thread = Thread {
            let result = Result { try body(hand.channel) }
            if case .failure = result { hand.channel.close() }
            continuation.resume(returning: Outcome(result: result))
        }
        thread.stackSize = 8 << 20
        thread.start()
    }
}

/// Changes what one party sends: the real protocol with one deviation.
final class TamperingChannel: PartyChannel {
    private let inner: any PartyChannel
    private let tag: FrameTag
    private let edit: (inout [UInt8]) -> Void

    /// Applies `edit` to every outgoing frame with this tag.
    init(_ inner: any PartyChannel, _ tag: FrameTag, edit: @escaping (inout [UInt8]) -> Void) {
        self.inner = inner
        self.tag = tag
        self.edit = edit
    }

    func send(_ tag: FrameTag, _ payload: [UInt8]) throws(ChannelError) {
        var payload = payload
        if tag == self.tag { edit(&payload) }
        try inner.send(tag, payload)
    }

    func flush() throws(ChannelError) { try inner.flush() }

    func receive(_ tag: FrameTag, limit: Int) throws(ChannelError) -> [UInt8] {
        try inner.receive(tag, limit: limit)
    }

    func close() { inner.close() }
}

/// Counts the bytes that one party sends.
final class CountingChannel: PartyChannel, @unchecked Sendable {
    private let inner: any PartyChannel
    private(set) var byteCount = 0

    init(_ inner: any PartyChannel) { self.inner = inner }

    func send(_ tag: FrameTag, _ payload: [UInt8]) throws(ChannelError) {
        byteCount += payload.count
        try inner.send(tag, payload)
    }

    func flush() throws(ChannelError) { try inner.flush() }

    func receive(_ tag: FrameTag, limit: Int) throws(ChannelError) -> [UInt8] {
        try inner.receive(tag, limit: limit)
    }

    func close() { inner.close() }
}

/// A generator with a seed of its own for each test and party.
func coins(_ number: UInt64) -> BlockPRG {
    BlockPRG(seed: Block(number, 0x7465_7374))
}

/// A fixed Δ.
let testDelta: Delta = {
    var random = coins(0)
    return Delta(random: &random)
}()

/// Expects keys and MACs to be correlations under `delta`, with choice bits that look random.
func expectCorrelated(
    keys: [Block],
    macs: [Block],
    delta: Delta = testDelta,
    count: Int,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(keys.count == count && macs.count == count, sourceLocation: sourceLocation)
    var wrong = 0
    var ones = 0
    for (key, mac) in zip(keys, macs) {
        if key.lowBit || mac != key ^ delta.block.masked(by: mac.lowBit) { wrong += 1 }
        if mac.lowBit { ones += 1 }
    }
    #expect(wrong == 0, sourceLocation: sourceLocation)
    // Five standard deviations.
    let deviation = Double(count).squareRoot() / 2
    #expect(abs(Double(ones) - Double(count) / 2) <= 5 * deviation + 1, sourceLocation: sourceLocation)
    #expect(Set(keys.map(\.littleEndianBytes)).count == count, sourceLocation: sourceLocation)
}

/// The bytes of a hexadecimal literal.
func hex(_ text: String) -> [UInt8] {
    let digits = Array(text)
    return stride(from: 0, to: digits.count, by: 2).map { index in
        guard let byte = UInt8(String(digits[index...index + 1]), radix: 16) else {
            preconditionFailure("not hexadecimal")
        }
        return byte
    }
}
