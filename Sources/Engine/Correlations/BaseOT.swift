package import CryptoCore
package import PartyChannel

/// Maliciously secure random OT on P-256: the endemic OT of Masny and Rindal (ePrint 2019/706, Figure 1), batched as
/// McQuoid, Rosulek and Roy show to be safe (ePrint 2021/682).
///
/// ```
/// sender                                     receiver, choice c
/// a random, A = a·G            ── A ──▶      b random, B = b·G, r_{1-c} a random point
///                          ◀── r_0, r_1 ──   r_c = B − H(c, r_{1-c})
/// k_x = KDF(a·(r_x + H(x, r_{1-x})))         k_c = KDF(b·A)
/// ```
///
/// H hashes to the curve (RFC 9380) and KDF is SHA-256; both take the session, the number of the OT and the side, so one
/// A may serve the whole batch. UC secure in the random-oracle model under the computational Diffie-Hellman assumption
/// for endemic OT (each party may choose its own outputs), which is all that OT extension needs.
package enum BaseOT {
    /// Sends `count` random OTs and returns both strings of each; also absorbs the messages into `transcript`.
    package static func send(
        _ count: Int,
        over channel: any PartyChannel,
        random: inout BlockPRG,
        transcript: inout SHA256Hasher
    ) throws -> [(Block, Block)] {
        let context = transcript.finalize()
        let secret = P256Scalar.random(from: &random)
        let key = try environment { () throws(CryptoError) in try P256Point.generatorMultiple(secret) }.compressed
        try channel.send(.baseOTKey, key)
        let choices = try channel.receive(.baseOTChoice, exactly: 66 * count)
        transcript.update(key)
        transcript.update(choices)
        return try (0..<count).map { index in
            let encodings = (
                [UInt8](choices[66 * index..<66 * index + 33]), [UInt8](choices[66 * index + 33..<66 * index + 66])
            )
            do throws(CryptoError) {
                let points = (
                    try P256Point(compressed: encodings.0), try P256Point(compressed: encodings.1)
                )
                let derivation = Derivation(context: context, index: index, key: key, choices: encodings)
                let first = try points.0.adding(derivation.mask(for: 0, other: encodings.1)).multiplied(by: secret)
                let second = try points.1.adding(derivation.mask(for: 1, other: encodings.0)).multiplied(by: secret)
                return (derivation.string(side: 0, shared: first), derivation.string(side: 1, shared: second))
            } catch .libraryFailure {
                throw CorrelationError.environment(.libraryFailure)
            } catch {
                throw CorrelationError.invalidPoint(tag: .baseOTChoice)
            }
        }
    }

    /// Receives one random OT per element of `choices` and returns the chosen strings; absorbs the messages likewise.
    package static func receive(
        choices: [Bool],
        over channel: any PartyChannel,
        random: inout BlockPRG,
        transcript: inout SHA256Hasher
    ) throws -> [Block] {
        let context = transcript.finalize()
        let key = try channel.receive(.baseOTKey, exactly: 33)
        guard let senderPoint = try? P256Point(compressed: key) else {
            throw CorrelationError.invalidPoint(tag: .baseOTKey)
        }
        var message: [UInt8] = []
        message.reserveCapacity(66 * choices.count)
        var strings: [Block] = []
        for (index, choice) in choices.enumerated() {
            let secret = P256Scalar.random(from: &random)
            let other = try environment { () throws(CryptoError) in
                try P256Point.generatorMultiple(P256Scalar.random(from: &random))
            }
            let (own, shared) = try environment { () throws(CryptoError) in
                let mask = try Derivation.mask(
                    context: context,
                    index: index,
                    side: choice ? 1 : 0,
                    other: other.compressed
                )
                return (
                    try P256Point.generatorMultiple(secret).adding(mask.negated), try senderPoint.multiplied(by: secret)
                )
            }
            let encodings = ordered(own.compressed, other.compressed, swapping: choice)
            message += encodings.0
            message += encodings.1
            let derivation = Derivation(context: context, index: index, key: key, choices: encodings)
            strings.append(derivation.string(side: choice ? 1 : 0, shared: shared))
        }
        try channel.send(.baseOTChoice, message)
        transcript.update(key)
        transcript.update(message)
        return strings
    }

    /// (a, b), or (b, a) if `swap`, without a branch on `swap`.
    private static func ordered(_ a: [UInt8], _ b: [UInt8], swapping swap: Bool) -> ([UInt8], [UInt8]) {
        let mask = 0 &- UInt8(swap ? 1 : 0)
        let difference = zip(a, b).map { ($0 ^ $1) & mask }
        return (zip(a, difference).map { $0 ^ $1 }, zip(b, difference).map { $0 ^ $1 })
    }

    /// Runs curve arithmetic on our own values, where only the library can fail.
    private static func environment<Result>(_ body: () throws(CryptoError) -> Result) throws(CorrelationError) -> Result
    {
        do throws(CryptoError) {
            return try body()
        } catch {
            throw .environment(error)
        }
    }

    /// The hash functions of one OT of the batch.
    private struct Derivation {
        let context: [UInt8]
        let index: Int
        let key: [UInt8]
        let choices: ([UInt8], [UInt8])

        private static let domain = [UInt8]("TABELLION-V1-BASE-OT-with-P256_XMD:SHA-256_SSWU_RO_".utf8)

        /// H(side, other): the point that hides which of the two was programmed.
        static func mask(context: [UInt8], index: Int, side: UInt8, other: [UInt8]) throws(CryptoError) -> P256Point {
            try P256Point.hashing(context + [UInt8(index >> 8), UInt8(index & 0xff), side] + other, domain: domain)
        }

        func mask(for side: UInt8, other: [UInt8]) throws(CryptoError) -> P256Point {
            try Self.mask(context: context, index: index, side: side, other: other)
        }

        /// KDF: binds everything that either party said about this OT.
        func string(side: UInt8, shared: P256Point) -> Block {
            var hasher = SHA256Hasher()
            defer { hasher.wipe() }
            hasher.update([UInt8]("Tabellion v1 base OT string".utf8))
            hasher.update(context + [UInt8(index >> 8), UInt8(index & 0xff), side])
            hasher.update(key + choices.0 + choices.1 + shared.uncompressed)
            return Block(littleEndian: hasher.finalize().prefix(16))
        }
    }
}
