import PeerProtocols
import Testing

struct NoiseXXHandshakeTests {
    struct Vector: Sendable {
        let prologue: String
        let messages: [String]
        let handshakeHash: String
    }

    static let payloads = ["", "second message", "third message", "", "fourth", "fifth"]

    /// Made by PyPI noiseprotocol 0.3.1, see Tests/Interop/libp2p/noise_vectors.py.
    static let vectors = [
        Vector(
            prologue: "",
            messages: [
                "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254",
                "675dd574ed7789310b3d2e7681f3790b466c773b1521fecf36577958371ea52f7e1866de56d6c9b805d589b5e65bd148"
                    + "58f21fba6e576ce64993fbf55eb004577dcce74471e01d23b0d7e3adb038b98a0356d65406d29629f788144a6d5e0111"
                    + "edf18785ff51efef210b3ef7b599",
                "1dc00df062a51249321a8f8349c312567dc00ed837b5fc3fa4c72162d39a49738914f9f634913e4d0c10693d35e2af0c"
                    + "b2ac4cb11264b833bf82a8a01a17826e4a204ff38a001098d60deabe21",
                "8df237827381df308731e4bdf9af764b",
                "f8df89506e576cfb3610916ecba324a37e8d3a938180",
                "e14cbbea5dd2738d69146b880a78f4b95393a553dd",
            ],
            handshakeHash: "43d3e7cd9fdd79d8ee2b1a551feaf76fb16fa6ac21821826e261169e1873adce"
        ),
        Vector(
            prologue: "Tabellion",
            messages: [
                "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254",
                "675dd574ed7789310b3d2e7681f3790b466c773b1521fecf36577958371ea52f7e1866de56d6c9b805d589b5e65bd148"
                    + "58f21fba6e576ce64993fbf55eb00457bc13988c6b077c3811b54f6a85468ee90356d65406d29629f788144a6d5eb517"
                    + "c94f4ade41939e2f8c6571af6a18",
                "1dc00df062a51249321a8f8349c312567dc00ed837b5fc3fa4c72162d39a4973823777bb7ba54cb053d74628c0a4182a"
                    + "b2ac4cb11264b833bf82a8a01a37a334318b4bd71bb741da7c5a065613",
                "8df237827381df308731e4bdf9af764b",
                "f8df89506e576cfb3610916ecba324a37e8d3a938180",
                "e14cbbea5dd2738d69146b880a78f4b95393a553dd",
            ],
            handshakeHash: "2b57376484e22723e13354e4ef5c3fc48af3c1cbb43b2df99515c88ef55e22e5"
        ),
    ]

    static func key(_ first: UInt8) -> NoisePrivateKey {
        NoisePrivateKey(randomBytes: Array(first..<first + 32))
    }

    private static func pair(prologue: String = "") -> (NoiseXXHandshake, NoiseXXHandshake) {
        let prologue = Array(prologue.utf8)
        return (
            NoiseXXHandshake(role: .dialer, staticKey: key(0), ephemeralKey: key(32), prologue: prologue),
            NoiseXXHandshake(role: .listener, staticKey: key(64), ephemeralKey: key(96), prologue: prologue)
        )
    }

    @Test(arguments: vectors)
    func knownAnswers(vector: Vector) throws {
        var (initiator, responder) = Self.pair(prologue: vector.prologue)
        for index in 0..<3 {
            let payload = Array(Self.payloads[index].utf8)
            let message: [UInt8]
            if index == 1 {
                message = try responder.writeMessage(payload: payload)
                #expect(try initiator.readMessage(message) == payload)
            } else {
                message = try initiator.writeMessage(payload: payload)
                #expect(try responder.readMessage(message) == payload)
            }
            #expect(message == bytes(vector.messages[index]))
        }
        #expect(initiator.isComplete && responder.isComplete)
        #expect(initiator.handshakeHash == bytes(vector.handshakeHash))
        #expect(responder.handshakeHash == initiator.handshakeHash)
        #expect(initiator.remoteStaticKey == Self.key(64).publicKeyBytes)
        #expect(responder.remoteStaticKey == Self.key(0).publicKeyBytes)
        var keys = [responder.split(), initiator.split()]
        for index in 3..<6 {
            var message: [UInt8] = []
            let payload = Array(Self.payloads[index].utf8)
            try payload.withUnsafeBytes { try keys[(index - 3) % 2].sending.encrypt($0, into: &message) }
            #expect(message == bytes(vector.messages[index]))
            let plaintext = try message.withUnsafeBytes { try keys[(index - 2) % 2].receiving.decrypt($0) }
            #expect(plaintext == payload)
        }
    }

