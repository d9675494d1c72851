import BooleanCircuits
import CryptoCore
import MPCTLS
import TLSProtocol
import Testing

/// The key schedule over garbled circuits, against TLS's own in the clear.
@Suite struct GarbledKeyScheduleTests {
    @Test func handshakeTakesTheGatesThatWereBudgeted() throws {
        #expect(try GarbledHandshake.andCount(maxSent: 1024) == 541_012)
    }

    @Test(arguments: [1, 16, 31, 1024, 16_384]) func everyFurtherBlockCostsAsMuchAsBudgeted(maxSent: Int) throws {
        let least = try GarbledHandshake.andCount(maxSent: 1)
        let blocks = (maxSent + 15) / 16
        // 4,256 a block, and 864 more for each change of the counter's upper bits.
        #expect(
            try GarbledHandshake.andCount(maxSent: maxSent) == least + (blocks - 1) * 4256 + (blocks + 1) / 256 * 864
        )
    }

    @Test(arguments: [0, 31, 32, 63, 64, 65, 119, 120, 200]) func splitHMACIsHMAC(byteCount: Int) {
        var random = BlockPRG(seed: Block(UInt64(byteCount), 3))
        for keyByteCount in [32, 48] {
            let key = random.bytes(keyByteCount)
            let message = random.bytes(byteCount)
            func state(_ pad: UInt8) -> [UInt32] {
                let block = (0..<64).map { ($0 < key.count ? key[$0] : 0) ^ pad }
                return SHA256.compress(state: SHA256.initialState, block: block)
            }
            let inner = HMACStages.innerDigest(state: state(0x36), message: message)
            let words = HMACStages.scheduledWords(innerDigest: inner)
            let outer = Circuits.sha256ScheduledCompression.evaluate(
                BitOrder.bits(ofWords: state(0x5c)) + BitOrder.bits(ofWords: words)
            )
            let digest = BitOrder.words(ofBits: outer).flatMap { word in
                (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) }
            }
            #expect(digest == HMACSHA256.authenticate(key: key, message: message))
            // What travels as labels, and what does not, are all of the words.
            let fixed = BitOrder.bits(ofWords: Array(words[8..<16]))
            #expect(fixed == ScheduledWordLayout.fixedBits)
            #expect(
                ScheduledWordLayout.assemble(variable: ScheduledWordLayout.variableBits(words), fixed: fixed)
                    == BitOrder.bits(ofWords: words)
            )
        }
    }

    /// What the evaluator decodes, given the garbler's zero-labels.
    private struct Evaluation {
        var opened: [OpenedValue: [Bool]] = [:]
        var hashKey: [UInt8] = []
        var blocks: [[UInt8]] = []
    }

    @Test(arguments: [1, 20]) func garbledKeyScheduleIsTheLocalOne(byteCount: Int) throws {
        var random = BlockPRG(seed: Block(11, UInt64(byteCount)))
        let delta = Delta(random: &random)
        let hashSeed = random.nextBlock()
        var tables: [UInt8] = []
        let collected = Shared<[UInt8]>([])
        let garbled = try GarbledHandshake(delta: delta, hashSeed: hashSeed, maxSent: byteCount, random: &random) {
            frame in
            collected.update { $0 += frame }
        }
        tables = collected.value
        #expect(tables.count == 32 * garbled.andCount)
        #expect(garbled.andCount == (try GarbledHandshake.andCount(maxSent: byteCount)))
        #expect(garbled.opened.count == OpenedValue.totalBitCount)

        let shares = (0..<2).map { _ in P256FieldElement.random(from: &random) }
        let premaster = shares[0] + shares[1]
        var view = KeyScheduleView(
            clientRandom: random.bytes(32),
            serverRandom: random.bytes(32),
            sessionHash: random.bytes(32)
        )
        let local = try LocalKeySchedule(premaster: premaster.bytes, view: view)
        for value in OpenedValue.allCases { view.open(value, local.bits(value)) }

        let store = TableStore(byteCount: tables.count)
        try store.append(tables)
        #expect(store.missing == 0)
        var keys = KeySchedule(backend: EvaluationBackend(hashSeed: hashSeed, tables: store))
        func active(_ zero: [Block], _ bits: [Bool]) -> [Block] {
            zip(zero, bits).map { $1 ? $0 ^ delta.block : $0 }
        }
        func words(_ compression: OuterCompression) -> [Block] {
            let bits = ScheduledWordLayout.variableBits(view.scheduledWords(compression))
            return ScheduledWordLayout.assemble(
                variable: active(garbled.scheduled[compression.rawValue], bits),
                fixed: [Block](repeating: .zero, count: 256)
            )
        }
        func decode(_ labels: [Block], _ zero: ArraySlice<Block>) throws -> [Bool] {
            try zip(labels, zero).map { label, zero in
                try #require(label == zero || label == zero ^ delta.block)
                return label != zero
            }
        }
        func expect(_ value: OpenedValue, _ labels: [Block]) throws {
            let zero = garbled.opened[value.offset..<value.offset + value.bitCount]
            #expect(try decode(labels, zero) == local.bits(value))
        }
        try expect(
            .premasterInner,
            try keys.premaster(
                proverShare: active(garbled.proverShare, FieldCoding.integerBits(shares[0])),
                notaryShare: active(garbled.notaryShare, FieldCoding.integerBits(shares[1]))
            )
        )
        try expect(.masterA1, try keys.masterA1(words(.masterA1)))
        try expect(.masterA2, try keys.masterFirstBlock(words(.masterFirst), a2: words(.masterA2)))
        try expect(.masterInner, try keys.masterSecondBlock(words(.masterSecond)))
        try expect(.expansionA1, try keys.underMaster(words(.expansionA1)))
        try expect(.finishedA1, try keys.underMaster(words(.finishedA1)))
        let hashKey = try decode(try keys.writeKeys(words(.expansionFirst)), garbled.hashKey[...])
        #expect(BitOrder.bytes(ofBits: hashKey) == local.clientHashKey)
        try expect(.expansionA2, try keys.underMaster(words(.expansionA2)))
        try expect(.verifyData, Array(try keys.underMaster(words(.finishedFirst))[..<96]))
        try keys.implicitNonces(words(.expansionSecond))

        // The client's two records, decrypted by the local schedule.
        for (sequence, count) in [(UInt64(0), 16), (1, byteCount)] {
            let zero = sequence == 0 ? garbled.finished : garbled.request
            let (mask, keystream) = try keys.clientRecord(sequence: sequence, byteCount: count)
            let stream = BitOrder.bytes(ofBits: try decode(keystream, zero.keystream[...]))
            let tagMask = BitOrder.bytes(ofBits: try decode(mask, zero.mask[...]))
            let plaintext = random.bytes(count)
            let ciphertext = (0..<count).map { plaintext[$0] ^ stream[$0] }
            let header = GCMFragment.additionalData(
                sequenceNumber: sequence,
                type: .applicationData,
                plaintextByteCount: count
            )
            let hash = GHASH.compute(h: local.clientHashKey, aad: header, ciphertext: ciphertext)
            let record = ProtectedRecord(
                type: .applicationData,
                explicitNonce: GCMFragment.explicitNonce(sequenceNumber: sequence),
                ciphertext: ciphertext,
                tag: (0..<16).map { hash[$0] ^ tagMask[$0] }
            )
            #expect(try local.client.open(record, sequence: sequence) == plaintext)
        }
    }

    @Test func tablesBeyondTheAgreedCircuitsAreRefused() throws {
        let store = TableStore(byteCount: 64)
        #expect(throws: MPCTLSError.self) { try store.append([UInt8](repeating: 0, count: 65)) }
        #expect(throws: MPCTLSError.self) { try store.append([UInt8](repeating: 0, count: 32)) }
        #expect(throws: MPCTLSError.self) { try store.slice(0, 32) }
        try store.append([UInt8](repeating: 0, count: 64))
        #expect(throws: MPCTLSError.self) { try store.append([]) }
        #expect(throws: MPCTLSError.self) { try store.slice(32, 64) }
        #expect(try store.slice(32, 32).count == 32)
    }
}
