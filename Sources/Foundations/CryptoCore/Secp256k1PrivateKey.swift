internal import CSecp256k1
internal import Glibc

/// A secp256k1 private key; its bytes are zeroed when the last copy goes away.
package struct Secp256k1PrivateKey: Sendable {
    /// The public half.
    package let publicKey: Secp256k1PublicKey
    private let storage: Storage

    /// A key from 32 big-endian bytes in 1..<n.
    ///
    /// - Throws: `.invalidPrivateKey`. The caller zeroes its own copy.
    package init(bytes: [UInt8]) throws(Secp256k1Error) {
        guard bytes.count == 32, secp256k1_ec_seckey_verify(Secp256k1Context.shared, bytes) == 1 else {
            throw .invalidPrivateKey
        }
        var point = secp256k1_pubkey()
        guard secp256k1_ec_pubkey_create(Secp256k1Context.shared, &point, bytes) == 1 else {
            throw .invalidPrivateKey
        }
        self.publicKey = Secp256k1PublicKey(parsed: point)
        self.storage = Storage(bytes)
    }

    /// A uniform key from a source of random bytes, for example `SecureRandom.bytes`.
    ///
    /// Draws again in the case, of probability below 2^-127, that the bytes are 0 or at least n; a source that fails
    /// 16 times in a row is broken.
    package static func random(_ randomBytes: (_ count: Int) -> [UInt8]) throws(Secp256k1Error) -> Secp256k1PrivateKey {
        for _ in 0..<16 {
            var candidate = randomBytes(32)
            defer { Storage.erase(&candidate) }
            if let key = try? Secp256k1PrivateKey(bytes: candidate) { return key }
        }
        throw .invalidPrivateKey
    }

    /// The account of the public key.
    package var ethereumAddress: EthereumAddress { publicKey.ethereumAddress }

    /// Lends the 32 secret bytes to `body`, for key files; they must not outlive the call.
    package func withSecretBytes<Result>(_ body: ([UInt8]) throws -> Result) rethrows -> Result {
        try storage.withBytes(body)
    }

    /// Signs a 32-byte digest in constant time: deterministic nonce (RFC 6979), low s, recoverable.
    ///
    /// - Throws: `.invalidDigest`.
    package func sign(digest: [UInt8]) throws(Secp256k1Error) -> Secp256k1Signature {
        guard digest.count == 32 else { throw .invalidDigest }
        var compact = [UInt8](repeating: 0, count: 64)
        var recoveryID: Int32 = 0
        let done = storage.withPointer { key in
            var signature = secp256k1_ecdsa_recoverable_signature()
            guard
                secp256k1_ecdsa_sign_recoverable(Secp256k1Context.shared, &signature, digest, key, nil, nil) == 1
            else { return false }
            return secp256k1_ecdsa_recoverable_signature_serialize_compact(
                Secp256k1Context.shared,
                &compact,
                &recoveryID,
                &signature
            ) == 1
        }
        guard done, let v = UInt8(exactly: recoveryID) else { throw .invalidSignature }
        return try Secp256k1Signature(r: Array(compact[0..<32]), s: Array(compact[32..<64]), v: v)
    }

    /// Signs a 32-byte digest in constant time: deterministic nonce (RFC 6979), low s, DER of at most 72 bytes.
    ///
    /// - Throws: `.invalidDigest`.
    package func signDER(digest: [UInt8]) throws(Secp256k1Error) -> [UInt8] {
        guard digest.count == 32 else { throw .invalidDigest }
        var der = [UInt8](repeating: 0, count: 72)
        var length = der.count
        let done = storage.withPointer { key in
            var signature = secp256k1_ecdsa_signature()
            guard secp256k1_ecdsa_sign(Secp256k1Context.shared, &signature, digest, key, nil, nil) == 1 else {
                return false
            }
            return secp256k1_ecdsa_signature_serialize_der(Secp256k1Context.shared, &der, &length, &signature) == 1
        }
        guard done else { throw .invalidSignature }
        return Array(der.prefix(length))
    }

    /// The 32 secret bytes on the heap.
    ///
    /// `@unchecked Sendable`: the memory is written in `init` and `deinit` only.
    private final class Storage: @unchecked Sendable {
        private let memory: UnsafeMutableBufferPointer<UInt8>

        init(_ bytes: [UInt8]) {
            memory = .allocate(capacity: bytes.count)
            _ = memory.initialize(from: bytes)
        }

        deinit {
            Self.erase(UnsafeMutableRawBufferPointer(memory))
            memory.deallocate()
        }

        func withPointer<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
            // A buffer of 32 bytes has a base address.
            body(UnsafePointer(memory.baseAddress.unsafelyUnwrapped))
        }

        func withBytes<Result>(_ body: ([UInt8]) throws -> Result) rethrows -> Result {
            var copy = Array(memory)
            defer { Self.erase(&copy) }
            return try body(copy)
        }

        static func erase(_ bytes: inout [UInt8]) {
            bytes.withUnsafeMutableBytes { erase($0) }
        }

        private static func erase(_ memory: UnsafeMutableRawBufferPointer) {
            if let base = memory.baseAddress { explicit_bzero(base, memory.count) }
        }
    }
}

extension Secp256k1PrivateKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Names the account, never the secret.
    package var description: String { "Secp256k1PrivateKey(for \(ethereumAddress), redacted)" }
    /// Same as ``description``.
    package var debugDescription: String { description }
    /// Shows no stored bytes.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