    @Test func differentProloguesDoNotMeet() throws {
        var initiator = Self.pair(prologue: "a").0
        var responder = Self.pair(prologue: "b").1
        _ = try responder.readMessage(try initiator.writeMessage(payload: []))
        let second = try responder.writeMessage(payload: [])
        #expect(throws: NoiseError.authenticationFailed) { try initiator.readMessage(second) }
    }

    /// Whatever byte of the second or third message changes, its reader refuses it.
    @Test(arguments: [1, 2])
    func everyChangedByteIsNoticed(index: Int) throws {
        let message = bytes(Self.vectors[0].messages[index])
        for position in message.indices {
            var changed = message
            changed[position] ^= 0x10
            var (initiator, responder) = Self.pair()
            _ = try responder.readMessage(try initiator.writeMessage(payload: []))
            let second = try responder.writeMessage(payload: Array(Self.payloads[1].utf8))
            if index == 1 {
                #expect(throws: NoiseError.self) { try initiator.readMessage(changed) }
            } else {
                _ = try initiator.readMessage(second)
                _ = try initiator.writeMessage(payload: Array(Self.payloads[2].utf8))
                #expect(throws: NoiseError.self) { try responder.readMessage(changed) }
            }
        }
    }

    @Test func everyShorterMessageIsRefused() throws {
        for (index, hex) in Self.vectors[0].messages.prefix(3).enumerated() {
            let message = bytes(hex)
            for length in 0..<message.count {
                var (initiator, responder) = Self.pair()
                var reader = responder
                if index > 0 {
                    _ = try responder.readMessage(try initiator.writeMessage(payload: []))
                    let second = try responder.writeMessage(payload: Array(Self.payloads[1].utf8))
                    reader = initiator
                    if index > 1 {
                        _ = try initiator.readMessage(second)
                        reader = responder
                    }
                }
                #expect(throws: NoiseError.self) { try reader.readMessage(Array(message.prefix(length))) }
            }
        }
    }

    /// Keys of small order would make every Diffie-Hellman result known.
    @Test(arguments: [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    ])
    func smallOrderKeysAreRefused(hex: String) throws {
        var responder = Self.pair().1
        _ = try responder.readMessage(bytes(hex))
        #expect(throws: NoiseError.invalidPublicKey) { try responder.writeMessage(payload: []) }
    }

    @Test func messagesOutOfTurnAreRefused() throws {
        var (initiator, responder) = Self.pair()
        #expect(throws: NoiseError.unexpectedMessage) { try initiator.readMessage(Array(0..<32)) }
        _ = try responder.readMessage(try initiator.writeMessage(payload: []))
        #expect(throws: NoiseError.unexpectedMessage) { try responder.readMessage(Array(0..<32)) }
    }

    @Test func theLastNumberIsNeverUsed() throws {
        let key = [UInt8](repeating: 7, count: 32)
        var sender = NoiseCipherState(keyBytes: key, nextNonce: UInt64.max - 1)
        var receiver = NoiseCipherState(keyBytes: key, nextNonce: UInt64.max - 1)
        var message: [UInt8] = []
        try [1, 2, 3].withUnsafeBytes { try sender.encrypt($0, into: &message) }
        _ = try message.withUnsafeBytes { try receiver.decrypt($0) }
        #expect(throws: NoiseError.nonceExhausted) {
            try [1, 2, 3].withUnsafeBytes { try sender.encrypt($0, into: &message) }
        }
        #expect(throws: NoiseError.nonceExhausted) { try message.withUnsafeBytes { _ = try receiver.decrypt($0) } }
    }
}
