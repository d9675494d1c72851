import CKernels

/// The AES-128 block cipher (FIPS 197) under one key.
package struct AES128: Sendable, Redacted {
    private var key = tab_aes128_key()

    /// Expands `key`.
    ///
    /// - Precondition: 16 bytes.
    package init(key bytes: [UInt8]) {
        tab_aes128_expand(Block(littleEndian: bytes), &key)
    }

    /// The encryption of one 16-byte block.
    ///
    /// - Precondition: 16 bytes.
    package func encrypt(_ block: [UInt8]) -> [UInt8] {
        encrypt([Block(littleEndian: block)])[0].littleEndianBytes
    }

    /// The encryptions of all `blocks`.
    package func encrypt(_ blocks: [Block]) -> [Block] {
        [Block](unsafeUninitializedCapacity: blocks.count) { buffer, initialized in
            initialized = blocks.count
            guard let target = buffer.baseAddress, !blocks.isEmpty else { return }
            withUnsafePointer(to: key) { tab_aes128_encrypt($0, blocks, target, blocks.count) }
        }
    }

    /// The 11 round keys (FIPS 197 §5.2), 176 bytes.
    package var roundKeys: [UInt8] {
        withUnsafeBytes(of: key) { [UInt8]($0) }
    }
}
