internal import Crypto

/// The chaining key, the transcript hash and the cipher of a handshake (Noise, revision 34, section 5.2).
struct NoiseSymmetricState: Sendable {
    /// Binds everything both sides have said.
    private(set) var handshakeHash: [UInt8]
    private var chainingKey: SymmetricKey
    private var cipher = NoiseCipherState()

    /// The state at the start of a protocol whose name has at most 32 bytes or is hashed.
    init(protocolName: String) {
        let name = Array(protocolName.utf8)
        handshakeHash =
            name.count <= 32
            ? name + [UInt8](repeating: 0, count: 32 - name.count) : Array(SHA256.hash(data: name))
        chainingKey = SymmetricKey(data: handshakeHash)
    }

    /// Adds data to the transcript.
    mutating func mixHash(_ data: [UInt8]) {
        handshakeHash = Array(SHA256.hash(data: handshakeHash + data))
    }

    /// Adds a Diffie-Hellman result to the keys.
    mutating func mixKey(_ secret: SharedSecret) {
        let material = secret.withUnsafeBytes { SymmetricKey(data: $0) }
        let (next, key) = derive(material)
        chainingKey = next
        cipher = NoiseCipherState(key: key)
    }

    /// Encrypts under the current key, or passes through without one, and adds the result to the transcript.
    mutating func encryptAndHash(_ plaintext: [UInt8]) throws(NoiseError) -> [UInt8] {
        var output: [UInt8] = []
        var failure: NoiseError?
        plaintext.withUnsafeBytes { bytes in
            do throws(NoiseError) {
                try cipher.encrypt(bytes, authenticating: handshakeHash, into: &output)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        mixHash(output)
        return output
    }

    /// The inverse of ``encryptAndHash(_:)``.
    mutating func decryptAndHash(_ message: [UInt8]) throws(NoiseError) -> [UInt8] {
        let result = message.withUnsafeBytes { bytes in
            Result { () throws(NoiseError) in try cipher.decrypt(bytes, authenticating: handshakeHash) }
        }
        let plaintext = try result.get()
        mixHash(message)
        return plaintext
    }

    /// The bytes that encryption adds now.
    var overhead: Int { cipher.hasKey ? NoiseCipherState.tagByteCount : 0 }

    /// The two keys of the transport: the initiator's sending key first.
    func split() -> (NoiseCipherState, NoiseCipherState) {
        let (first, second) = derive(SymmetricKey(data: [UInt8]()))
        return (NoiseCipherState(key: first), NoiseCipherState(key: second))
    }

    /// Noise's HKDF with two outputs (section 4.3).
    private func derive(_ material: SymmetricKey) -> (SymmetricKey, SymmetricKey) {
        let extracted = material.withUnsafeBytes { HMAC<SHA256>.authenticationCode(for: $0, using: chainingKey) }
        let temporary = SymmetricKey(data: extracted)
        let first = HMAC<SHA256>.authenticationCode(for: [1], using: temporary)
        var hmac = HMAC<SHA256>(key: temporary)
        first.withUnsafeBytes { hmac.update(data: $0) }
        hmac.update(data: [2])
        return (SymmetricKey(data: first), SymmetricKey(data: hmac.finalize()))
    }
}
