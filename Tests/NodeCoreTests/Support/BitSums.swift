/// Sums of byte strings without carry, and what an attacker can do with them.
enum BitSums {
    /// The sum of strings of 32 bytes.
    static func sum(_ strings: [[UInt8]]) -> [UInt8] {
        strings.reduce([UInt8](repeating: 0, count: 32)) { left, right in zip(left, right).map { $0 ^ $1 } }
    }

    /// The places of strings, odd in number, that add up to `sum`, by Gaussian elimination; nil if there are none.
    static func subset(of strings: [[UInt8]], sum: [UInt8]) -> [Int]? {
        // One more bit for the parity of the number.
        var rows = strings.enumerated().map { (vector: $1 + [1], members: Set([$0])) }
        var goal = (vector: sum + [1], members: Set<Int>())
        for bit in 0..<(sum.count + 1) * 8 {
            let has = { (vector: [UInt8]) in vector[bit >> 3] >> UInt8(bit & 7) & 1 == 1 }
            guard let place = rows.firstIndex(where: { has($0.vector) }) else { continue }
            let pivot = rows.remove(at: place)
            for index in rows.indices where has(rows[index].vector) {
                rows[index].vector = zip(rows[index].vector, pivot.vector).map { $0 ^ $1 }
                rows[index].members.formSymmetricDifference(pivot.members)
            }
            if has(goal.vector) {
                goal.vector = zip(goal.vector, pivot.vector).map { $0 ^ $1 }
                goal.members.formSymmetricDifference(pivot.members)
            }
        }
        return goal.vector.allSatisfy { $0 == 0 } ? goal.members.sorted() : nil
    }
}
