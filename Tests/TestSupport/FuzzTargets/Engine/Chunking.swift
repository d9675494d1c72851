/// Ways to cut bytes into portions, as a network might.
enum Chunking: CaseIterable {
    /// Each byte alone.
    case bytes
    /// By sizes from 0 to 40 that depend on the bytes themselves.
    case uneven

    func cut(_ bytes: [UInt8]) -> [[UInt8]] {
        switch self {
        case .bytes: return bytes.map { [$0] }
        case .uneven:
            var state: UInt64 = 0xcbf2_9ce4_8422_2325
            for byte in bytes { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
            var rest = bytes[...]
            var chunks: [[UInt8]] = []
            while !rest.isEmpty {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                chunks.append(Array(rest.prefix(Int(state >> 33) % 41)))
                rest = rest.dropFirst(chunks[chunks.count - 1].count)
            }
            return chunks
        }
    }
}
