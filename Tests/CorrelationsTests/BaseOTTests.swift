import Correlations
import CryptoCore
import PartyChannel
import Testing

@Suite("Base OT")
struct BaseOTTests {
    private static func transcript(_ session: UInt8 = 1) -> SHA256Hasher {
        COTSetup.transcript(sessionID: [session], treeDepth: .two)
    }

    @Test("The receiver gets the string that it chose, and not the other")
    func chosenStrings() async throws {
        let choices = (0..<16).map { $0 % 3 == 0 }
        let (sent, received) = await runParties(
            sender: { channel in
                var random = coins(1)
                var transcript = Self.transcript()
                return try BaseOT.send(16, over: channel, random: &random, transcript: &transcript).map { [$0, $1] }
            },
            receiver: { channel in
                var random = coins(2)
                var transcript = Self.transcript()
                return try BaseOT.receive(choices: choices, over: channel, random: &random, transcript: &transcript)
            }
        )
        let strings = try sent.get()
        for (index, string) in try received.get().enumerated() {
            #expect(string == strings[index][choices[index] ? 1 : 0])
            #expect(string != strings[index][choices[index] ? 0 : 1])
        }
        #expect(Set(strings.joined().map(\.littleEndianBytes)).count == 32)
    }

    @Test("Strings of different sessions have nothing in common")
    func sessionBinding() async throws {
        let (sent, received) = await runParties(
            sender: { channel in
                var random = coins(1)
                var transcript = Self.transcript(1)
                return try BaseOT.send(4, over: channel, random: &random, transcript: &transcript).flatMap { [$0, $1] }
            },
            receiver: { channel in
                var random = coins(2)
                var transcript = Self.transcript(2)
                return try BaseOT.receive(
                    choices: [true, false, true, false],
                    over: channel,
                    random: &random,
                    transcript: &transcript
                )
            }
        )
        let strings = Set(try sent.get().map(\.littleEndianBytes))
        #expect(strings.isDisjoint(with: try received.get().map(\.littleEndianBytes)))
    }

    /// Encodings that are no points: a wrong first byte, infinity, x without a point, x that is not below p.
    static let badPoints: [[UInt8]] = [
        [4] + [UInt8](repeating: 1, count: 32),
        [UInt8](repeating: 0, count: 33),
        // x = 1: 1 - 3 + b is no square.
        [2] + [UInt8](repeating: 0, count: 31) + [1],
        [3] + [UInt8](repeating: 0xff, count: 32),
        [2] + hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"),
    ]

    @Test("A key that is no point of the curve is refused", arguments: badPoints)
    func badKey(encoding: [UInt8]) async {
        let (sender, _) = await runParties(
            sender: { _ = try COTSender(channel: $0, delta: testDelta, random: coins(1), sessionID: [1]) },
            receiverChannel: { TamperingChannel($0, .baseOTKey) { $0 = encoding } },
            receiver: { _ = try COTReceiver(channel: $0, random: coins(2), sessionID: [1]) }
        )
        #expect(sender.error as? CorrelationError == .invalidPoint(tag: .baseOTKey))
    }

    @Test("A choice that is no point of the curve is refused", arguments: badPoints)
    func badChoice(encoding: [UInt8]) async {
        let (_, receiver) = await runParties(
            senderChannel: { end in
                TamperingChannel(end, .baseOTChoice) { $0.replaceSubrange(66 * 77 + 33..<66 * 78, with: encoding) }
            },
            sender: { _ = try COTSender(channel: $0, delta: testDelta, random: coins(1), sessionID: [1]) },
            receiver: { _ = try COTReceiver(channel: $0, random: coins(2), sessionID: [1]) }
        )
        #expect(receiver.error as? CorrelationError == .invalidPoint(tag: .baseOTChoice))
    }

    @Test("A receiver that programs the point at infinity is refused")
    func rogueInfinity() async throws {
        // r_0 = −H(0, r_1) makes the sender's string for side 0 independent of its secret.
        let (sender, _) = await runParties(
            sender: { channel in
                var random = coins(1)
                var transcript = Self.transcript()
                _ = try BaseOT.send(1, over: channel, random: &random, transcript: &transcript)
            },
            receiver: { channel in
                _ = try channel.receive(.baseOTKey, exactly: 33)
                var random = coins(2)
                let other = try P256Point.generatorMultiple(P256Scalar.random(from: &random)).compressed
                let mask = try P256Point.hashing(
                    Self.transcript().finalize() + [0, 0, 0] + other,
                    domain: [UInt8]("TABELLION-V1-BASE-OT-with-P256_XMD:SHA-256_SSWU_RO_".utf8)
                )
                try channel.send(.baseOTChoice, mask.negated.compressed + other)
            }
        )
        #expect(sender.error as? CorrelationError == .invalidPoint(tag: .baseOTChoice))
    }

    @Test("Choices of a wrong length are refused", arguments: [66 * 128 - 1, 66 * 128 + 1, 0])
    func wrongLength(count: Int) async {
        let (_, receiver) = await runParties(
            senderChannel: { TamperingChannel($0, .baseOTChoice) { $0 = [UInt8](repeating: 2, count: count) } },
            sender: { _ = try COTSender(channel: $0, delta: testDelta, random: coins(1), sessionID: [1]) },
            receiver: { _ = try COTReceiver(channel: $0, random: coins(2), sessionID: [1]) }
        )
        #expect(receiver.error is ChannelError)
    }
}
