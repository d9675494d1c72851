/// SHA-256 states as bytes.
enum DigestCoding {
    /// Big-endian words as bytes (FIPS 180-4 §3.1).
    static func bytes(ofWords words: [UInt32]) -> [UInt8] {
        words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) } }
    }
}
