/// How much there is of notarizations.
struct StoredTotal: Sendable {
    /// How many.
    private(set) var count: UInt64 = 0
    /// Their bytes, keys and indexes included.
    private(set) var byteCount: UInt64 = 0

    /// Adds a record of so many bytes.
    mutating func insert(byteCount: Int) {
        count &+= 1
        self.byteCount &+= UInt64(clamping: byteCount)
    }

    /// Takes out a record of so many bytes.
    mutating func remove(byteCount: Int) {
        count = count == 0 ? 0 : count - 1
        let bytes = UInt64(clamping: byteCount)
        self.byteCount = self.byteCount < bytes ? 0 : self.byteCount - bytes
    }

    /// Adds what a span holds.
    mutating func add(_ digest: SetDigest) {
        count &+= digest.count
        byteCount &+= digest.byteCount
    }
}
