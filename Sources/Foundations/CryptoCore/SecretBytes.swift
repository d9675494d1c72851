internal import COpenSSL

/// Secret bytes of fixed length that are overwritten when the last reference goes.
///
/// They print as redacted and compare in constant time. Bytes handed out by ``bytes`` are the caller's to protect.
package final class SecretBytes: @unchecked Sendable, Equatable, CustomStringConvertible,
    CustomDebugStringConvertible, CustomReflectable
{
    // Written only in `init` and `deinit`, when nobody else holds a reference; that makes sharing safe.
    private let storage: UnsafeMutableRawBufferPointer

    /// Takes a copy of `bytes`.
    package init(_ bytes: [UInt8]) {
        storage = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
        storage.copyBytes(from: bytes)
    }

    deinit {
        if let base = storage.baseAddress {
            OPENSSL_cleanse(base, storage.count)
        }
        storage.deallocate()
    }

    /// The number of bytes.
    package var count: Int { storage.count }

    /// A copy of the secret.
    package var bytes: [UInt8] { [UInt8](storage) }

    /// Runs `body` over the secret in place; the pointer must not leave it.
    package func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(storage))
    }

    /// Whether both hold the same bytes, in time that depends on their lengths only.
    package static func == (a: SecretBytes, b: SecretBytes) -> Bool {
        guard a.count == b.count else { return false }
        guard let left = a.storage.baseAddress, let right = b.storage.baseAddress else { return true }
        return CRYPTO_memcmp(left, right, a.count) == 0
    }

    /// Prints the length only.
    package var description: String { "SecretBytes(\(count) bytes, redacted)" }

    /// Prints the length only.
    package var debugDescription: String { description }

    /// Shows nothing to reflection.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
