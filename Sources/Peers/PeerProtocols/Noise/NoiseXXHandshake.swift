/// The handshake `Noise_XX_25519_ChaChaPoly_SHA256` (Noise, revision 34, sections 5.3 and 7.5).
///
/// ```
/// initiator                    responder
///   e                       ->
///                           <- e, ee, s, es
///   s, se                   ->
/// ```
/// Both static keys travel encrypted; the payloads of the second and third message are secret and authenticated by
/// the keys, whose owners the layer above checks.
package struct NoiseXXHandshake: Sendable {
    /// Which side this is.
    package let role: ConnectionRole
    /// The other side's static key once it is known.
    package private(set) var remoteStaticKey: [UInt8]?
    private let staticKey: NoisePrivateKey
    private let ephemeralKey: NoisePrivateKey
    private var remoteEphemeralKey: [UInt8]?
    private var symmetric = NoiseSymmetricState(protocolName: "Noise_XX_25519_ChaChaPoly_SHA256")
    private var messageIndex = 0

    /// A handshake at its start; `ephemeralKey` must never serve in a second one.
    package init(
        role: ConnectionRole,
        staticKey: NoisePrivateKey,
        ephemeralKey: NoisePrivateKey,
        prologue: [UInt8] = []
    ) {
        self.role = role
        self.staticKey = staticKey
        self.ephemeralKey = ephemeralKey
        symmetric.mixHash(prologue)
    }

    /// Whether the next message is this side's.
    package var writesNext: Bool { !isComplete && (messageIndex % 2 == 0) == (role == .dialer) }

    /// Whether the next message is the first, whose payload anybody can read.
    package var isFirstMessage: Bool { messageIndex == 0 }

    /// Whether all three messages have passed.
    package var isComplete: Bool { messageIndex == 3 }

    /// Identifies the finished handshake; 32 bytes.
    package var handshakeHash: [UInt8] { symmetric.handshakeHash }

    /// This side's next message with `payload` inside.
    package mutating func writeMessage(payload: [UInt8]) throws(NoiseError) -> [UInt8] {
        precondition(writesNext, "a handshake message is written in its turn")
        var message: [UInt8] = []
        switch messageIndex {
        case 0: message += sendEphemeral()
        case 1:
            message += sendEphemeral()
            try mix(ephemeralKey, remoteEphemeralKey)
            message += try symmetric.encryptAndHash(staticKey.publicKeyBytes)
            try mix(staticKey, remoteEphemeralKey)
        default:
            message += try symmetric.encryptAndHash(staticKey.publicKeyBytes)
            try mix(staticKey, remoteEphemeralKey)
        }
        message += try symmetric.encryptAndHash(payload)
        messageIndex += 1
        return message
    }

    /// The payload of the other side's next message.
    ///
    /// After an error the handshake is of no further use.
    package mutating func readMessage(_ message: [UInt8]) throws(NoiseError) -> [UInt8] {
        guard !writesNext, !isComplete else { throw .unexpectedMessage }
        var rest = message[...]
        switch messageIndex {
        case 0: try receiveEphemeral(&rest)
        case 1:
            try receiveEphemeral(&rest)
            try mix(ephemeralKey, remoteEphemeralKey)
            try receiveStatic(&rest)
            try mix(ephemeralKey, remoteStaticKey)
        default:
            try receiveStatic(&rest)
            try mix(ephemeralKey, remoteStaticKey)
        }
        guard rest.count >= symmetric.overhead else { throw .malformed }
        let payload = try symmetric.decryptAndHash(Array(rest))
        messageIndex += 1
        return payload
    }

    /// The keys of the transport after the third message.
    package func split() -> (sending: NoiseCipherState, receiving: NoiseCipherState) {
        precondition(isComplete, "transport keys exist after the last message")
        let (first, second) = symmetric.split()
        return role == .dialer ? (first, second) : (second, first)
    }

    private mutating func sendEphemeral() -> [UInt8] {
        let bytes = ephemeralKey.publicKeyBytes
        symmetric.mixHash(bytes)
        return bytes
    }

    private mutating func receiveEphemeral(_ rest: inout ArraySlice<UInt8>) throws(NoiseError) {
        let key = try take(32, &rest)
        remoteEphemeralKey = key
        symmetric.mixHash(key)
    }

    private mutating func receiveStatic(_ rest: inout ArraySlice<UInt8>) throws(NoiseError) {
        remoteStaticKey = try symmetric.decryptAndHash(try take(32 + symmetric.overhead, &rest))
    }

    private mutating func mix(_ own: NoisePrivateKey, _ remote: [UInt8]?) throws(NoiseError) {
        guard let remote else { throw .unexpectedMessage }
        symmetric.mixKey(try own.agree(with: remote))
    }

    private func take(_ count: Int, _ rest: inout ArraySlice<UInt8>) throws(NoiseError) -> [UInt8] {
        guard rest.count >= count else { throw .malformed }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}

/// Which side opened the TCP connection; it initiates Noise and numbers its streams oddly.
package enum ConnectionRole: Hashable, Sendable {
    case dialer, listener
}
