/// Keys from `lower` on and before `upper`, in the order of their bytes.
package struct KeyRange: Equatable, Sendable {
    /// The first key that may belong to the range.
    package var lower: [UInt8]
    /// The first key after the range; `nil`: the range has no end.
    package var upper: [UInt8]?

    /// Every key.
    package static let all = KeyRange(lower: [], upper: nil)

    /// Keys at or after `lower` and before `upper`.
    package init(lower: [UInt8], upper: [UInt8]?) {
        self.lower = lower
        self.upper = upper
    }

    /// Keys that begin with `prefix`.
    package init(prefix: [UInt8]) {
        lower = prefix
        upper = Self.successor(ofPrefix: prefix)
    }

    /// Whether no key belongs to the range.
    package var isEmpty: Bool {
        guard let upper else { return false }
        return !KeyOrder.precedes(lower, upper)
    }

    /// Whether `key` belongs to the range.
    package func contains(_ key: [UInt8]) -> Bool {
        guard !KeyOrder.precedes(key, lower) else { return false }
        guard let upper else { return true }
        return KeyOrder.precedes(key, upper)
    }

    /// The first key after all that begin with `prefix`; `nil` if there is none.
    package static func successor(ofPrefix prefix: [UInt8]) -> [UInt8]? {
        var bytes = prefix
        while let last = bytes.popLast() {
            if last < .max { return bytes + [last + 1] }
        }
        return nil
    }
}

/// The order of keys: byte by byte, a prefix before what continues it.
package enum KeyOrder {
    /// Whether `first` comes before `second`.
    package static func precedes(_ first: [UInt8], _ second: [UInt8]) -> Bool {
        first.withUnsafeBytes { first in
            second.withUnsafeBytes { second in
                var index = 0
                let shared = min(first.count, second.count)
                while index < shared {
                    if first[index] != second[index] { return first[index] < second[index] }
                    index += 1
                }
                return first.count < second.count
            }
        }
    }
}
