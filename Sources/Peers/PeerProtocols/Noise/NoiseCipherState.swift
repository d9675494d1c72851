internal import Crypto
internal import Foundation

/// A key and the number of its next message (The Noise Protocol Framework, revision 34, section 5.1).
///
/// ChaCha20-Poly1305; the nonce is 32 zero bits and the message number, little-endian. Each number is used once: the
/// state counts up, and refuses to go on before the number that the specification reserves.
package struct NoiseCipherState: Sendable {
    private let key: SymmetricKey?
    private(set) var nextNonce: UInt64

    /// The bytes that encryption adds.
    static let tagByteCount = 16

    /// A state without a key, which passes bytes through unchanged as the first handshake message needs it.
    init() {
        key = nil
        nextNonce = 0
    }

    /// A state with this key; `nextNonce` is 0 except in tests of exhaustion.
    package init(keyBytes: [UInt8], nextNonce: UInt64 = 0) {
        precondition(keyBytes.count == 32, "ChaCha20-Poly1305 keys have 32 bytes")
        key = SymmetricKey(data: keyBytes)
        self.nextNonce = nextNonce
    }

    init(key: SymmetricKey) {
        self.key = key
        nextNonce = 0
    }

    /// Whether messages are encrypted.
    var hasKey: Bool { key != nil }

    /// Appends the ciphertext of `plaintext` and its tag to `output`.
    ///
    /// - Throws: `.nonceExhausted` after 2^64 - 1 messages.
    package mutating func encrypt(
        _ plaintext: UnsafeRawBufferPointer,
        authenticating associatedData: [UInt8] = [],
        into output: inout [UInt8]
    ) throws(NoiseError) {
        guard let key else {
            output.append(contentsOf: plaintext)
            return
        }
        let nonce = try takeNonce()
        do {
            let box = try ChaChaPoly.seal(plaintext, using: key, nonce: nonce, authenticating: associatedData)
            output.append(contentsOf: box.combined.dropFirst(12))
        } catch {
            throw .cryptographyUnavailable
        }
    }

    /// The plaintext of a ciphertext and its tag.
    ///
    /// - Throws: `.authenticationFailed` when one bit of either differs from what was sent, in this order.
    package mutating func decrypt(
        _ message: UnsafeRawBufferPointer,
        authenticating associatedData: [UInt8] = []
    ) throws(NoiseError) -> [UInt8] {
        guard let key else { return Array(message) }
        guard message.count >= Self.tagByteCount else { throw .malformed }
        let nonce = try takeNonce()
        let end = message.count - Self.tagByteCount
        do {
            let box = try ChaChaPoly.SealedBox(
                nonce: nonce,
                ciphertext: UnsafeRawBufferPointer(rebasing: message[..<end]),
                tag: UnsafeRawBufferPointer(rebasing: message[end...])
            )
            return Array(try ChaChaPoly.open(box, using: key, authenticating: associatedData))
        } catch {
            throw .authenticationFailed
        }
    }

    private mutating func takeNonce() throws(NoiseError) -> ChaChaPoly.Nonce {
        guard nextNonce < UInt64.max else { throw .nonceExhausted }
        var bytes = [UInt8](repeating: 0, count: 12)
        for index in 0..<8 { bytes[4 + index] = UInt8(truncatingIfNeeded: nextNonce >> UInt64(8 * index)) }
        nextNonce += 1
        guard let nonce = try? ChaChaPoly.Nonce(data: bytes) else { throw .cryptographyUnavailable }
        return nonce
    }
}
