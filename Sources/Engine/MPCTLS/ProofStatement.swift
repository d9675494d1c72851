internal import BooleanCircuits
internal import CryptoCore
internal import TLSProtocol

/// What the prover proves after the notary has opened its seed, written once for both parties.
///
/// From the committed share of the premaster secret and the opened one, the whole key schedule is computed again; every
/// value that the notary saw or answered for in the evaluation must follow from it (that is where a wrong garbled
/// table shows), both Finished messages and the tags of every record of both directions are accounted for, and then
/// segments of the transcript are opened or hashed ([GTP] §6, docs/engine.md).
struct ProofStatement<Backend: ProofBackend>: Redacted {
    /// Blocks of keystream between two checkpoints.
    private static var blocksPerUnit: Int { 64 }

    private let record: SessionRecord
    private let plan: DisclosurePlan
    private var keys: KeySchedule<Backend>
    private var serverKey: Backend.AESKey?
    private(set) var values = ProvenValues()

    init(backend: Backend, record: SessionRecord, plan: DisclosurePlan) {
        keys = KeySchedule(backend: backend)
        self.record = record
        self.plan = plan
    }

    /// The backend, for the driver to finish.
    var backend: Backend { keys.backend }

    /// Runs the whole statement.
    ///
    /// - Parameters:
    ///   - proverShare: the committed share, 256 wires, little-endian integer bits.
    ///   - notaryShare: the opened share's bits, in the same order.
    ///   - masks: the committed masks λ of all shared outputs, in the order of ``GarbledHandshake/shared``.
    ///   - colours: the notary's colour bits of those outputs; what was not evaluated is left out at the end.
    mutating func run(proverShare: [Block], notaryShare: [Bool], masks: [Block], colours: [Bool]) throws {
        try keySchedule(proverShare: proverShare, notaryShare: notaryShare)
        let request = try clientRecords(masks: masks, colours: colours)
        try serverHandshake()
        try serverTags()
        try disclose(.sent, records: [record.request], knownKeystream: request)
        try disclose(.received, records: record.serverRecords, knownKeystream: nil)
        try openKeys()
        try keys.backend.checkpoint()
    }

    private mutating func keySchedule(proverShare: [Block], notaryShare: [Bool]) throws {
        let share = keys.backend.constants(notaryShare)
        try assertOpened(.premasterInner, try keys.premaster(proverShare: proverShare, notaryShare: share))
        try assertOpened(.masterA1, try keys.masterA1(words(.masterA1)))
        try assertOpened(.masterA2, try keys.masterFirstBlock(words(.masterFirst), a2: words(.masterA2)))
        try assertOpened(.masterInner, try keys.masterSecondBlock(words(.masterSecond)))
        try assertOpened(.expansionA1, try keys.underMaster(words(.expansionA1)))
        try assertOpened(.finishedA1, try keys.underMaster(words(.finishedA1)))
    }

    /// The rest of the key schedule and the client's records; returns the keystream of the request.
    private mutating func clientRecords(masks: [Block], colours: [Bool]) throws -> [Block] {
        let hashKey = try keys.writeKeys(words(.expansionFirst))
        try assertOpened(.expansionA2, try keys.underMaster(words(.expansionA2)))
        try assertOpened(.verifyData, Array(try keys.underMaster(words(.finishedFirst))[..<96]))
        try keys.implicitNonces(words(.expansionSecond))
        let finished = try keys.clientRecord(sequence: 0, byteCount: 16)
        let request = try keys.clientRecord(sequence: 1, byteCount: record.request.ciphertext.count)
        let keystream = Array(request.keystream[..<(8 * record.request.ciphertext.count)])
        let shared = hashKey + finished.mask + finished.keystream + request.mask + keystream
        try keys.backend.assertMasked(shared, masks: Array(masks[..<shared.count]), equals: colours)
        values.clientHashKey = BitOrder.bytes(ofBits: try keys.backend.reveal(hashKey))
        for mask in [finished.mask, request.mask] {
            values.clientMasks.append(BitOrder.bytes(ofBits: try keys.backend.reveal(mask)))
        }
        values.implicitNonces = BitOrder.bytes(ofBits: try keys.backend.reveal(keys.implicitNonceWires))
        try keys.backend.checkpoint()
        return keystream
    }

