import Correlations
import CryptoCore
import PartyChannel
import Testing

/// What one party sent under fixed seeds, as one digest: a change of this table is a change of the protocol.
final class RecordingChannel: PartyChannel, @unchecked Sendable {
    private let inner: any PartyChannel
    private var hasher = SHA256Hasher()

    init(_ inner: any PartyChannel) { self.inner = inner }

    /// The first bytes of the digest of all tags, lengths and payloads.
    var digest: String {
        hasher.finalize().prefix(8).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    func send(_ tag: FrameTag, _ payload: [UInt8]) throws(ChannelError) {
        let header = UInt64(tag.rawValue) << 32 | UInt64(payload.count)
        hasher.update((0..<8).map { UInt8(truncatingIfNeeded: header >> UInt64(8 * $0)) } + payload)
        try inner.send(tag, payload)
    }

    func flush() throws(ChannelError) { try inner.flush() }

    func receive(_ tag: FrameTag, limit: Int) throws(ChannelError) -> [UInt8] {
        try inner.receive(tag, limit: limit)
    }

    func close() { inner.close() }
}

@Suite("Wire traces")
struct WireTraceTests {
    @Test("The frames under fixed seeds are what they always were")
    func trace() async throws {
        let (sender, receiver) = await runParties(
            sender: { end in
                let channel = RecordingChannel(end)
                _ = try BulkCOTSender(channel: channel, delta: testDelta, random: coins(1), sessionID: [1])
                    .reserve(100_000)
                let bulk = channel.digest
                let correlations = try COTSender(
                    channel: channel,
                    delta: testDelta,
                    random: coins(3),
                    sessionID: [2]
                )
                _ = try P256OLESender(channel: channel, correlations: correlations).generate(inputs: [.one])
                _ = try GF128OLESender(channel: channel, correlations: correlations).generate(inputs: [GF128.one])
                return [bulk, channel.digest]
            },
            receiver: { end in
                let channel = RecordingChannel(end)
                try BulkCOTReceiver(channel: channel, random: coins(2), sessionID: [1]).reserve(100_000)
                let bulk = channel.digest
                let correlations = try COTReceiver(channel: channel, random: coins(4), sessionID: [2])
                var random = coins(5)
                _ = try P256OLEReceiver(channel: channel, correlations: correlations)
                    .generate(count: 1, random: &random)
                _ = try GF128OLEReceiver(channel: channel, correlations: correlations).generate(count: 1)
                return [bulk, channel.digest]
            }
        )
        let sent = try sender.get()
        #expect(sent == ["458f9a10ad1cc927", "6c404cc424a76674"])
        let answered = try receiver.get()
        #expect(answered == ["27deb6051d2d2a3c", "3717bdb0a2e2c4b8"])
    }
}
