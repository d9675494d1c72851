/// Reads an input as decisions; an input that ends decides for 0 from then on.
struct FuzzScript {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    var isEmpty: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    /// A number from 0 to `limit` - 1, of which there are at most 256.
    mutating func choice(_ limit: Int) -> Int { Int(byte()) % max(limit, 1) }

    mutating func word() -> UInt16 { UInt16(byte()) << 8 | UInt16(byte()) }

    mutating func long() -> UInt32 { UInt32(word()) << 16 | UInt32(word()) }

    /// At most `count` bytes.
    mutating func bytes(_ count: Int) -> [UInt8] {
        let taken = rest.prefix(count)
        rest = rest.dropFirst(taken.count)
        return Array(taken)
    }

    /// Bytes behind two bytes of length, or what is left.
    mutating func block() -> [UInt8] { bytes(Int(word())) }

    mutating func all() -> [UInt8] { bytes(rest.count) }

    /// Changes single bytes, as many as a byte says: a place and what to turn for each.
    ///
    /// Gives whether anything changed.
    mutating func bend(_ bytes: inout [UInt8]) -> Bool {
        guard !bytes.isEmpty else { return false }
        let original = bytes
        for _ in 0...choice(4) { bytes[Int(word()) % bytes.count] ^= byte() }
        return bytes != original
    }
}

/// Writes what ``FuzzScript`` reads.
struct FuzzScriptWriter {
    private(set) var bytes: [UInt8] = []

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func word(_ value: UInt16) { bytes += [UInt8(value >> 8), UInt8(value & 0xff)] }

    mutating func block(_ value: [UInt8]) {
        word(UInt16(value.count))
        bytes += value
    }

    /// Several pieces as one.
    static func joined(_ pieces: [UInt8]...) -> [UInt8] { Array(pieces.joined()) }
}
