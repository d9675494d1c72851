internal import BooleanCircuits
internal import CryptoCore

/// The public halves of HMAC-SHA256 when the state after `K ⊕ ipad` is known and the one after `K ⊕ opad` is not.
///
/// Both parties compute every inner digest themselves, over fixed labels, so that neither has to trust the other's
/// (RFC 2104; TLS 1.2's PRF is RFC 5246 §5).
package enum HMACStages {
    /// The inner digest of HMAC over `message`, from the eight-word state after the padded key.
    package static func innerDigest(state: [UInt32], message: [UInt8]) -> [UInt8] {
        var padded = message
        let bitCount = UInt64(64 + message.count) * 8
        padded.append(0x80)
        while padded.count % 64 != 56 { padded.append(0) }
        padded += (0..<8).map { UInt8(truncatingIfNeeded: bitCount >> (56 - 8 * UInt64($0))) }
        var state = state
        for start in stride(from: 0, to: padded.count, by: 64) {
            state = SHA256.compress(state: state, block: Array(padded[start..<start + 64]))
        }
        return DigestCoding.bytes(ofWords: state)
    }

    /// The 64 values W_t + K_t of the outer compression over a 32-byte inner digest and its padding: 768 bits in all.
    package static func scheduledWords(innerDigest: [UInt8]) -> [UInt32] {
        precondition(innerDigest.count == 32, "an inner digest is 32 bytes")
        let padding: [UInt8] = [0x80] + [UInt8](repeating: 0, count: 29) + [0x03, 0x00]
        return SHA256Constants.scheduledWords(block: innerDigest + padding)
    }
}

/// The words of an outer compression that depend on the digest: all but the eight of the fixed padding.
package enum ScheduledWordLayout {
    /// Indices of the words whose labels travel: 0–7 and 16–63.
    package static let variable: [Int] = Array(0..<8) + Array(16..<64)
    /// Bits whose labels travel for one outer compression: 56 words of 32.
    package static let variableBitCount = 56 * 32

    /// The bits of the variable words.
    package static func variableBits(_ scheduled: [UInt32]) -> [Bool] {
        BitOrder.bits(ofWords: variable.map { scheduled[$0] })
    }

    /// The bits of words 8–15, the same for every outer compression.
    package static let fixedBits: [Bool] = {
        let any = HMACStages.scheduledWords(innerDigest: [UInt8](repeating: 0, count: 32))
        return BitOrder.bits(ofWords: Array(any[8..<16]))
    }()

    /// All 2,048 wires from the variable ones and the fixed ones.
    package static func assemble<Wire>(variable: [Wire], fixed: [Wire]) -> [Wire] {
        Array(variable[..<256]) + fixed + Array(variable[256...])
    }
}
