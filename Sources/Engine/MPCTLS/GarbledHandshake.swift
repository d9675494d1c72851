package import CryptoCore

/// All labels of the circuits that the prover garbles before the server is contacted.
///
/// - Complexity: 541,012 AND gates for a request of 1 KB (4 paddings, 10 outer compressions, 68 AES blocks), 32 bytes of
///   table each.
package struct GarbledHandshake: Redacted {
    /// Zero-labels of the prover's share of the premaster secret, 256.
    package let proverShare: [Block]
    /// The notary's share, 256.
    package let notaryShare: [Block]
    /// Zero-labels of the variable words of each outer compression, 1,792 each.
    package let scheduled: [[Block]]
    /// Zero-labels of all opened bits, in the order of ``OpenedValue``.
    package private(set) var opened: [Block] = []
    /// Zero-labels of GHASH's key in the client's direction.
    package private(set) var hashKey: [Block] = []
    /// Zero-labels of the tag mask and the keystream of the client's Finished.
    package private(set) var finished: (mask: [Block], keystream: [Block]) = ([], [])
    /// Zero-labels of the tag mask and the keystream of the request.
    package private(set) var request: (mask: [Block], keystream: [Block]) = ([], [])
    /// AND gates garbled.
    package private(set) var andCount = 0

    /// Garbles everything, handing tables to `send` as they come.
    ///
    /// - Parameter counters: AES-GCM's, unless the prover is to cheat.
    package init(
        delta: Delta,
        hashSeed: Block,
        maxSent: Int,
        counters: KeystreamCounters = KeystreamCounters(),
        random: inout BlockPRG,
        send: @escaping ([UInt8]) throws -> Void
    ) throws {
        proverShare = random.blocks(256)
        notaryShare = random.blocks(256)
        scheduled = OuterCompression.allCases.map { _ in random.blocks(ScheduledWordLayout.variableBitCount) }
        var keys = KeySchedule(backend: GarblingBackend(delta: delta, hashSeed: hashSeed, send: send))
        let fixed = keys.backend.constants(ScheduledWordLayout.fixedBits)
        let scheduled = self.scheduled
        func words(_ compression: OuterCompression) -> [Block] {
            ScheduledWordLayout.assemble(variable: scheduled[compression.rawValue], fixed: fixed)
        }
        opened += try keys.premaster(proverShare: proverShare, notaryShare: notaryShare)
        opened += try keys.masterA1(words(.masterA1))
        opened += try keys.masterFirstBlock(words(.masterFirst), a2: words(.masterA2))
        opened += try keys.masterSecondBlock(words(.masterSecond))
        opened += try keys.underMaster(words(.expansionA1))
        opened += try keys.underMaster(words(.finishedA1))
        hashKey = try keys.writeKeys(words(.expansionFirst))
        opened += try keys.underMaster(words(.expansionA2))
        opened += try keys.underMaster(words(.finishedFirst))[..<96]
        try keys.implicitNonces(words(.expansionSecond))
        finished = try keys.clientRecord(sequence: 0, byteCount: 16, firstCounter: counters.finished)
        request = try keys.clientRecord(sequence: 1, byteCount: maxSent, firstCounter: counters.request)
        try keys.backend.finish()
        andCount = keys.backend.andCount
    }

    /// AND gates of a session whose request may have `maxSent` bytes; both parties compute it.
    package static func andCount(maxSent: Int) throws -> Int {
        var counter = KeySchedule(backend: CountingBackend())
        let share = [Block](repeating: .zero, count: 256)
        let words = [Block](repeating: .zero, count: 2048)
        _ = try counter.premaster(proverShare: share, notaryShare: share)
        _ = try counter.masterA1(words)
        _ = try counter.masterFirstBlock(words, a2: words)
        _ = try counter.masterSecondBlock(words)
        _ = try counter.underMaster(words)
        _ = try counter.underMaster(words)
        _ = try counter.writeKeys(words)
        _ = try counter.underMaster(words)
        _ = try counter.underMaster(words)
        try counter.implicitNonces(words)
        _ = try counter.clientRecord(sequence: 0, byteCount: 16)
        _ = try counter.clientRecord(sequence: 1, byteCount: maxSent)
        return counter.backend.andCount
    }

    /// Zero-labels of every output that stays shared: hash key, Finished (mask, keystream), request (mask, keystream).
    package var shared: [Block] {
        hashKey + finished.mask + finished.keystream + request.mask + request.keystream
    }
}

/// The counters with which the keystreams of the client's two records begin: 2 in AES-GCM (SP 800-38D §7.1), because 1
/// belongs to the tag's mask.
///
/// The circuits get a counter as constant wires, whose value the prover alone decides when it garbles. One that puts
/// another value there, such as 1 to see the mask as keystream, gets what it asked for and a proof that fails.
package struct KeystreamCounters: Sendable {
    /// Of the client's Finished.
    package var finished: UInt32
    /// Of the request.
    package var request: UInt32

    /// An honest prover's, unless others are given.
    package init(finished: UInt32 = 2, request: UInt32 = 2) {
        self.finished = finished
        self.request = request
    }
}
