import Correlations
import CryptoCore
import PartyChannel
import Testing

@Suite("SoftSpoken correlated OT")
struct COTTests {
    @Test("Keys and MACs are correlated, over many calls", arguments: TreeDepth.allCases)
    func correlated(depth: TreeDepth) async throws {
        let counts = [1, 127, 128, 300, 0, 5_000]
        let (sender, receiver) = await runParties(
            sender: { channel in
                let sender = try COTSender(
                    channel: channel,
                    delta: testDelta,
                    random: coins(1),
                    sessionID: [1],
                    treeDepth: depth
                )
                return try counts.flatMap { try sender.extend($0) }
            },
            receiver: { channel in
                let receiver = try COTReceiver(channel: channel, random: coins(2), sessionID: [1], treeDepth: depth)
                return try counts.flatMap { try receiver.extend($0) }
            }
        )
        expectCorrelated(keys: try sender.get(), macs: try receiver.get(), count: counts.reduce(0, +))
    }

    @Test("A request larger than one frame is split")
    func severalFrames() async throws {
        let count = SoftSpokenExtension.rowCountMax + 1_000
        let (sender, receiver) = await runParties(
            sender: { try COTSender(channel: $0, delta: testDelta, random: coins(1), sessionID: [1]).extend(count) },
            receiver: { try COTReceiver(channel: $0, random: coins(2), sessionID: [1]).extend(count) }
        )
        expectCorrelated(keys: try sender.get(), macs: try receiver.get(), count: count)
    }

    @Test("Every bit of Δ may be 0 or 1", arguments: [Block(1, 0), Block(~0, ~0), Block(0x5555, 0xaaaa << 48)])
    func extremeDelta(block: Block) async throws {
        let delta = Delta(settingLowBitOf: block)
        let (sender, receiver) = await runParties(
            sender: {
                try COTSender(channel: $0, delta: delta, random: coins(1), sessionID: [1], treeDepth: .eight)
                    .extend(500)
            },
            receiver: { try COTReceiver(channel: $0, random: coins(2), sessionID: [1], treeDepth: .eight).extend(500) }
        )
        expectCorrelated(keys: try sender.get(), macs: try receiver.get(), delta: delta, count: 500)
    }

    @Test("Parties that disagree on session or tree depth get nowhere")
    func disagreement() async {
        let (sender, receiver) = await runParties(
            sender: { try COTSender(channel: $0, delta: testDelta, random: coins(1), sessionID: [1]).extend(10) },
            receiver: { try COTReceiver(channel: $0, random: coins(2), sessionID: [2]).extend(10) }
        )
        #expect(sender.error as? CorrelationError == .inconsistentTrees)
        // The receiver never waits for an answer: it ends first, or finds the channel closed by the refusal.
        #expect(receiver.error == nil || receiver.error as? ChannelError == .closed)
        let (other, _) = await runParties(
            sender: {
                _ = try COTSender(channel: $0, delta: testDelta, random: coins(1), sessionID: [1], treeDepth: .two)
            },
            receiver: { _ = try COTReceiver(channel: $0, random: coins(2), sessionID: [1], treeDepth: .eight) }
        )
        #expect(other.error as? CorrelationError == .inconsistentTrees)
    }

    @Test("The caller's impossible counts are refused without a message")
    func impossibleCounts() async throws {
        let (sender, receiver) = await runParties(
            sender: { channel in
                let sender = try COTSender(channel: channel, delta: testDelta, random: coins(1), sessionID: [1])
                #expect(throws: CorrelationError.invalidCount(-1)) { try sender.extend(-1) }
                #expect(throws: CorrelationError.invalidCount(1 << 25)) { try sender.extend(1 << 25) }
                return try sender.extend(10)
            },
            receiver: { try COTReceiver(channel: $0, random: coins(2), sessionID: [1]).extend(10) }
        )
        expectCorrelated(keys: try sender.get(), macs: try receiver.get(), count: 10)
    }

    @Test("An instance that failed refuses to go on")
    func unusableAfterFailure() async throws {
        let (sender, _) = await runParties(
            sender: { channel in
                let sender = try COTSender(channel: channel, delta: testDelta, random: coins(1), sessionID: [1])
                #expect(throws: CorrelationError.inconsistentChoices) { try sender.extend(100) }
                #expect(throws: CorrelationError.unusable) { try sender.extend(100) }
                #expect(throws: CorrelationError.unusable) { try sender.extend(0) }
            },
            receiverChannel: { TamperingChannel($0, .extensionColumns) { $0[40] ^= 1 } },
            receiver: { try COTReceiver(channel: $0, random: coins(2), sessionID: [1]).extend(100) }
        )
        #expect(sender.error == nil)
        #expect(CorrelationError.unusable.blame == .caller && CorrelationError.inconsistentChoices.blame == .peer)
    }

    @Test("The bytes of setup and extension are what is documented", arguments: TreeDepth.allCases)
    func byteCounts(depth: TreeDepth) async throws {
        let (senderBytes, receiverBytes) = await runParties(
            sender: { end in
                let channel = CountingChannel(end)
                _ = try COTSender(
                    channel: channel,
                    delta: testDelta,
                    random: coins(1),
                    sessionID: [1],
                    treeDepth: depth
                ).extend(10_000)
                return channel.byteCount
            },
            receiver: { end in
                let channel = CountingChannel(end)
                _ = try COTReceiver(channel: channel, random: coins(2), sessionID: [1], treeDepth: depth)
                    .extend(10_000)
                return channel.byteCount
            }
        )
        #expect(try senderBytes.get() == 128 * 66)
        let rows = 10_112 + 256
        let extensionBytes = (128 / depth.rawValue - 1) * rows / 8 + 64
        #expect(try receiverBytes.get() == 33 + depth.correctionByteCount + extensionBytes)
    }
}
