import WireFormat

/// Batches as bytes of a log, each behind its length and checksum: what a disk may lose or tear.
struct BatchLog: Sendable {
    private(set) var bytes: [UInt8] = []

    init() {}

    /// A log as found on a disk: any bytes.
    init(found bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func append(_ batch: WriteBatch) {
        var payload = WireWriter()
        payload.count(batch.changes.count)
        for change in batch.changes {
            payload.variable(change.key)
            if case .put(_, let value) = change {
                payload.bool(true)
                payload.variable(value)
            } else {
                payload.bool(false)
            }
        }
        var frame = WireWriter()
        frame.uint32(CRC32C.checksum(payload.bytes))
        frame.variable(payload.bytes)
        bytes += frame.bytes
    }

    /// The batches before the first place that is torn or damaged.
    func intactBatches() -> [WriteBatch] {
        var batches: [WriteBatch] = []
        do throws(WireError) {
            var reader = try WireReader(bytes, limit: .max)
            while reader.left > 0 {
                let checksum = try reader.uint32()
                let payload = try reader.variable(limit: reader.left)
                guard CRC32C.checksum(payload) == checksum else { break }
                batches.append(try Self.batch(payload))
            }
        } catch {
            // The tail is torn: it ends here.
        }
        return batches
    }

    private static func batch(_ payload: [UInt8]) throws(WireError) -> WriteBatch {
        var reader = try WireReader(payload, limit: payload.count)
        var batch = WriteBatch()
        for _ in 0..<(try reader.count(limit: payload.count, bytesEach: 5)) {
            let key = try reader.variable(limit: reader.left)
            if try reader.bool("put") {
                batch.put(key: key, value: try reader.variable(limit: reader.left))
            } else {
                batch.remove(key: key)
            }
        }
        try reader.finish()
        return batch
    }
}
