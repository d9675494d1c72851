internal import CKernels
package import CryptoCore
package import PartyChannel

/// The party that owns Δ in SoftSpokenOT (Roy, ePrint 2022/192), maliciously secure.
///
/// For every correlation this party obtains a key and the other a MAC with mac = key ⊕ bit·Δ, bit being random and known
/// to the other party only. Keys have low bit 0 and Δ low bit 1, so the low bit of a MAC is its choice bit.
///
/// A deviating receiver learns nothing about Δ except by guessing: a guess of n bits goes unnoticed with probability
/// 2^-n, else this party throws. Δ, and with it the instance, serves one session only, so guesses do not add up.
///
/// Not thread safe: one instance belongs to the thread of its session.
package final class COTSender: Redacted {
    /// The offset of all correlations of this instance.
    package let delta: Delta

    private let channel: any PartyChannel
    private let depth: TreeDepth
    private var seeds: [Block]
    private var transcript: SHA256Hasher
    private var nextBlock: UInt64 = 0
    private var queue = CorrelationQueue()
    private var failed = false

    /// How many correlations were handed out: the number of the next one, by which hashes of it are told apart.
    private(set) var handedOut: UInt64 = 0

    /// Runs 128 base OTs as receiver with the bits of Δ, and obtains the punctured trees: three frames.
    ///
    /// - Parameters:
    ///   - channel: The other end runs ``COTReceiver``'s initialiser with equal `sessionID` and `treeDepth`.
    ///   - delta: Fresh for this session and for this instance.
    ///   - random: Coins of the base OTs, used for nothing else.
    ///   - sessionID: Names session and instance; no two instances anywhere may share it.
    ///   - treeDepth: The trade of bytes for computation.
    /// - Throws: ``CorrelationError`` or ``ChannelError``.
    package init(
        channel: any PartyChannel,
        delta: Delta,
        random: BlockPRG,
        sessionID: [UInt8],
        treeDepth: TreeDepth = .four
    ) throws {
        self.channel = channel
        self.delta = delta
        depth = treeDepth
        transcript = COTSetup.transcript(sessionID: sessionID, treeDepth: treeDepth)
        var random = random
        let choices = (0..<128).map { delta.block.bit($0) }
        let strings = try BaseOT.receive(choices: choices, over: channel, random: &random, transcript: &transcript)
        let message = try channel.receive(.treeCorrections, exactly: treeDepth.correctionByteCount)
        seeds = try PuncturedTrees.puncture(
            depth: treeDepth,
            missing: choices,
            strings: strings,
            message: message,
            nonce: COTSetup.nonce(transcript)
        )
        transcript.update(message)
    }

    /// A digest of everything that was said so far, equal on both sides.
    package var binding: [UInt8] { transcript.finalize() }

    deinit {
        seeds.wipe()
        queue.wipe()
    }

    /// The keys of the next `count` correlations; the receiver must ask for as many.
    ///
    /// Receives one frame of (128/k − 1)/8 bytes a row for each 2^18 rows that are not in stock.
    ///
    /// - Throws: ``CorrelationError/inconsistentChoices`` if the receiver deviated, ``ChannelError``, and
    ///   ``CorrelationError/unusable`` ever after.
    package func extend(_ count: Int) throws -> [Block] {
        guard !failed else { throw CorrelationError.unusable }
        guard (0...COTSetup.countMax).contains(count) else { throw CorrelationError.invalidCount(count) }
        failed = true
        while queue.count < count {
            queue.append(try receiveExtension(rowCount: count - queue.count))
        }
        failed = false
        handedOut += UInt64(count)
        return queue.take(count)
    }

    private func receiveExtension(rowCount: Int) throws -> [Block] {
        let shape = SoftSpokenExtension(rowCount: rowCount)
        let blockCount = shape.blockCount
        let frame = try channel.receive(.extensionColumns, exactly: shape.frameByteCount(depth))
        var extended = SoftSpokenColumns(depth: depth, seeds: seeds, firstBlock: nextBlock, blockCount: blockCount)
        nextBlock += UInt64(blockCount)
        let corrections = frame.prefix(shape.correctionByteCount(depth))
        guard let blocks = [Block](littleEndian: [UInt8](corrections)) else {
            throw CorrelationError.malformed(tag: .extensionColumns)
        }
        addCorrections(blocks, to: &extended)

        let challenge = SoftSpokenExtension.challenge(transcript: &transcript, corrections: corrections)
        let check = [UInt8](frame.suffix(64))
        let choiceHash = (Block(littleEndian: check[0..<16]), Block(littleEndian: check[16..<32]))
        let hash = ColumnHash(challenge: challenge, blockCount: blockCount)
        var expected: [Block] = []
        for index in 0..<128 {
            let (first, second) = hash(extended.column(index))
            let bit = delta.block.bit(index)
            expected.append(first ^ choiceHash.0.masked(by: bit))
            expected.append(second ^ choiceHash.1.masked(by: bit))
        }
        guard constantTimeEqual(SHA256.hash(expected.littleEndianBytes), [UInt8](check[32...])) else {
            throw CorrelationError.inconsistentChoices
        }
        transcript.update(check)
        // Both parties subtract this party's column 0, which makes the low bit of keys 0 and of MACs the choice bit.
        extended.columns.replaceSubrange(0..<blockCount, with: repeatElement(.zero, count: blockCount))
        return extended.rows()
    }

    /// Makes all trees agree on the first one's choice vector: column i of tree j gains Δ_i times correction j.
    private func addCorrections(_ corrections: [Block], to extended: inout SoftSpokenColumns) {
        let blockCount = extended.blockCount
        corrections.withUnsafeBufferPointer { corrections in
            extended.columns.withUnsafeMutableBufferPointer { columns in
                guard let source = corrections.baseAddress, let target = columns.baseAddress else { return }
                for index in depth.rawValue..<128 {
                    tab_xor_if(
                        target + index * blockCount,
                        source + (index / depth.rawValue - 1) * blockCount,
                        blockCount,
                        delta.block.bit(index) ? 1 : 0
                    )
                }
            }
        }
    }
}
