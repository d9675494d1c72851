import CryptoCore
import PeerProtocols
import Testing

/// The handshake on the wire, between honest peers and between an honest and a cheating one.
struct NoiseHandshakeMachineTests {
    private static func key(_ first: UInt8) -> NoisePrivateKey { NoiseXXHandshakeTests.key(first) }

    private static func machine(
        _ role: ConnectionRole,
        _ number: UInt8,
        expecting: PeerID? = nil
    ) throws -> NoiseHandshakeMachine {
        try NoiseHandshakeMachine(
            role: role,
            identity: identity(number),
            staticKey: key(role == .dialer ? 0 : 64),
            ephemeralKey: key(role == .dialer ? 32 : 96),
            expectedPeer: expecting
        )
    }

    @Test(arguments: [1, 2, 5, 10_000])
    func bothSidesLearnWhoTheyTalkTo(chunkByteCount: Int) throws {
        var dialer = try Self.machine(.dialer, 1, expecting: try identity(2).id)
        var listener = try Self.machine(.listener, 2)
        var inputs = [ByteQueue(), ByteQueue()]
        var toListener: [UInt8] = []
        var toDialer: [UInt8] = []
        var results: [NoiseHandshakeMachine.Result?] = [
            try dialer.advance(&inputs[0], output: &toListener), nil,
        ]
        while !toListener.isEmpty || !toDialer.isEmpty {
            inputs[1].append(toListener.prefix(chunkByteCount))
            toListener.removeFirst(min(chunkByteCount, toListener.count))
            if results[1] == nil { results[1] = try listener.advance(&inputs[1], output: &toDialer) }
            inputs[0].append(toDialer.prefix(chunkByteCount))
            toDialer.removeFirst(min(chunkByteCount, toDialer.count))
            if results[0] == nil { results[0] = try dialer.advance(&inputs[0], output: &toListener) }
        }
        let dialed = try #require(results[0])
        let accepted = try #require(results[1])
        #expect(dialed.remotePeer == (try identity(2).id))
        #expect(accepted.remotePeer == (try identity(1).id))
        var dialersTransport = dialed.transport
        var listenersTransport = accepted.transport
        try exchange(&dialersTransport, &listenersTransport)
        try exchange(&listenersTransport, &dialersTransport)
    }

