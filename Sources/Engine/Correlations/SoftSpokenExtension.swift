package import CryptoCore

/// The shape of one extension's frame, and the challenge that both parties derive from it.
package struct SoftSpokenExtension {
    /// Blocks of a column, masks included.
    package let blockCount: Int

    /// The most rows that one frame carries; longer requests take several frames.
    package static let rowCountMax = 1 << 18

    /// An extension for at least `rowCount` rows.
    package init(rowCount: Int) {
        blockCount = (Swift.min(rowCount, Self.rowCountMax) + 127) / 128 + SoftSpokenColumns.maskBlockCount
    }

    /// Bytes of the corrections of all trees but the first.
    package func correctionByteCount(_ depth: TreeDepth) -> Int {
        16 * blockCount * (depth.treeCount - 1)
    }

    /// Bytes of the whole frame: corrections, the hash of the choice vector, the digest of the columns' hashes.
    package func frameByteCount(_ depth: TreeDepth) -> Int {
        correctionByteCount(depth) + 32 + 32
    }

    /// The check's challenge: everything that was said so far, and these corrections.
    package static func challenge(transcript: inout SHA256Hasher, corrections: some Sequence<UInt8>) -> [UInt8] {
        transcript.update([UInt8]("Tabellion v1 COT extension".utf8) + corrections)
        return transcript.finalize()
    }
}

/// Correlations that were produced but not yet handed out.
struct CorrelationQueue: Redacted {
    private var blocks: [Block] = []
    private var head = 0

    /// How many are left.
    var count: Int { blocks.count - head }

    /// Adds correlations at the end.
    mutating func append(_ more: [Block]) {
        if head == blocks.count {
            blocks = more
        } else {
            blocks.removeSubrange(..<head)
            blocks += more
        }
        head = 0
    }

    /// The next `count` correlations, each of which leaves the queue for good.
    ///
    /// - Precondition: there are that many.
    mutating func take(_ count: Int) -> [Block] {
        precondition(count <= self.count, "the queue was filled before")
        defer { head += count }
        return [Block](blocks[head..<head + count])
    }

    /// Overwrites what was never taken, at the end of the owner's life.
    mutating func wipe() {
        blocks.wipe()
    }
}
