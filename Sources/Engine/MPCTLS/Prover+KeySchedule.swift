internal import BooleanCircuits
internal import CryptoCore
internal import PartyChannel
internal import TLSProtocol
internal import VOLEProofs
internal import WireFormat

/// The key exchange and the key schedule as the prover sees them.
package struct ProverKeySchedule: Redacted {
    var view: KeyScheduleView
    var premaster: PremasterProver
    let shareWires: [Block]
    /// The tag mask and hash key shares come out of the labels; keystreams are known to the prover.
    var finishedKeystream: [UInt8] = []
    var requestKeystream: [UInt8] = []
    var tags: TagProver
    var finishedLabelDigest: [UInt8] = []
    var requestLabelDigest: [UInt8] = []
    var finishedCommitment: [UInt8] = []
    var requestCommitment: [UInt8] = []
    /// The notary's first answer about the hash key, 32 bytes.
    var hashKeyReply: [UInt8] = []
}

extension Prover {
    /// Runs the key exchange with the notary for a validated handshake, and every step of the key schedule.
    ///
    /// - Parameter requestByteCount: the request's length, at most `maxSent`.
    func deriveKeys(
        handshake: HandshakeDisclosure,
        ephemeralShare: P256Scalar,
        requestByteCount: Int
    ) throws -> ProverKeySchedule {
        let serverPoint = try P256Point(uncompressed: handshake.serverPoint)
        let point = try serverPoint.multiplied(by: ephemeralShare)
        var premaster = try PremasterProver(point: point, correlations: material.fieldCorrelations)
        let message = KeyExchangeMessage(handshake: handshake, differences: premaster.firstMessage)
        try transcript.send(SessionFrame.keyExchange, message.wireBytes)
        let reply = try transcript.receive(SessionFrame.keyExchangeReply, exactly: 128)
        try transcript.send(SessionFrame.slope, try premaster.secondMessage(reply: reply))
        let slopeReply = try transcript.receive(SessionFrame.slopeReply, exactly: 64)
        try premaster.finish(reply: Array(slopeReply[..<32]))

        let shareBits = FieldCoding.integerBits(premaster.share)
        let shareWires = try material.proof.commit(shareBits)
        try transcript.send(SessionFrame.shareCommitment, material.proof.takeMessage())
        var keys = ProverKeySchedule(
            view: KeyScheduleView(
                clientRandom: handshake.clientRandom,
                serverRandom: handshake.serverRandom,
                sessionHash: handshake.sessionHash
            ),
            premaster: premaster,
            shareWires: shareWires,
            tags: TagProver(
                hashKeyShare: GF128.fromGHASH(bytes: BitOrder.bytes(ofBits: garbled.hashKey.lowBits)),
                correlations: material.hashKeyCorrelations
            )
        )
        let corrections = BitOrder.bits(ofBytes: Array(slopeReply[32...]))
        let notaryLabels = (0..<256).map {
            garbled.notaryShare[$0] ^ material.shareLabels[$0] ^ material.delta.block.masked(by: corrections[$0])
        }
        var labels = active(garbled.proverShare, shareBits) + notaryLabels
        for step in KeyScheduleStep.allCases {
            for compression in step.compressions {
                let bits = ScheduledWordLayout.variableBits(keys.view.scheduledWords(compression))
                labels += active(garbled.scheduled[compression.rawValue], bits)
            }
            let payload = BlockCoding.bytes(labels)
            labels = []
            if step == .nonces {
                try finishKeySchedule(&keys, labels: payload, requestByteCount: requestByteCount)
            } else {
                try transcript.send(SessionFrame.labels, payload)
                try open(step, into: &keys)
            }
        }
        return keys
    }

    /// Takes the notary's colour bits of what `step` opens.
    private func open(_ step: KeyScheduleStep, into keys: inout ProverKeySchedule) throws {
        let bitCount = step.opens.reduce(0) { $0 + $1.bitCount }
        let reply = try transcript.receive(SessionFrame.colours, exactly: bitCount / 8)
        var colours = BitOrder.bits(ofBytes: reply)[...]
        for value in step.opens {
            let masks = garbled.opened[value.offset..<value.offset + value.bitCount].map(\.lowBit)
            keys.view.open(value, zip(colours.prefix(value.bitCount), masks).map { $0 != $1 })
            colours = colours.dropFirst(value.bitCount)
        }
    }

    /// The last step: both keystreams, commitments to their labels, and the first message about the hash key.
    private func finishKeySchedule(
        _ keys: inout ProverKeySchedule,
        labels: [UInt8],
        requestByteCount: Int
    ) throws {
        let length = [UInt8(requestByteCount >> 8), UInt8(requestByteCount & 0xff)]
        try transcript.send(SessionFrame.labels, labels + length + keys.tags.firstMessage)
        let reply = try transcript.receive(SessionFrame.colours, exactly: 16 + requestByteCount + 64 + 32)
        let finishedColours = BitOrder.bits(ofBytes: Array(reply[..<16]))
        let requestColours = BitOrder.bits(ofBytes: Array(reply[16..<16 + requestByteCount]))
        let rest = Array(reply[(16 + requestByteCount)...])
        let requestZero = Array(garbled.request.keystream[..<(8 * requestByteCount)])
        keys.finishedKeystream = plain(finishedColours, garbled.finished.keystream)
        keys.requestKeystream = plain(requestColours, requestZero)
        keys.finishedLabelDigest = context.labelDigest(
            coloured(garbled.finished.keystream, finishedColours),
            record: "finished"
        )
        keys.requestLabelDigest = context.labelDigest(coloured(requestZero, requestColours), record: "request")
        keys.finishedCommitment = Array(rest[..<32])
        keys.requestCommitment = Array(rest[32..<64])
        keys.hashKeyReply = Array(rest[64...])
    }

    /// Active labels for bits that the prover knows.
    private func active(_ zero: [Block], _ bits: [Bool]) -> [Block] {
        zip(zero, bits).map { $0 ^ material.delta.block.masked(by: $1) }
    }

    /// The labels of the given colours.
    private func coloured(_ zero: [Block], _ colours: [Bool]) -> [Block] {
        zip(zero, colours).map { $0 ^ material.delta.block.masked(by: $0.lowBit != $1) }
    }

    private func plain(_ colours: [Bool], _ zero: [Block]) -> [UInt8] {
        BitOrder.bytes(ofBits: zip(colours, zero).map { $0 != $1.lowBit })
    }
}
