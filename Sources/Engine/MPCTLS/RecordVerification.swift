internal import CryptoCore
internal import TLSProtocol

/// The notary's checks over what the proof opened: both Finished messages and the tag of every record.
struct RecordVerification: Redacted {
    let record: SessionRecord
    let values: ProvenValues

    /// What followed from opened keys, if any were.
    struct Opened: Redacted {
        var sent: [UInt8]?
        var received: [UInt8]?
        var endedWithCloseNotify = false
    }

    /// Recomputes everything.
    ///
    /// - Throws: ``MPCTLSError/proofRejected(_:)`` naming the record that does not verify.
    func verify() throws(MPCTLSError) -> Opened {
        let finished = HandshakeMessage(type: .finished, body: values.serverVerifyData).encoded
        guard constantTimeEqual(values.serverFinishedPlaintext, finished) else {
            throw .proofRejected("the server's Finished is wrong")
        }
        for (index, client) in [record.clientFinished, record.request].enumerated() {
            try check(client, sequence: index, key: values.clientHashKey, mask: values.clientMasks[index], "client")
        }
        for (index, server) in ([record.serverFinished] + record.serverRecords).enumerated() {
            try check(server, sequence: index, key: values.serverHashKey, mask: values.serverMasks[index], "server")
        }
        var opened = Opened(endedWithCloseNotify: values.alert == TLSAlert.closeNotify.encoded)
        if let key = values.clientKey {
            opened.sent = decrypt([record.request], key: key, salt: Array(values.implicitNonces[..<4]))
        }
        if let key = values.serverKey {
            let data = record.serverRecords.filter { $0.type == .applicationData }
            opened.received = decrypt(data, key: key, salt: Array(values.implicitNonces[4...]))
        }
        return opened
    }

    private func check(
        _ record: ProtectedRecord,
        sequence: Int,
        key: [UInt8],
        mask: [UInt8],
        _ side: String
    ) throws(MPCTLSError) {
        let header = GCMFragment.additionalData(
            sequenceNumber: UInt64(sequence),
            type: record.type,
            plaintextByteCount: record.ciphertext.count
        )
        let hash = GHASH.compute(h: key, aad: header, ciphertext: record.ciphertext)
        guard constantTimeEqual(xor(hash, mask), record.tag) else {
            throw .proofRejected("the tag of the \(side)'s record \(sequence) is wrong")
        }
    }

    /// Counter-mode decryption; the tags were checked already.
    private func decrypt(_ records: [ProtectedRecord], key: [UInt8], salt: [UInt8]) -> [UInt8] {
        records.flatMap { record in
            let counter = salt + record.explicitNonce + [0, 0, 0, 2]
            return (try? AES128CTR.apply(key: key, counter: counter, to: record.ciphertext)) ?? []
        }
    }
}

extension ProofStatement where Backend == CountingProofBackend {
    /// What proving `plan` over `record` takes; the same on both sides.
    static func budget(record: SessionRecord, plan: DisclosurePlan) throws -> ProofBudget {
        let counter = CountingProofBackend()
        var statement = ProofStatement(backend: counter, record: record, plan: plan)
        let none = [Block](repeating: .zero, count: 256)
        let shared = 128 * 5 + 8 * record.request.ciphertext.count
        try statement.run(
            proverShare: none,
            notaryShare: [Bool](repeating: false, count: 256),
            masks: [Block](repeating: .zero, count: shared),
            colours: []
        )
        return ProofBudget(total: counter.total, largestUnit: counter.largestUnit)
    }
}
