internal import Attestations
internal import KeyValueStorage
internal import Records

/// Cuts a node's records into answers.
struct SyncPages {
    let store: any KeyValueReader
    let parameters: SyncParameters

    /// The answer to a question: some dozens of reads of the store at most for each kilobyte that leaves.
    func answer(_ request: SyncRequest) throws(StorageError) -> SyncResponse {
        switch request {
        case .digests(let level, let first, let count): try digests(level, first..<first + UInt64(count))
        case .identifiers(let from, let before): try identifiers(from, before)
        case .records(let from, let before): try records(from, before)
        case .selection(let ids): try selection(ids)
        }
    }

    private func digests(_ level: DigestLevel, _ range: Range<UInt64>) throws(StorageError) -> SyncResponse {
        let limit = min(SyncRequest.digestCountMax, parameters.pageByteCountMax / SyncSpan.byteCount)
        let page = try DigestTable().page(level, range, limit: limit, in: store)
        return .digests(page.digests.map { SyncSpan(index: $0.index, digest: $0.digest) }, next: page.next)
    }

    private func identifiers(_ from: SyncPosition, _ before: UInt64) throws(StorageError) -> SyncResponse {
        let limit = min(SyncResponse.identifierCountMax, parameters.pageByteCountMax / SyncPosition.byteCount)
        let page = try keys(from, before, limit: limit)
        let positions = page.keys.map { SyncPosition(time: $0.time, id: $0.id) }
        return .identifiers(positions, next: page.isWhole ? nil : positions.last?.next)
    }

    private func records(_ from: SyncPosition, _ before: UInt64) throws(StorageError) -> SyncResponse {
        let page = try keys(from, before, limit: min(parameters.pageRecordCountMax, SyncResponse.recordCountMax))
        var records: [[UInt8]] = []
        var byteCount = 0
        for key in page.keys {
            guard let bytes = try bytes(of: key.id) else { continue }
            let next = SyncPosition(time: key.time, id: key.id)
            guard records.isEmpty || byteCount + bytes.count + 4 <= parameters.pageByteCountMax else {
                return .records(records, next: next)
            }
            records.append(bytes)
            byteCount += bytes.count + 4
        }
        // Records whose keys alone are there are passed over; a page of nothing has no place to go on from.
        guard !page.isWhole, !records.isEmpty, let last = page.keys.last else { return .records(records, next: nil) }
        return .records(records, next: SyncPosition(time: last.time, id: last.id).next)
    }

    private func selection(_ ids: [AttestationID]) throws(StorageError) -> SyncResponse {
        var records: [[UInt8]] = []
        for id in ids {
            if let bytes = try bytes(of: id) { records.append(bytes) }
        }
        return .records(records, next: nil)
    }

    private func keys(
        _ from: SyncPosition,
        _ before: UInt64,
        limit: Int
    ) throws(StorageError) -> (keys: [TimeKey], isWhole: Bool) {
        guard from.time < before else { return ([], true) }
        let page = try store.records(
            in: NodeStore.notarizationsByTime,
            range: NodeStore.notarizationsByTime.range(
                from: TimeKey(time: from.time, id: from.id),
                before: TimeKey(time: before)
            ),
            limit: ScanLimit(count: limit)
        )
        return (page.records.map(\.key), page.rest == nil)
    }

    private func bytes(of id: AttestationID) throws(StorageError) -> [UInt8]? {
        try store.value(in: NodeStore.notarizations, for: AttestationKey(id))?.record.bytes
    }
}

extension SyncPosition {
    /// The place directly after this one; nil after the last of all.
    var next: SyncPosition? {
        var bytes = id.value.bytes
        for index in bytes.indices.reversed() {
            bytes[index] &+= 1
            if bytes[index] != 0 { break }
        }
        let isWrapped = bytes.allSatisfy { $0 == 0 }
        guard !isWrapped else { return time < .max ? SyncPosition(time: time + 1) : nil }
        return SyncPosition(time: time, id: AttestationID(Bytes32(bytes) ?? .zero))
    }
}
