internal import CryptoCore

/// A few blocks of one record's keystream, as far as segments need them, with the record's ciphertext.
///
/// A block of which everything is disclosed is opened as a whole, which is cheaper than having it on wires and opening
/// those; of a block with hidden or committed bytes, and of an incomplete one, there are wires.
struct DisclosedUnit: Redacted {
    /// In what form a block of keystream is needed.
    enum Need {
        case nothing, bytes, wires
    }

    /// Neighbouring bytes whose keystream has one form.
    struct Run: Redacted {
        /// The keystream, if it is open.
        let opened: [UInt8]?
        /// Its wires if not, eight a byte.
        let wires: [Block]
        /// The record's bytes.
        let ciphertext: [UInt8]
    }

    /// For each block of the unit, whose first one is whole.
    private(set) var needs: [Need]
    private let ciphertext: [UInt8]
    private let start: Int
    private var bytes: [UInt8] = []
    private var wires: [Block] = []

    /// A unit that has no keystream yet.
    ///
    /// - Parameters:
    ///   - start: the offset of its first byte in the direction.
    ///   - parts: what segments cover of it, disjoint, with offsets in the direction.
    init(ciphertext: [UInt8], start: Int, parts: [(segment: PlannedSegment, range: Range<Int>)]) {
        self.ciphertext = ciphertext
        self.start = start
        var covered = [Int](repeating: 0, count: (ciphertext.count + 15) / 16)
        var disclosed = covered
        for (segment, range) in parts {
            for block in (range.lowerBound - start) / 16..<(range.upperBound - start + 15) / 16 {
                let count = range.clamped(to: start + 16 * block..<start + 16 * (block + 1)).count
                covered[block] += count
                disclosed[block] += segment.treatment == .disclosed ? count : 0
            }
        }
        needs = zip(covered, disclosed).map { $0 == 0 ? .nothing : $1 == 16 ? .bytes : .wires }
    }

    /// Takes the wires of the whole unit: eight a byte.
    mutating func useAll(_ keystream: [Block]) {
        precondition(keystream.count == 8 * ciphertext.count, "eight wires a byte")
        wires = keystream
        needs = needs.map { $0 == .nothing ? .nothing : .wires }
    }

    /// Takes the 128 wires of a block.
    mutating func use(_ block: Int, _ keystream: [Block]) {
        if wires.isEmpty { wires = [Block](repeating: .zero, count: 8 * ciphertext.count) }
        let count = 8 * min(16, ciphertext.count - 16 * block)
        wires.replaceSubrange(128 * block..<128 * block + count, with: keystream[..<count])
    }

    /// Takes the 16 opened bytes of a block.
    mutating func open(_ block: Int, _ keystream: [UInt8]) {
        if bytes.isEmpty { bytes = [UInt8](repeating: 0, count: ciphertext.count) }
        bytes.replaceSubrange(16 * block..<16 * (block + 1), with: keystream)
    }

    /// The bytes of `range`, with offsets in the direction, cut where the form of the keystream changes.
    func runs(in range: Range<Int>) -> [Run] {
        var runs: [Run] = []
        var position = range.lowerBound - start
        let end = range.upperBound - start
        while position < end {
            let form = needs[position / 16]
            var next = 16 * (position / 16 + 1)
            while next < end, needs[next / 16] == form { next += 16 }
            let run = position..<min(next, end)
            runs.append(
                Run(
                    opened: form == .bytes ? Array(bytes[run]) : nil,
                    wires: form == .bytes ? [] : Array(wires[8 * run.lowerBound..<8 * run.upperBound]),
                    ciphertext: Array(ciphertext[run])
                )
            )
            position = run.upperBound
        }
        return runs
    }
}
