/// Finds the node of a gate that already exists: a hash table with linear probing and one entry a gate.
///
/// Gates are public, so a fast multiplicative hash does; the standard dictionary took most of the time of building a circuit.
struct GateTable {
    /// Keys and nodes side by side; node 0 marks a free place, as no gate is node 0.
    private var entries: [(key: UInt64, node: UInt32)]
    private var count = 0
    private var shift: UInt64

    init() {
        self.shift = 64 - 12
        self.entries = Array(repeating: (0, 0), count: 1 << 12)
    }

    /// A key for the operands of an AND or XOR gate, nodes below 2^31.
    static func key(isAND: Bool, a: UInt32, b: UInt32) -> UInt64 {
        UInt64(a) << 32 | UInt64(b) << 1 | (isAND ? 1 : 0)
    }

    /// The node stored under `key`, or the node that `make` creates and that is stored from now on.
    mutating func node(for key: UInt64, orInsert make: () -> UInt32) -> UInt32 {
        var place = self.place(of: key)
        while self.entries[place].node != 0 {
            if self.entries[place].key == key { return self.entries[place].node }
            place = (place + 1) & (self.entries.count - 1)
        }
        let node = make()
        self.entries[place] = (key, node)
        self.count += 1
        if 2 * self.count > self.entries.count { self.grow() }
        return node
    }

    /// Fibonacci hashing: the upper bits of the product with 2^64 divided by the golden ratio.
    private func place(of key: UInt64) -> Int {
        Int((key &* 0x9e37_79b9_7f4a_7c15) >> self.shift)
    }

    private mutating func grow() {
        let old = self.entries
        self.shift -= 1
        self.entries = Array(repeating: (0, 0), count: 2 * old.count)
        for entry in old where entry.node != 0 {
            var place = self.place(of: entry.key)
            while self.entries[place].node != 0 { place = (place + 1) & (self.entries.count - 1) }
            self.entries[place] = entry
        }
    }
}