    /// The server's Finished, which nobody could check before: its verify_data and its plaintext.
    private mutating func serverHandshake() throws {
        let first = record.view.serverFinishedWords(handshakeHash: record.serverFinishedHash, a1: nil)
        let a1 = try keys.backend.reveal(try keys.underMaster(constants(first)))
        let second = record.view.serverFinishedWords(
            handshakeHash: record.serverFinishedHash,
            a1: DigestCoding.bytes(ofWords: BitOrder.words(ofBits: a1))
        )
        let output = try keys.underMaster(constants(second))
        values.serverVerifyData = DigestCoding.bytes(
            ofWords: BitOrder.words(ofBits: try keys.backend.reveal(Array(output[..<96])))
        )
        let key = try keys.backend.aesExpand(keys.serverKeyWires)
        serverKey = key
        values.serverHashKey = BitOrder.bytes(ofBits: try keys.backend.reveal(try keys.backend.aesOfZero(key)))
        let keystream = try serverBlocks(record.serverFinished, counters: 2..<3)
        values.serverFinishedPlaintext = xor(
            BitOrder.bytes(ofBits: try keys.backend.reveal(keystream)),
            record.serverFinished.ciphertext
        )
        try keys.backend.checkpoint()
    }

    private mutating func serverTags() throws {
        for serverRecord in [record.serverFinished] + record.serverRecords {
            let mask = try serverBlocks(serverRecord, counters: 1..<2)
            values.serverMasks.append(BitOrder.bytes(ofBits: try keys.backend.reveal(mask)))
            try keys.backend.checkpoint()
        }
        if let alert = record.serverRecords.last, alert.type == .alert {
            let keystream = try serverBlocks(alert, counters: 2..<3)
            values.alert = xor(
                BitOrder.bytes(ofBits: try keys.backend.reveal(Array(keystream[..<16]))),
                alert.ciphertext
            )
        }
    }

    /// Opens or hashes the segments of one direction, a few blocks at a time.
    private mutating func disclose(
        _ direction: TranscriptDirection,
        records: [ProtectedRecord],
        knownKeystream: [Block]?
    ) throws {
        let directionPlan = plan[direction]
        guard !directionPlan.opensKey, !directionPlan.segments.isEmpty else { return }
        var cursor = SegmentCursor(segments: directionPlan.segments)
        var recordStart = 0
        for record in records where record.type == .applicationData {
            let byteCount = record.ciphertext.count
            var prefix: (value: Backend.CounterPrefix, counterUpperBits: UInt32)?
            for unitStart in stride(from: 0, to: byteCount, by: 16 * Self.blocksPerUnit) {
                let unitEnd = min(unitStart + 16 * Self.blocksPerUnit, byteCount)
                let parts = cursor.parts(in: recordStart + unitStart..<recordStart + unitEnd)
                guard !parts.isEmpty else { continue }
                var unit = DisclosedUnit(
                    ciphertext: Array(record.ciphertext[unitStart..<unitEnd]),
                    start: recordStart + unitStart,
                    parts: parts
                )
                if let knownKeystream {
                    unit.useAll(Array(knownKeystream[8 * unitStart..<8 * unitEnd]))
                } else {
                    try evaluate(&unit, of: record, firstCounter: UInt32(unitStart / 16 + 2), prefix: &prefix)
                }
                for (segment, part) in parts {
                    try consume(direction, segment, part, unit: unit, cursor: &cursor)
                }
                try keys.backend.checkpoint()
            }
            recordStart += byteCount
        }
    }

