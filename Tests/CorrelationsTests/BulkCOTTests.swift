import CKernels
import Correlations
import CryptoCore
import PartyChannel
import Testing

private func bulkSender(_ channel: any PartyChannel) throws -> BulkCOTSender {
    try BulkCOTSender(channel: channel, delta: testDelta, random: coins(1), sessionID: [1])
}

private func bulkReceiver(_ channel: any PartyChannel) throws -> BulkCOTReceiver {
    try BulkCOTReceiver(channel: channel, random: coins(2), sessionID: [1])
}

@Suite("Bulk correlated OT")
struct BulkCOTTests {
    private func run(
        _ body:
            @escaping @Sendable (_ reserve: (Int) throws -> Void, _ extend: (Int) throws -> [Block]) throws -> [Block]
    ) async throws -> (keys: [Block], macs: [Block], senderBytes: Int, receiverBytes: Int) {
        let (sender, receiver) = await runParties(
            sender: { end in
                let channel = CountingChannel(end)
                let sender = try bulkSender(channel)
                return (try body(sender.reserve, sender.extend), channel.byteCount)
            },
            receiver: { end in
                let channel = CountingChannel(end)
                let receiver = try bulkReceiver(channel)
                return (try body(receiver.reserve, receiver.extend), channel.byteCount)
            }
        )
        let (keys, senderBytes) = try sender.get()
        let (macs, receiverBytes) = try receiver.get()
        return (keys, macs, senderBytes, receiverBytes)
    }

    @Test("A reserved stock is handed out in pieces of any size, within the budget of bytes")
    func reserved() async throws {
        let counts = [1, 1_000, 1_024, 99_999, 0, 3, 250_000, 247_973]
        let result = try await run { reserve, extend in
            try reserve(600_000)
            return try counts.flatMap { try extend($0) }
        }
        expectCorrelated(keys: result.keys, macs: result.macs, count: 600_000)
        #expect(result.senderBytes <= 110_000)
        #expect(result.receiverBytes <= 145_000)
    }

    @Test("A small demand is served without a round", arguments: [0, 100, 20_000])
    func small(count: Int) async throws {
        let result = try await run { reserve, extend in
            try reserve(count)
            return try extend(count)
        }
        expectCorrelated(keys: result.keys, macs: result.macs, count: count)
        #expect(result.senderBytes == 128 * 66)
        #expect(result.receiverBytes <= 8_000 + 2 * count)
    }

    @Test("Demand beyond the reservation is served too")
    func beyondReservation() async throws {
        let result = try await run { reserve, extend in
            try reserve(90_000)
            return try extend(95_000) + extend(100_000) + extend(10)
        }
        expectCorrelated(keys: result.keys, macs: result.macs, count: 195_010)
    }

    @Test("A base that was kept for later makes a later round cheap, and an unused one does no harm")
    func keptBase() async throws {
        var bytes: [Bool: (sender: Int, receiver: Int)] = [:]
        for more in [false, true] {
            let (sender, receiver) = await runParties(
                sender: { end in
                    let channel = CountingChannel(end)
                    let sender = try bulkSender(channel)
                    try sender.reserve(300_000, more: more)
                    return (try sender.extend(300_000) + sender.extend(200_000), channel.byteCount)
                },
                receiver: { end in
                    let channel = CountingChannel(end)
                    let receiver = try bulkReceiver(channel)
                    try receiver.reserve(300_000, more: more)
                    return (try receiver.extend(300_000) + receiver.extend(200_000), channel.byteCount)
                }
            )
            let (keys, senderBytes) = try sender.get()
            let (macs, receiverBytes) = try receiver.get()
            expectCorrelated(keys: keys, macs: macs, count: 500_000)
            bytes[more] = (senderBytes, receiverBytes)
        }
        let once = try #require(bytes[false])
        let kept = try #require(bytes[true])
        #expect(kept.sender - once.sender <= 12_000)
        #expect(once.receiver - kept.receiver >= 125_000)
    }

