import Correlations
import CryptoCore
import PartyChannel
import Testing

@Suite("Oblivious linear evaluation")
struct OLETests {
    private static let factors: [P256FieldElement] = {
        var random = coins(50)
        return [.zero, .one, -.one] + (0..<3).map { _ in .random(from: &random) }
    }()

    private static let blocks: [Block] = {
        var random = coins(51)
        return [.zero, GF128.one, Block(~0, ~0)] + random.blocks(3)
    }()

    private func correlations(sender channel: any PartyChannel) throws -> COTSender {
        try COTSender(channel: channel, delta: testDelta, random: coins(1), sessionID: [1])
    }

    private func correlations(receiver channel: any PartyChannel) throws -> COTReceiver {
        try COTReceiver(channel: channel, random: coins(2), sessionID: [1])
    }

    @Test("Shares over the field of P-256 add up to the products, batch after batch, and pass the audit")
    func p256() async throws {
        let (sender, receiver) = await runParties(
            sender: { channel in
                let sender = P256OLESender(channel: channel, correlations: try correlations(sender: channel))
                return try sender.generate(inputs: Self.factors) + sender.generate(inputs: [])
                    + sender.generate(inputs: [Self.factors[4]])
            },
            receiver: { channel in
                let receiver = P256OLEReceiver(channel: channel, correlations: try correlations(receiver: channel))
                var random = coins(3)
                let products =
                    try receiver.generate(count: 6, random: &random)
                    + receiver.generate(count: 0, random: &random) + receiver.generate(count: 1, random: &random)
                let audited = try receiver.audit(delta: testDelta, factors: Self.factors + [Self.factors[4]])
                return (products.map(\.factor), products.map(\.share), audited)
            }
        )
        let shares = try sender.get()
        let (factors, others, audited) = try receiver.get()
        #expect(shares.count == 7 && audited == shares)
        for (index, a) in (Self.factors + [Self.factors[4]]).enumerated() {
            #expect(a * factors[index] == shares[index] + others[index])
        }
        var random = coins(3)
        #expect(factors == (0..<7).map { _ in P256FieldElement.random(from: &random) })
    }

    @Test("Shares over GF(2^128) add up to the products and pass the audit")
    func gf128() async throws {
        let (sender, receiver) = await runParties(
            sender: { channel in
                let sender = GF128OLESender(channel: channel, correlations: try correlations(sender: channel))
                return try sender.generate(inputs: Self.blocks) + sender.generate(inputs: [Self.blocks[3]])
            },
            receiver: { channel in
                let receiver = GF128OLEReceiver(channel: channel, correlations: try correlations(receiver: channel))
                let products = try receiver.generate(count: 6) + receiver.generate(count: 1)
                let audited = try receiver.audit(delta: testDelta, factors: Self.blocks + [Self.blocks[3]])
                return (products.map(\.factor), products.map(\.share), audited)
            }
        )
        let shares = try sender.get()
        let (factors, others, audited) = try receiver.get()
        #expect(shares.count == 7 && audited == shares)
        for (index, a) in (Self.blocks + [Self.blocks[3]]).enumerated() {
            #expect(GF128.multiply(a, factors[index]) == shares[index] ^ others[index])
        }
        #expect(Set(factors.map(\.littleEndianBytes)).count == 7)
    }

