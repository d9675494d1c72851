import Correlations
import CryptoCore
import PartyChannel
import Testing

/// A COT receiver that uses another choice vector in one tree, with an otherwise honest and correctly bound check.
private struct InconsistentReceiver {
    let depth: TreeDepth
    /// The tree whose choice vector differs, and in which rows.
    let tree: Int
    let error: [Block]
    /// Its guess of the tree's bits of Δ, by which it corrects its hashes.
    let guess: [Bool]
    var sessionID: [UInt8] = [1]

    func run(_ channel: any PartyChannel, rowCount: Int) throws {
        var transcript = COTSetup.transcript(sessionID: sessionID, treeDepth: depth)
        var random = coins(2)
        let strings = try BaseOT.send(128, over: channel, random: &random, transcript: &transcript)
        let (seeds, message) = PuncturedTrees.build(
            depth: depth,
            strings: strings,
            nonce: COTSetup.nonce(transcript)
        )
        try channel.send(.treeCorrections, message)
        transcript.update(message)

        let blockCount = SoftSpokenExtension(rowCount: rowCount).blockCount
        let columns = SoftSpokenColumns(depth: depth, seeds: seeds, firstBlock: 0, blockCount: blockCount)
        let choices = [Block](columns.sums[..<blockCount])
        var corrections = (blockCount..<columns.sums.count).map { columns.sums[$0] ^ choices[$0 % blockCount] }
        for (row, block) in error.enumerated() { corrections[(tree - 1) * blockCount + row] ^= block }
        let bytes = corrections.littleEndianBytes
        let challenge = SoftSpokenExtension.challenge(transcript: &transcript, corrections: bytes)
        let hash = ColumnHash(challenge: challenge, blockCount: blockCount)
        let padded = error + [Block](repeating: .zero, count: blockCount - error.count)
        let errorHash = hash(padded[...])
        var hashes: [Block] = []
        for index in 0..<128 {
            var (first, second) = hash(columns.column(index))
            if index / depth.rawValue == tree, guess[index % depth.rawValue] {
                first ^= errorHash.0
                second ^= errorHash.1
            }
            hashes += [first, second]
        }
        let (first, second) = hash(choices[...])
        let check = [first, second].littleEndianBytes + SHA256.hash(hashes.littleEndianBytes)
        try channel.send(.extensionColumns, bytes + check)
    }
}

@Suite("Cheaters in SoftSpoken correlated OT")
struct COTCheaterTests {
    private static func deltaBits(of delta: Delta = testDelta, tree: Int, depth: TreeDepth) -> [Bool] {
        (0..<depth.rawValue).map { delta.block.bit(tree * depth.rawValue + $0) }
    }

    @Test("A wrong guess of Δ's bits under an inconsistent choice vector is caught", arguments: TreeDepth.allCases)
    func inconsistentChoices(depth: TreeDepth) async {
        let tree = depth.treeCount / 2
        let right = Self.deltaBits(tree: tree, depth: depth)
        for wrongBit in 0..<depth.rawValue {
            var guess = right
            guess[wrongBit].toggle()
            let cheater = InconsistentReceiver(depth: depth, tree: tree, error: [Block(4, 0)], guess: guess)
            let (sender, _) = await runParties(
                sender: {
                    try COTSender(
                        channel: $0,
                        delta: testDelta,
                        random: coins(1),
                        sessionID: [1],
                        treeDepth: depth
                    ).extend(500)
                },
                receiver: { try cheater.run($0, rowCount: 500) }
            )
            #expect(sender.error as? CorrelationError == .inconsistentChoices)
        }
    }

    @Test("A right guess goes unnoticed, which is the leakage that the security argument allows")
    func rightGuess() async {
        let depth = TreeDepth.four
        let cheater = InconsistentReceiver(
            depth: depth,
            tree: 5,
            error: [Block(0, 1)],
            guess: Self.deltaBits(tree: 5, depth: depth)
        )
        let (sender, _) = await runParties(
            sender: { try COTSender(channel: $0, delta: testDelta, random: coins(1), sessionID: [1]).extend(500) },
            receiver: { try cheater.run($0, rowCount: 500) }
        )
        #expect(sender.error == nil)
    }

    /// What a session with this Δ ends with when the receiver guesses the bits of `tree`.
    private static func attempt(
        _ guess: [Bool],
        tree: Int,
        delta: Delta,
        session: UInt8
    ) async -> CorrelationError? {
        var cheater = InconsistentReceiver(depth: .four, tree: tree, error: [Block(0, 1)], guess: guess)
        cheater.sessionID = [session]
        let (sender, _) = await runParties(
            sender: { [cheater] in
                try COTSender(
                    channel: $0,
                    delta: delta,
                    random: coins(UInt64(session)),
                    sessionID: cheater.sessionID
                ).extend(500)
            },
            receiver: { [cheater] in try cheater.run($0, rowCount: 500) }
        )
        return sender.error as? CorrelationError
    }

