/// Changes inputs as libFuzzer does, but repeatably and everywhere: for the short run in the tests.
package struct InputMutator {
    private var random: FuzzGenerator
    private let corpus: [[UInt8]]
    private let byteCountMax: Int

    /// A mutator of the inputs of `corpus`.
    package init(seed: UInt64, corpus: [[UInt8]], byteCountMax: Int) {
        random = FuzzGenerator(state: seed)
        self.corpus = corpus
        self.byteCountMax = byteCountMax
    }

    /// The next input: one of the corpus with one to six changes.
    package mutating func next() -> [UInt8] {
        var bytes = corpus.randomElement(using: &random) ?? []
        for _ in 0..<Int.random(in: 1...6, using: &random) { change(&bytes) }
        return Array(bytes.prefix(byteCountMax))
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        let place = bytes.isEmpty ? 0 : Int.random(in: 0..<bytes.count, using: &random)
        let rest = bytes.count - place
        switch Int.random(in: 0..<10, using: &random) {
        case 0 where rest > 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1 where rest > 0: bytes[place] = Self.telling.randomElement(using: &random) ?? 0
        case 2 where rest > 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
        case 3 where rest > 0: bytes[place] &+= Bool.random(using: &random) ? 1 : 255
        case 4: bytes.removeLast(rest)
        case 5 where rest > 0:
            bytes.removeSubrange(place..<place + Int.random(in: 1...min(rest, 40), using: &random))
        case 6 where rest > 0:
            let copy = Array(bytes[place..<place + Int.random(in: 1...min(rest, 80), using: &random)])
            bytes.insert(contentsOf: copy, at: Int.random(in: 0...bytes.count, using: &random))
        case 7: bytes.insert(contentsOf: Self.numbers.randomElement(using: &random) ?? [], at: place)
        case 8:
            // The front of this one, the end of another.
            let other = corpus.randomElement(using: &random) ?? []
            bytes.removeLast(rest)
            bytes += other.suffix(Int.random(in: 0...other.count, using: &random))
        default:
            let other = corpus.randomElement(using: &random) ?? []
            guard !other.isEmpty else { return }
            let start = Int.random(in: 0..<other.count, using: &random)
            let piece = other[start...].prefix(Int.random(in: 1...80, using: &random))
            if Bool.random(using: &random) {
                bytes.insert(contentsOf: piece, at: place)
            } else {
                bytes.replaceSubrange(place..<min(bytes.count, place + piece.count), with: piece)
            }
        }
    }

    private static let telling: [UInt8] = [
        0, 1, 2, 7, 8, 9, 0x0a, 0x12, 0x1a, 0x22, 0x2f, 0x7f, 0x80, 0x81, 0xfe, 0xff,
    ]
    /// Lengths that ask for much, in the encodings that the formats use.
    private static let numbers: [[UInt8]] = [
        [0xff, 0xff, 0xff, 0xff], [0x7f, 0xff, 0xff, 0xff], [0x80, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0],
        [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [0x80, 0, 0, 0, 0, 0, 0, 0],
        [0xff, 0xff, 0xff, 0xff, 0x0f], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
        [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1], [0x80, 0], [0xff, 0x7f], [0x80, 0x80, 0x40],
    ]
}

/// Random numbers that repeat with their seed (Steele, Lea and Flood: SplitMix64).
struct FuzzGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
