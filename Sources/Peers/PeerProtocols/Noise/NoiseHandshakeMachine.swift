/// The `/noise` handshake on the wire: frames of two length bytes and a Noise message, signed static keys inside.
package struct NoiseHandshakeMachine: Sendable {
    /// What a finished handshake gives.
    package struct Result: Sendable {
        /// Who is at the other end, proven.
        package let remotePeer: PeerID
        /// Encrypts and decrypts everything after.
        package let transport: NoiseTransport
    }

    private var handshake: NoiseXXHandshake
    private let payload: [UInt8]
    private let expectedPeer: PeerID?
    private var remotePeer: PeerID?

    /// A handshake message carries a key, a payload and two tags; whoever announces more is cut off.
    static let frameByteCountMax = NoiseIdentityPayload.byteCountMax + 128

    /// A handshake as `identity`; a dialler names the peer that it expects.
    package init(
        role: ConnectionRole,
        identity: PeerIdentity,
        staticKey: NoisePrivateKey,
        ephemeralKey: NoisePrivateKey,
        expectedPeer: PeerID?
    ) throws(NoiseError) {
        handshake = NoiseXXHandshake(role: role, staticKey: staticKey, ephemeralKey: ephemeralKey)
        payload = try NoiseIdentityPayload.encode(identity: identity, staticKey: staticKey.publicKeyBytes)
        self.expectedPeer = expectedPeer
    }

    /// Reads what arrived and says what to send; call once with nothing to begin.
    ///
    /// - Returns: The result when the handshake is over; bytes after it stay in `input`.
    package mutating func advance(
        _ input: inout ByteQueue,
        output: inout [UInt8]
    ) throws(NoiseError) -> Result? {
        while true {
            if handshake.writesNext {
                let message = try handshake.writeMessage(payload: handshake.isFirstMessage ? [] : payload)
                output += [UInt8(message.count >> 8), UInt8(message.count & 0xff)] + message
            } else if !handshake.isComplete {
                guard let message = try Self.takeFrame(&input) else { return nil }
                let first = handshake.isFirstMessage
                let received = try handshake.readMessage(message)
                if !first { remotePeer = try verify(received) }
            }
            if handshake.isComplete, let remotePeer {
                let (sending, receiving) = handshake.split()
                return Result(
                    remotePeer: remotePeer,
                    transport: NoiseTransport(sending: sending, receiving: receiving)
                )
            }
        }
    }

    private func verify(_ payload: [UInt8]) throws(NoiseError) -> PeerID {
        guard let staticKey = handshake.remoteStaticKey else { throw .unexpectedMessage }
        let peer = try NoiseIdentityPayload.verify(payload, staticKey: staticKey)
        if let expectedPeer, peer != expectedPeer { throw .unexpectedPeer(expected: expectedPeer, actual: peer) }
        return peer
    }

    private static func takeFrame(_ input: inout ByteQueue) throws(NoiseError) -> [UInt8]? {
        let bytes = input.bytes
        guard bytes.count >= 2 else { return nil }
        let length = Int(bytes[bytes.startIndex]) << 8 | Int(bytes[bytes.startIndex + 1])
        guard length <= frameByteCountMax else { throw .malformed }
        guard bytes.count >= 2 + length else { return nil }
        input.removeFirst(2)
        return input.take(length)
    }
}
