/// One copy of bytes that many nodes store, because all of them keep the same records.
final class SharedBytes {
    private var known: Set<[UInt8]> = []
    private let countMax: Int

    /// Nothing yet; beyond `countMax` different values it forgets, which costs memory, nothing else.
    init(countMax: Int = 1 << 18) {
        self.countMax = countMax
    }

    /// Equal bytes, which whoever had them first shares.
    func share(_ bytes: [UInt8]) -> [UInt8] {
        // Shorter ones fit where a reference to shared ones would be.
        guard bytes.count > 16 else { return bytes }
        if known.count >= countMax { known = [] }
        return known.insert(bytes).memberAfterInsert
    }
}
