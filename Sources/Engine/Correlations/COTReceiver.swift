package import CryptoCore
package import PartyChannel

/// The party with the choice bits in SoftSpokenOT (Roy, ePrint 2022/192), maliciously secure.
///
/// For every correlation this party obtains a MAC whose low bit is its random choice bit, and mac = key ⊕ bit·Δ for the
/// key of ``COTSender``. A deviating sender learns nothing about the choice bits.
///
/// Not thread safe: one instance belongs to the thread of its session.
package final class COTReceiver: Redacted {
    private let channel: any PartyChannel
    private let depth: TreeDepth
    private var seeds: [Block]
    private var transcript: SHA256Hasher
    private var nextBlock: UInt64 = 0
    private var queue = CorrelationQueue()
    private var failed = false

    /// How many correlations were handed out: the number of the next one, by which hashes of it are told apart.
    private(set) var handedOut: UInt64 = 0

    /// Runs 128 base OTs as sender and sends the punctured trees: three frames.
    ///
    /// - Parameters:
    ///   - channel: The other end runs ``COTSender``'s initialiser with equal `sessionID` and `treeDepth`.
    ///   - random: Coins of the base OTs, from which all choice bits follow; used for nothing else.
    ///   - sessionID: Names session and instance; no two instances anywhere may share it.
    ///   - treeDepth: The trade of bytes for computation.
    /// - Throws: ``CorrelationError`` or ``ChannelError``.
    package init(
        channel: any PartyChannel,
        random: BlockPRG,
        sessionID: [UInt8],
        treeDepth: TreeDepth = .four
    ) throws {
        self.channel = channel
        depth = treeDepth
        transcript = COTSetup.transcript(sessionID: sessionID, treeDepth: treeDepth)
        var random = random
        let strings = try BaseOT.send(128, over: channel, random: &random, transcript: &transcript)
        let (seeds, message) = PuncturedTrees.build(
            depth: treeDepth,
            strings: strings,
            nonce: COTSetup.nonce(transcript)
        )
        self.seeds = seeds
        try channel.send(.treeCorrections, message)
        try channel.flush()
        transcript.update(message)
    }

    /// A digest of everything that was said so far, equal on both sides.
    package var binding: [UInt8] { transcript.finalize() }

    deinit {
        seeds.wipe()
        queue.wipe()
    }

    /// The MACs of the next `count` correlations, the choice bit in the low bit; the sender must ask for as many.
    ///
    /// Sends one frame of (128/k − 1)/8 bytes a row for each 2^18 rows that are not in stock, and waits for nothing.
    ///
    /// - Throws: ``ChannelError``, and ``CorrelationError/unusable`` ever after.
    package func extend(_ count: Int) throws -> [Block] {
        guard !failed else { throw CorrelationError.unusable }
        guard (0...COTSetup.countMax).contains(count) else { throw CorrelationError.invalidCount(count) }
        failed = true
        while queue.count < count {
            queue.append(try sendExtension(rowCount: count - queue.count))
        }
        failed = false
        handedOut += UInt64(count)
        return queue.take(count)
    }

    private func sendExtension(rowCount: Int) throws -> [Block] {
        let shape = SoftSpokenExtension(rowCount: rowCount)
        let blockCount = shape.blockCount
        var extended = SoftSpokenColumns(depth: depth, seeds: seeds, firstBlock: nextBlock, blockCount: blockCount)
        nextBlock += UInt64(blockCount)
        let choices = [Block](extended.sums[..<blockCount])
        var corrections: [Block] = []
        corrections.reserveCapacity(blockCount * (depth.treeCount - 1))
        for index in blockCount..<extended.sums.count {
            corrections.append(extended.sums[index] ^ choices[index % blockCount])
        }
        let correctionBytes = corrections.littleEndianBytes

        let challenge = SoftSpokenExtension.challenge(transcript: &transcript, corrections: correctionBytes)
        let hash = ColumnHash(challenge: challenge, blockCount: blockCount)
        let choiceHash = hash(choices[...])
        var hashes: [Block] = []
        for index in 0..<128 {
            let (first, second) = hash(extended.column(index))
            hashes.append(first)
            hashes.append(second)
        }
        let check = [choiceHash.0, choiceHash.1].littleEndianBytes + SHA256.hash(hashes.littleEndianBytes)
        transcript.update(check)
        try channel.send(.extensionColumns, correctionBytes + check)
        try channel.flush()
        extended.columns.replaceSubrange(0..<blockCount, with: choices)
        return extended.rows()
    }
}