    @Test("Several rounds chain: a round keeps the base of the next")
    func severalRounds() async throws {
        let result = try await run { reserve, extend in
            try reserve(1_700_000)
            return try extend(1_000_000) + extend(700_000)
        }
        expectCorrelated(keys: result.keys, macs: result.macs, count: 1_700_000)
        #expect(result.receiverBytes <= 150_000)
    }

    @Test("A large demand uses the large parameters")
    func large() async throws {
        let count = BulkParameters.largeFrom
        let result = try await run { reserve, extend in
            try reserve(count)
            return try extend(count)
        }
        expectCorrelated(keys: result.keys, macs: result.macs, count: count)
        #expect(result.senderBytes <= 180_000)
        #expect(result.receiverBytes <= 145_000)
    }
}

@Suite("Cheaters in bulk correlated OT")
struct BulkCOTCheaterTests {
    /// A sender whose level sums are wrong at one place; everything else, hashes included, is computed honestly.
    private func cheat(_ channel: any PartyChannel, level: Int, tree: Int, proof: [UInt8]? = nil) throws {
        let parameters = BulkParameters.standard
        let treeCount = 80
        var random = coins(1)
        let base = try COTSender(
            channel: channel,
            delta: testDelta,
            random: random.fork(),
            sessionID: [1],
            treeDepth: .eight
        )
        let setup = BulkRoundSetup(
            parameters: parameters,
            treeCount: treeCount,
            base: try base.extend(parameters.baseCount(treeCount: treeCount))
        )
        let roots = random.blocks(treeCount)
        var leaves = [Block](repeating: .zero, count: treeCount << parameters.treeDepth)
        var sums = [Block](repeating: .zero, count: treeCount * parameters.treeDepth)
        tab_ferret_expand(
            testDelta.block,
            roots,
            0,
            treeCount,
            UInt32(parameters.treeDepth),
            &leaves,
            &sums
        )
        for index in sums.indices { sums[index] ^= setup.levels[index] }
        sums[tree * parameters.treeDepth + level] ^= Block(0, 1)
        let message = sums.littleEndianBytes
        try channel.send(.bulkSums, message)
        let (matrix, challenge) = setup.hashes(binding: base.binding, firstTree: 0, sums: message)
        let round = BulkRound(
            parameters: parameters,
            trees: .complete(delta: testDelta, roots: roots),
            treeCount: treeCount,
            firstTree: 0,
            secret: setup.secret,
            matrixSeed: matrix
        )
        let choices = Block(littleEndian: try channel.receive(.bulkChallenge, exactly: 16))
        let combination =
            round.combination(challenge: challenge).sum ^ setup.packedMask
            ^ GF128.multiply(choices, testDelta.block)
        try channel.send(.bulkDigest, proof ?? BulkRoundSetup.proof(combination, challenge: challenge))
    }

    @Test("A wrong level sum is caught at every level", arguments: 0..<10)
    func wrongLevelSum(level: Int) async {
        let (_, receiver) = await runParties(
            sender: { try cheat($0, level: level, tree: 7 * level) },
            receiver: { try bulkReceiver($0).extend(80 * 1_024) }
        )
        #expect(receiver.error as? CorrelationError == .inconsistentNoise)
    }

