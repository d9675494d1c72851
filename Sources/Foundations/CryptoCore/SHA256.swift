internal import COpenSSL

/// SHA-256 (FIPS 180-4).
package enum SHA256 {
    /// The state before the first block, eight words.
    package static let initialState: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]

    /// The 32-byte digest of `message`.
    package static func hash(_ message: [UInt8]) -> [UInt8] {
        hash(message, [])
    }

    /// The 32-byte digest of `first` ‖ `second`.
    ///
    /// The context is never copied, and overwritten at the end: where `first` is a padded key, its state is as good as
    /// the key.
    static func hash(_ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
        withWipedContext { context in
            SHA256_Init(context)
            SHA256_Update(context, first, first.count)
            SHA256_Update(context, second, second.count)
            return digest(finishing: context)
        }
    }

    /// The state after one more 64-byte block (FIPS 180-4 §6.2.2), without any padding.
    ///
    /// - Precondition: `state` has 8 words, `block` 64 bytes.
    package static func compress(state: [UInt32], block: [UInt8]) -> [UInt32] {
        precondition(state.count == 8 && block.count == 64, "eight words and 64 bytes")
        return withWipedContext { context in
            withUnsafeMutableBytes(of: &context.pointee.h) { words in
                state.withUnsafeBytes { words.copyMemory(from: $0) }
            }
            SHA256_Transform(context, block)
            return withUnsafeBytes(of: &context.pointee.h) { [UInt32]($0.bindMemory(to: UInt32.self)) }
        }
    }

    /// Runs `body` with a context of zeros in memory that is overwritten afterwards.
    fileprivate static func withWipedContext<Result>(_ body: (UnsafeMutablePointer<SHA256_CTX>) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: SHA256_CTX.self, capacity: 1) { memory in
            memory.initialize(repeating: SHA256_CTX())
            guard let context = memory.baseAddress else { preconditionFailure("one context has an address") }
            defer { OPENSSL_cleanse(context, MemoryLayout<SHA256_CTX>.size) }
            return body(context)
        }
    }

    fileprivate static func digest(finishing context: UnsafeMutablePointer<SHA256_CTX>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { digest, count in
            SHA256_Final(digest.baseAddress, context)
            count = 32
        }
    }

    /// The 64 words K_t of FIPS 180-4 §4.2.2.
    package static let roundConstants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]
}

/// SHA-256 over input that arrives in parts; copies continue independently.
///
/// It prints as redacted: what it has absorbed may be a key.
package struct SHA256Hasher: Sendable, Redacted {
    private var context = SHA256_CTX()

    /// A hasher that has seen nothing.
    package init() {
        SHA256_Init(&context)
    }

    /// Absorbs `bytes`.
    package mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// Absorbs `bytes`.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        SHA256_Update(&context, base, bytes.count)
    }

    /// The 32-byte digest of everything absorbed; this hasher may go on absorbing.
    package func finalize() -> [UInt8] {
        SHA256.withWipedContext { copy in
            withUnsafePointer(to: context) { copy.update(from: $0, count: 1) }
            return SHA256.digest(finishing: copy)
        }
    }

    /// Overwrites the state, which must not be used any more; for hashers that have absorbed a secret.
    package mutating func wipe() {
        OPENSSL_cleanse(&context, MemoryLayout<SHA256_CTX>.size)
    }
}