    private func exchange(_ sender: inout NoiseTransport, _ receiver: inout NoiseTransport) throws {
        let plaintext = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 3) }
        var wire: [UInt8] = []
        try plaintext.withUnsafeBytes { try sender.seal($0, into: &wire) }
        #expect(wire.count == plaintext.count + 4 * 18, "four frames of at most 65,535 bytes")
        var input = ByteQueue()
        var received: [UInt8] = []
        for start in stride(from: 0, to: wire.count, by: 1777) {
            input.append(wire[start..<min(start + 1777, wire.count)])
            while let frame = try receiver.open(&input) { received += frame }
        }
        let isUnchanged = received == plaintext
        #expect(isUnchanged)
    }

    @Test func anotherPeerThanTheOneDialledIsRefused() throws {
        var dialer = try Self.machine(.dialer, 1, expecting: try identity(3).id)
        var listener = try Self.machine(.listener, 2)
        let answer = try Self.answer(of: &listener, to: &dialer)
        var input = ByteQueue()
        input.append(answer)
        var output: [UInt8] = []
        #expect(throws: NoiseError.unexpectedPeer(expected: try identity(3).id, actual: try identity(2).id)) {
            try dialer.advance(&input, output: &output)
        }
        #expect(output.isEmpty, "the dialler does not tell an impostor who it is")
    }

    /// Runs the first message and the second.
    private static func answer(
        of listener: inout NoiseHandshakeMachine,
        to dialer: inout NoiseHandshakeMachine
    ) throws -> [UInt8] {
        var input = ByteQueue()
        var first: [UInt8] = []
        _ = try dialer.advance(&input, output: &first)
        input.append(first)
        var answer: [UInt8] = []
        _ = try listener.advance(&input, output: &answer)
        return answer
    }

    /// A listener that follows Noise but puts `payload` where its identity belongs.
    private func dialerFaces(payload: [UInt8]) throws -> Result<NoiseHandshakeMachine.Result?, NoiseError> {
        var dialer = try Self.machine(.dialer, 1)
        var cheater = NoiseXXHandshake(role: .listener, staticKey: Self.key(64), ephemeralKey: Self.key(96))
        var input = ByteQueue()
        var output: [UInt8] = []
        _ = try dialer.advance(&input, output: &output)
        _ = try cheater.readMessage(Array(output.dropFirst(2)))
        let message = try cheater.writeMessage(payload: payload)
        input.append([UInt8(message.count >> 8), UInt8(message.count & 0xff)] + message)
        return Result { () throws(NoiseError) in try dialer.advance(&input, output: &output) }
    }

    @Test func identityPayloads() throws {
        let honest = try NoiseIdentityPayload.encode(
            identity: identity(2),
            staticKey: Self.key(64).publicKeyBytes
        )
        _ = try dialerFaces(payload: honest).get()

        let forAnotherKey = try NoiseIdentityPayload.encode(
            identity: identity(2),
            staticKey: Self.key(65).publicKeyBytes
        )
        #expect(throws: NoiseError.invalidIdentitySignature) { try dialerFaces(payload: forAnotherKey).get() }

        // Key of one peer, signature of another.
        let other = try NoiseIdentityPayload.encode(identity: identity(3), staticKey: Self.key(64).publicKeyBytes)
        #expect(throws: NoiseError.invalidIdentitySignature) {
            try dialerFaces(payload: Array(honest.prefix(39)) + other.dropFirst(39)).get()
        }
        // An Ed25519 key where the secp256k1 key stands.
        var ed25519 = honest
        ed25519[3] = 1
        #expect(throws: NoiseError.invalidIdentityKey(.unsupportedKeyType(1))) {
            try dialerFaces(payload: ed25519).get()
        }
        #expect(throws: NoiseError.invalidPayload) { try dialerFaces(payload: []).get() }
        #expect(throws: NoiseError.invalidPayload) { try dialerFaces(payload: Array(honest.prefix(39))).get() }
        #expect(throws: NoiseError.invalidPayload) { try dialerFaces(payload: honest + honest).get() }
        #expect(throws: NoiseError.invalidPayload) { try dialerFaces(payload: honest + [0x0b]).get() }
        // Extensions (field 4) and unknown fields are passed over.
        _ = try dialerFaces(payload: honest + [0x22, 0x02, 0xaa, 0xbb, 0x2d, 1, 2, 3, 4]).get()
        let oversize = honest + [0x22, 0x80, 0x20] + [UInt8](repeating: 0, count: 4096)
        #expect(throws: NoiseError.self) { try dialerFaces(payload: oversize).get() }
    }

    @Test func everyChangedByteOfTheIdentityIsNoticed() throws {
        let honest = try NoiseIdentityPayload.encode(identity: identity(2), staticKey: Self.key(64).publicKeyBytes)
        for index in honest.indices {
            var changed = honest
            changed[index] ^= 1
            let outcome = Result { () throws(NoiseError) in
                try NoiseIdentityPayload.verify(changed, staticKey: Self.key(64).publicKeyBytes)
            }
            #expect((try? outcome.get()) == nil, "byte \(index)")
        }
    }

    @Test func oversizeFramesAreRefusedBeforeTheyArrive() throws {
        var listener = try Self.machine(.listener, 2)
        var input = ByteQueue()
        input.append([0xff, 0xff])
        var output: [UInt8] = []
        #expect(throws: NoiseError.malformed) { try listener.advance(&input, output: &output) }
    }

    @Test func changedRepeatedAndShortFramesAreRefused() throws {
        let key = [UInt8](repeating: 1, count: 32)
        func transport() -> NoiseTransport {
            NoiseTransport(sending: NoiseCipherState(keyBytes: key), receiving: NoiseCipherState(keyBytes: key))
        }
        var sender = transport()
        var wire: [UInt8] = []
        try [UInt8](repeating: 5, count: 40).withUnsafeBytes { try sender.seal($0, into: &wire) }
        for index in wire.indices.dropFirst(2) {
            var changed = wire
            changed[index] ^= 0x80
            var input = ByteQueue()
            input.append(changed)
            var receiver = transport()
            #expect(throws: NoiseError.authenticationFailed) { try receiver.open(&input) }
        }
        var receiver = transport()
        var input = ByteQueue()
        input.append(wire + wire)
        #expect(try receiver.open(&input)?.count == 40)
        #expect(throws: NoiseError.authenticationFailed) { try receiver.open(&input) }
        for length in 0..<16 {
            var input = ByteQueue()
            input.append([0, UInt8(length)])
            var receiver = transport()
            #expect(throws: NoiseError.malformed) { try receiver.open(&input) }
        }
    }
}