    @Test("A sender that uses another Δ in its trees is caught")
    func otherDelta() async {
        // Flipping the same bit of Δ in one tree changes what its paths' own leaves are worth.
        let (_, receiver) = await runParties(
            sender: { channel in
                let other = Delta(settingLowBitOf: testDelta.block ^ Block(0, 1 << 40))
                let parameters = BulkParameters.standard
                var random = coins(1)
                let base = try COTSender(
                    channel: channel,
                    delta: testDelta,
                    random: random.fork(),
                    sessionID: [1],
                    treeDepth: .eight
                )
                let setup = BulkRoundSetup(
                    parameters: parameters,
                    treeCount: 80,
                    base: try base.extend(parameters.baseCount(treeCount: 80))
                )
                let roots = random.blocks(80)
                var leaves = [Block](repeating: .zero, count: 80 << parameters.treeDepth)
                var sums = [Block](repeating: .zero, count: 80 * parameters.treeDepth)
                tab_ferret_expand(other.block, roots, 0, 80, UInt32(parameters.treeDepth), &leaves, &sums)
                for index in sums.indices { sums[index] ^= setup.levels[index] }
                let message = sums.littleEndianBytes
                try channel.send(.bulkSums, message)
                let (matrix, challenge) = setup.hashes(binding: base.binding, firstTree: 0, sums: message)
                let round = BulkRound(
                    parameters: parameters,
                    trees: .complete(delta: other, roots: roots),
                    treeCount: 80,
                    firstTree: 0,
                    secret: setup.secret,
                    matrixSeed: matrix
                )
                let choices = Block(littleEndian: try channel.receive(.bulkChallenge, exactly: 16))
                let combination =
                    round.combination(challenge: challenge).sum ^ setup.packedMask
                    ^ GF128.multiply(choices, other.block)
                try channel.send(.bulkDigest, BulkRoundSetup.proof(combination, challenge: challenge))
            },
            receiver: { try bulkReceiver($0).extend(80 * 1_024) }
        )
        #expect(receiver.error as? CorrelationError == .inconsistentNoise)
    }

    @Test("A wrong digest is refused, and the instance with it")
    func wrongDigest() async {
        let (_, receiver) = await runParties(
            senderChannel: { TamperingChannel($0, .bulkDigest) { $0[31] ^= 0x80 } },
            sender: { try bulkSender($0).reserve(90_000) },
            receiver: { channel in
                let receiver = try bulkReceiver(channel)
                #expect(throws: CorrelationError.inconsistentNoise) { try receiver.reserve(90_000) }
                #expect(throws: CorrelationError.unusable) { try receiver.extend(1) }
            }
        )
        #expect(receiver.error == nil)
    }

    @Test("A receiver that lies about its noise gets a digest that it cannot use")
    func wrongNoise() async {
        let (sender, receiver) = await runParties(
            sender: { try bulkSender($0).reserve(90_000) },
            receiverChannel: { TamperingChannel($0, .bulkChallenge) { $0[0] ^= 1 } },
            receiver: { try bulkReceiver($0).reserve(90_000) }
        )
        #expect(sender.error == nil)
        #expect(receiver.error as? CorrelationError == .inconsistentNoise)
    }

    @Test("A receiver that cheats in the base is caught before any tree is sent")
    func wrongBase() async {
        let (sender, _) = await runParties(
            sender: { try bulkSender($0).reserve(90_000) },
            receiverChannel: { TamperingChannel($0, .extensionColumns) { $0[9_000] ^= 1 } },
            receiver: { try bulkReceiver($0).reserve(90_000) }
        )
        #expect(sender.error as? CorrelationError == .inconsistentChoices)
    }

    @Test(
        "Frames of a wrong length are refused by the receiver",
        arguments: [FrameTag.bulkSums, .bulkDigest],
        [-1, 1]
    )
    func wrongLengthFromSender(tag: FrameTag, change: Int) async {
        let (_, receiver) = await runParties(
            senderChannel: { end in
                TamperingChannel(end, tag) { $0 = change < 0 ? [UInt8]($0.dropLast()) : $0 + [0] }
            },
            sender: { try bulkSender($0).reserve(90_000) },
            receiver: { try bulkReceiver($0).reserve(90_000) }
        )
        #expect(receiver.error is ChannelError)
    }

    @Test("Frames of a wrong length are refused by the sender", arguments: [-1, 1])
    func wrongLengthFromReceiver(change: Int) async {
        let (sender, _) = await runParties(
            sender: { try bulkSender($0).reserve(90_000) },
            receiverChannel: { end in
                TamperingChannel(end, .bulkChallenge) { $0 = change < 0 ? [UInt8]($0.dropLast()) : $0 + [0] }
            },
            receiver: { try bulkReceiver($0).reserve(90_000) }
        )
        #expect(sender.error is ChannelError)
    }
}