    /// Computes what a unit needs of the server's keystream; 256 blocks share a prefix.
    private func evaluate(
        _ unit: inout DisclosedUnit,
        of record: ProtectedRecord,
        firstCounter: UInt32,
        prefix: inout (value: Backend.CounterPrefix, counterUpperBits: UInt32)?
    ) throws {
        for (block, need) in unit.needs.enumerated() where need != .nothing {
            let counter = firstCounter + UInt32(block)
            let current: Backend.CounterPrefix
            if let prefix, prefix.counterUpperBits == counter >> 8 {
                current = prefix.value
            } else {
                current = try serverPrefix(record, counter: counter)
                prefix = (current, counter >> 8)
            }
            if need == .bytes {
                unit.open(block, try keys.backend.openedCounterBlock(current, counter: counter))
            } else {
                unit.use(block, try keys.backend.counterBlock(current, counter: counter))
            }
        }
    }

    /// Opens or hashes what a unit holds of one segment.
    private mutating func consume(
        _ direction: TranscriptDirection,
        _ segment: PlannedSegment,
        _ part: Range<Int>,
        unit: DisclosedUnit,
        cursor: inout SegmentCursor
    ) throws {
        let isLast = part.upperBound == segment.range.upperBound
        switch segment.treatment {
        case .disclosed:
            for run in unit.runs(in: part) {
                let keystream = try run.opened ?? BitOrder.bytes(ofBits: try keys.backend.reveal(run.wires))
                cursor.disclosed += xor(keystream, run.ciphertext)
            }
            guard isLast else { return }
            values.segments.append(
                ProvenSegment(direction: direction, range: segment.range, content: .disclosed(cursor.disclosed))
            )
            cursor.disclosed = []
        case .committed:
            for run in unit.runs(in: part) {
                let ciphertext = keys.backend.constants(BitOrder.bits(ofBytes: run.ciphertext))
                try cursor.hash.update(zip(run.wires, ciphertext).map { $0 ^ $1 }, backend: keys.backend)
            }
            guard isLast else { return }
            try cursor.hash.update(try keys.backend.witness(128), backend: keys.backend)
            let digest = try cursor.hash.finish(backend: keys.backend)
            let opened = BitOrder.words(ofBits: try keys.backend.reveal(digest))
            values.segments.append(
                ProvenSegment(
                    direction: direction,
                    range: segment.range,
                    content: .committed(DigestCoding.bytes(ofWords: opened))
                )
            )
            // A hash costs 22,271 bits or more: many short segments must not share a unit.
            try keys.backend.checkpoint()
        }
    }

    private mutating func openKeys() throws {
        if plan.sent.opensKey {
            values.clientKey = BitOrder.bytes(ofBits: try keys.backend.reveal(keys.clientKeyWires))
        }
        if plan.received.opensKey {
            values.serverKey = BitOrder.bytes(ofBits: try keys.backend.reveal(keys.serverKeyWires))
        }
    }

    private func serverBlocks(_ record: ProtectedRecord, counters: Range<UInt32>) throws -> [Block] {
        try keys.backend.aesCounterBlocks(expandedServerKey, nonce: serverNonce(record), counters: counters)
    }

    private func serverPrefix(_ record: ProtectedRecord, counter: UInt32) throws -> Backend.CounterPrefix {
        try keys.backend.counterPrefix(expandedServerKey, nonce: serverNonce(record), counter: counter)
    }

    private var expandedServerKey: Backend.AESKey {
        guard let serverKey else { preconditionFailure("the server's key is expanded before its records are read") }
        return serverKey
    }

    private func serverNonce(_ record: ProtectedRecord) -> [Block] {
        keys.serverIV + keys.backend.constants(BitOrder.bits(ofBytes: record.explicitNonce))
    }

    private mutating func assertOpened(_ value: OpenedValue, _ wires: [Block]) throws {
        try keys.backend.assertEqual(wires, record.view.bits(value))
        try keys.backend.checkpoint()
    }

    private func words(_ compression: OuterCompression) -> [Block] {
        constants(record.view.scheduledWords(compression))
    }

    private func constants(_ words: [UInt32]) -> [Block] {
        keys.backend.constants(BitOrder.bits(ofWords: words))
    }
}

/// Byte-wise exclusive or of two strings of one length.
func xor(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
    precondition(left.count == right.count, "both strings have one length")
    return zip(left, right).map { $0 ^ $1 }
}