    @Test("Bits of Δ that a session gave away are of no use in the next one, which has a Δ of its own")
    func guessesDoNotAddUp() async {
        var first = coins(51)
        var second = coins(52)
        let deltas = [Delta(random: &first), Delta(random: &second)]
        let depth = TreeDepth.four
        let trees = 1..<depth.treeCount
        let leaked = trees.map { Self.deltaBits(of: deltas[0], tree: $0, depth: depth) }
        let fresh = trees.map { Self.deltaBits(of: deltas[1], tree: $0, depth: depth) }
        // A leaked tree fits the next Δ as often as a blind guess does: once in 16.
        let coincidences = zip(leaked, fresh).count { $0 == $1 }
        #expect(coincidences <= 8)
        for index in zip(leaked, fresh).enumerated().filter({ $0.element.0 != $0.element.1 }).map(\.offset).prefix(3) {
            let tree = trees.lowerBound + index
            // A lucky session, and what luck would be worth if Δ served twice: the guess is certain to pass again.
            #expect(await Self.attempt(leaked[index], tree: tree, delta: deltas[0], session: 1) == nil)
            #expect(await Self.attempt(leaked[index], tree: tree, delta: deltas[0], session: 2) == nil)
            // The next session has another Δ, and the knowledge of the first is a wrong guess.
            let error = await Self.attempt(leaked[index], tree: tree, delta: deltas[1], session: 3)
            #expect(error == .inconsistentChoices)
        }
    }

    @Test("A tree correction that the sender uses must be right", arguments: TreeDepth.allCases)
    func wrongTreeCorrection(depth: TreeDepth) async {
        // Level 2 of tree 1 is decided by bit k − 2 of the missing index; the sender uses the sum of the other side.
        let bit = testDelta.block.bit(2 * depth.rawValue - 2)
        let used = 2 * depth.rawValue + (bit ? 0 : 1)
        let unused = 2 * depth.rawValue + (bit ? 1 : 0)
        for (block, expected) in [(used, CorrelationError.inconsistentTrees), (unused, nil)] {
            let (sender, receiver) = await runParties(
                sender: {
                    _ = try COTSender(
                        channel: $0,
                        delta: testDelta,
                        random: coins(1),
                        sessionID: [1],
                        treeDepth: depth
                    )
                },
                receiverChannel: { TamperingChannel($0, .treeCorrections) { $0[16 * block] ^= 0x10 } },
                receiver: { _ = try COTReceiver(channel: $0, random: coins(2), sessionID: [1], treeDepth: depth) }
            )
            #expect(sender.error as? CorrelationError == expected)
            #expect(receiver.error == nil)
        }
    }

    @Test("A flipped bit anywhere in the receiver's frames is caught", arguments: [0, 1, 2, 3, 4, 5, 6, 7])
    func flippedBit(seed: UInt64) async {
        var random = coins(100 + seed)
        let position = Int(random.next() >> 1)
        for tag in [FrameTag.treeCorrections, .extensionColumns] {
            let (sender, _) = await runParties(
                sender: {
                    try COTSender(channel: $0, delta: testDelta, random: coins(1), sessionID: [1])
                        .extend(200)
                },
                receiverChannel: { TamperingChannel($0, tag) { $0[position % $0.count] ^= 1 << UInt8(position % 8) } },
                receiver: { try COTReceiver(channel: $0, random: coins(2), sessionID: [1]).extend(200) }
            )
            // A correction for the other side is not used, but it is bound: the extension's challenge differs.
            let error = sender.error as? CorrelationError
            #expect(error == .inconsistentTrees || error == .inconsistentChoices)
            #expect(error?.blame == .peer)
        }
    }

    @Test("A replayed extension is refused")
    func replayedExtension() async {
        nonisolated(unsafe) var first: [UInt8]?
        let (sender, _) = await runParties(
            sender: { channel in
                let sender = try COTSender(channel: channel, delta: testDelta, random: coins(1), sessionID: [1])
                _ = try sender.extend(128)
                #expect(throws: CorrelationError.inconsistentChoices) { try sender.extend(128) }
            },
            receiverChannel: { end in
                TamperingChannel(end, .extensionColumns) { payload in
                    if let first { payload = first } else { first = payload }
                }
            },
            receiver: { channel in
                let receiver = try COTReceiver(channel: channel, random: coins(2), sessionID: [1])
                _ = try receiver.extend(128)
                _ = try receiver.extend(128)
            }
        )
        #expect(sender.error == nil)
    }

    @Test(
        "Frames of a wrong length are refused",
        arguments: [FrameTag.baseOTKey, .treeCorrections, .extensionColumns],
        [-1, 1]
    )
    func wrongLength(tag: FrameTag, change: Int) async {
        let (sender, _) = await runParties(
            sender: { try COTSender(channel: $0, delta: testDelta, random: coins(1), sessionID: [1]).extend(200) },
            receiverChannel: { TamperingChannel($0, tag) { $0 = change < 0 ? [UInt8]($0.dropLast()) : $0 + [0] } },
            receiver: { try COTReceiver(channel: $0, random: coins(2), sessionID: [1]).extend(200) }
        )
        switch sender.error as? ChannelError {
        case .wrongLength(let received, _, _), .oversize(let received, _, _): #expect(received == tag)
        default: Issue.record("expected a length error, not \(String(describing: sender.error))")
        }
    }
}
