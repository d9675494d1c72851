private import CryptoCore

/// SHA-256's compression function (FIPS 180-4 §6.2.2) as a circuit, over words of 32 wires, least significant bit first.
struct SHA256Circuit {
    var builder: CircuitBuilder

    /// The compression function without its message schedule.
    ///
    /// - Parameters:
    ///   - state: eight words.
    ///   - words: the 64 words that the rounds add, W_t or W_t + K_t.
    ///   - constants: K_t, or nothing where `words` contains it.
    /// - Returns: the eight words of the next state.
    mutating func compress(state: [[Wire]], words: [[Wire]], constants: [UInt32]?) -> [[Wire]] {
        var v = state
        for round in 0..<64 {
            let constant = UInt64(constants?[round] ?? 0)
            let firstTerms = [v[7], self.choose(v[4], v[5], v[6]), self.rotations(v[4], 6, 11, 25), words[round]]
            let secondTerms = [self.majority(v[0], v[1], v[2]), self.rotations(v[0], 2, 13, 22)]
            let (e, a): ([Wire], [Wire])
            if firstTerms.count(where: { $0.contains { $0.constantValue == nil } }) < 2 {
                // With a known state the first sum is one word plus a constant, which both results can take in.
                e = self.builder.sum(firstTerms + [v[3]], constant: constant)
                a = self.builder.sum(firstTerms + secondTerms, constant: constant)
            } else {
                let first = self.builder.sum(firstTerms, constant: constant)
                e = self.builder.sum([v[3], first])
                a = self.builder.sum([first] + secondTerms)
            }
            v = [a, v[0], v[1], v[2], e, v[4], v[5], v[6]]
        }
        return (0..<8).map { self.builder.sum([state[$0], v[$0]]) }
    }

    /// The message schedule: 64 words from the block's 16.
    mutating func schedule(block: [[Wire]]) -> [[Wire]] {
        var words = block
        for t in 16..<64 {
            let older = self.shifts(words[t - 15], rotate: (7, 18), shift: 3)
            let newer = self.shifts(words[t - 2], rotate: (17, 19), shift: 10)
            words.append(self.builder.sum([words[t - 16], older, words[t - 7], newer]))
        }
        return words
    }

    private mutating func choose(_ e: [Wire], _ f: [Wire], _ g: [Wire]) -> [Wire] {
        (0..<32).map { self.builder.select(e[$0], f[$0], otherwise: g[$0]) }
    }

    private mutating func majority(_ a: [Wire], _ b: [Wire], _ c: [Wire]) -> [Wire] {
        (0..<32).map { self.builder.majority(a[$0], b[$0], c[$0]) }
    }

    private mutating func rotations(_ x: [Wire], _ r0: Int, _ r1: Int, _ r2: Int) -> [Wire] {
        (0..<32).map { self.builder.xor(x[($0 + r0) & 31], x[($0 + r1) & 31], x[($0 + r2) & 31]) }
    }

    private mutating func shifts(_ x: [Wire], rotate: (Int, Int), shift: Int) -> [Wire] {
        (0..<32).map { bit in
            let shifted = bit + shift < 32 ? x[bit + shift] : .zero
            return self.builder.xor(x[(bit + rotate.0) & 31], x[(bit + rotate.1) & 31], shifted)
        }
    }
}

extension SHA256Circuit {
    /// A word of known value.
    static func constantWord(_ value: UInt32) -> [Wire] {
        (0..<32).map { Wire(value >> UInt32($0) & 1 == 1) }
    }

    /// Cuts bits in word order into words.
    static func words(_ bits: some Collection<Wire>) -> [[Wire]] {
        let bits = Array(bits)
        return stride(from: 0, to: bits.count, by: 32).map { Array(bits[$0..<$0 + 32]) }
    }

    /// (state 256, block 512) → state 256.
    static func compression() -> Circuit {
        let builder = CircuitBuilder(inputCount: 768)
        let inputs = builder.inputs
        var sha256 = SHA256Circuit(builder: builder)
        let words = sha256.schedule(block: Self.words(inputs[256...]))
        let state = sha256.compress(
            state: Self.words(inputs[..<256]),
            words: words,
            constants: SHA256.roundConstants
        )
        return sha256.builder.finish(outputs: Array(state.joined()))
    }

    /// (state 256, 64 words W_t + K_t) → state 256.
    static func scheduledCompression() -> Circuit {
        let builder = CircuitBuilder(inputCount: 256 + 2048)
        let inputs = builder.inputs
        var sha256 = SHA256Circuit(builder: builder)
        let state = sha256.compress(
            state: Self.words(inputs[..<256]),
            words: Self.words(inputs[256...]),
            constants: nil
        )
        return sha256.builder.finish(outputs: Array(state.joined()))
    }

    /// Key of `byteCount` bytes, a multiple of 4 → the state after the block (key ‖ zeros) ⊕ pad, pad, ….
    static func keyPad(byteCount: Int, pad: UInt8) -> Circuit {
        let builder = CircuitBuilder(inputCount: 8 * byteCount)
        let padWord = UInt32(pad) * 0x0101_0101
        let keyWords = Self.words(builder.inputs).map { word in
            word.enumerated().map { padWord >> UInt32($0) & 1 == 1 ? ~$1 : $1 }
        }
        let block = keyWords + Array(repeating: Self.constantWord(padWord), count: 16 - keyWords.count)
        var sha256 = SHA256Circuit(builder: builder)
        let words = sha256.schedule(block: block)
        let state = sha256.compress(
            state: SHA256.initialState.map(Self.constantWord),
            words: words,
            constants: SHA256.roundConstants
        )
        return sha256.builder.finish(outputs: Array(state.joined()))
    }
}
