/// The name of a topic: a string that every peer of the topic uses as it is.
package struct GossipTopic: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The longest name in bytes of UTF-8.
    package static let byteCountMax = 256

    /// The name.
    package let name: String

    /// A topic of 1 to ``byteCountMax`` bytes, or nil.
    package init?(_ name: String) {
        guard (1...Self.byteCountMax).contains(name.utf8.count) else { return nil }
        self.name = name
    }

    /// A topic from the bytes of its name, or nil if they are not UTF-8 or of a wrong length.
    init?(bytes: ArraySlice<UInt8>) {
        guard bytes.count <= Self.byteCountMax, let name = String(validating: bytes, as: UTF8.self) else { return nil }
        self.init(name)
    }

    /// The name.
    package var description: String { name }

    /// Topics are equal when their bytes are; strings would also be equal when they only look alike.
    package static func == (left: GossipTopic, right: GossipTopic) -> Bool {
        guard left.name.utf8.count == right.name.utf8.count else { return false }
        // Strings of Swift's own are contiguous, which is faster.
        let isEqual = left.name.utf8.withContiguousStorageIfAvailable { left in
            right.name.utf8.withContiguousStorageIfAvailable { left.elementsEqual($0) }
        }
        return (isEqual ?? nil) ?? left.name.utf8.elementsEqual(right.name.utf8)
    }

    /// Hashes what ``==(_:_:)`` compares; strings that only look alike would all have one hash.
    package func hash(into hasher: inout Hasher) {
        var name = name
        name.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// Topics stand in the order of the bytes of their names.
    package static func < (left: GossipTopic, right: GossipTopic) -> Bool {
        left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
    }
}