    @Test("A sender whose message is wrong in one place fails the audit")
    func wrongMessage() async throws {
        let (_, receiver) = await runParties(
            senderChannel: { TamperingChannel($0, .p256OLE) { $0[32 * 100 + 31] ^= 1 } },
            sender: { channel in
                try P256OLESender(channel: channel, correlations: try correlations(sender: channel))
                    .generate(inputs: Self.factors)
            },
            receiver: { channel in
                let receiver = P256OLEReceiver(channel: channel, correlations: try correlations(receiver: channel))
                var random = coins(3)
                _ = try receiver.generate(count: 6, random: &random)
                #expect(throws: CorrelationError.auditFailed) {
                    try receiver.audit(delta: testDelta, factors: Self.factors)
                }
            }
        )
        #expect(receiver.error == nil)
    }

    @Test("A sender that opens another factor, another Δ or too few factors fails the audit")
    func wrongOpening() async throws {
        let (_, receiver) = await runParties(
            sender: { channel in
                let correlations = try correlations(sender: channel)
                _ = try P256OLESender(channel: channel, correlations: correlations).generate(inputs: Self.factors)
                _ = try GF128OLESender(channel: channel, correlations: correlations).generate(inputs: Self.blocks)
            },
            receiver: { channel in
                let correlations = try correlations(receiver: channel)
                let field = P256OLEReceiver(channel: channel, correlations: correlations)
                let binary = GF128OLEReceiver(channel: channel, correlations: correlations)
                var random = coins(3)
                _ = try field.generate(count: 6, random: &random)
                _ = try binary.generate(count: 6)
                let otherDelta = Delta(settingLowBitOf: testDelta.block ^ Block(0, 2))
                var otherFactors = Self.factors
                otherFactors[5] += .one
                var otherBlocks = Self.blocks
                otherBlocks[0] ^= Block(1, 0)
                #expect(throws: CorrelationError.auditFailed) {
                    try field.audit(delta: testDelta, factors: otherFactors)
                }
                #expect(throws: CorrelationError.auditFailed) {
                    try field.audit(delta: otherDelta, factors: Self.factors)
                }
                #expect(throws: CorrelationError.auditFailed) {
                    try field.audit(delta: testDelta, factors: Self.factors.dropLast())
                }
                #expect(throws: CorrelationError.auditFailed) {
                    try binary.audit(delta: testDelta, factors: otherBlocks)
                }
                #expect(throws: CorrelationError.auditFailed) {
                    try binary.audit(delta: otherDelta, factors: Self.blocks)
                }
                _ = try field.audit(delta: testDelta, factors: Self.factors)
                _ = try binary.audit(delta: testDelta, factors: Self.blocks)
            }
        )
        #expect(receiver.error == nil)
    }

    @Test("A number that is not below p is refused")
    func outOfRange() async {
        let (_, receiver) = await runParties(
            senderChannel: { end in
                TamperingChannel(end, .p256OLE) {
                    $0.replaceSubrange(64..<96, with: [UInt8](repeating: 0xff, count: 32))
                }
            },
            sender: { channel in
                try P256OLESender(channel: channel, correlations: try correlations(sender: channel))
                    .generate(inputs: Self.factors)
            },
            receiver: { channel in
                var random = coins(3)
                _ = try P256OLEReceiver(channel: channel, correlations: try correlations(receiver: channel))
                    .generate(count: 6, random: &random)
            }
        )
        #expect(receiver.error as? CorrelationError == .malformed(tag: .p256OLE))
    }

    @Test("A receiver that alters its corrections only alters its own factor")
    func alteredCorrection() async throws {
        let (sender, receiver) = await runParties(
            sender: { channel in
                try P256OLESender(channel: channel, correlations: try correlations(sender: channel))
                    .generate(inputs: [Self.factors[3]])
            },
            receiverChannel: { TamperingChannel($0, .oleChoices) { $0[0] ^= 1 } },
            receiver: { channel in
                var random = coins(3)
                let product = try P256OLEReceiver(channel: channel, correlations: try correlations(receiver: channel))
                    .generate(count: 1, random: &random)[0]
                return (product.factor, product.share)
            }
        )
        let share = try sender.get()[0]
        let (factor, other) = try receiver.get()
        #expect(Self.factors[3] * factor != share + other)
    }

    @Test("Frames of a wrong length are refused", arguments: [-1, 1])
    func wrongLength(change: Int) async {
        let edit: (inout [UInt8]) -> Void = { $0 = change < 0 ? [UInt8]($0.dropLast()) : $0 + [0] }
        let (sender, _) = await runParties(
            sender: { channel in
                try P256OLESender(channel: channel, correlations: try correlations(sender: channel))
                    .generate(inputs: Self.factors)
            },
            receiverChannel: { TamperingChannel($0, .oleChoices, edit: edit) },
            receiver: { channel in
                var random = coins(3)
                _ = try P256OLEReceiver(channel: channel, correlations: try correlations(receiver: channel))
                    .generate(count: 6, random: &random)
            }
        )
        #expect(sender.error is ChannelError)
        let (_, receiver) = await runParties(
            senderChannel: { TamperingChannel($0, .gf128OLE, edit: edit) },
            sender: { channel in
                try GF128OLESender(channel: channel, correlations: try correlations(sender: channel))
                    .generate(inputs: Self.blocks)
            },
            receiver: { channel in
                _ = try GF128OLEReceiver(channel: channel, correlations: try correlations(receiver: channel))
                    .generate(count: 6)
            }
        )
        #expect(receiver.error is ChannelError)
    }
}
