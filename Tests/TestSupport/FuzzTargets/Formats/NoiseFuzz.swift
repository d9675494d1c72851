import PeerProtocols

/// The first byte says what the rest is.
enum NoiseFuzz {
    static func run(_ bytes: [UInt8]) throws {
        var script = FuzzScript(bytes)
        switch script.choice(4) {
        case 0: try hearAnything(script.all())
        case 1: try bendHandshake(&script)
        case 2: try claimIdentity(script.all())
        default: try bendTransport(&script)
        }
    }

    private static func machine(_ role: ConnectionRole) throws -> NoiseHandshakeMachine {
        let isDialer = role == .dialer
        return try NoiseHandshakeMachine(
            role: role,
            identity: FuzzIdentities.all[isDialer ? 0 : 1],
            staticKey: FuzzIdentities.noiseKey(isDialer ? 1 : 2),
            ephemeralKey: FuzzIdentities.noiseKey(isDialer ? 3 : 4),
            expectedPeer: isDialer ? FuzzIdentities.all[1].id : nil
        )
    }

    // MARK: Bytes of somebody without keys

    private struct Outcome: Equatable {
        var peer: PeerID?
        var error: NoiseError?
        var output: [UInt8] = []
    }

    private static func hearAnything(_ bytes: [UInt8]) throws {
        for role in [ConnectionRole.dialer, .listener] {
            let whole = try hear([bytes], role)
            try require(whole.peer == nil, "a handshake with whoever has no keys ended well")
            try require(whole.output.count <= 400, "a handshake says much")
            for chunking in Chunking.allCases {
                let other = try hear(chunking.cut(bytes), role)
                try requireEqual(other, whole, "a \(role) that hears portions: \(chunking)")
            }
        }
    }

    private static func hear(_ chunks: [[UInt8]], _ role: ConnectionRole) throws -> Outcome {
        var machine = try machine(role)
        var outcome = Outcome()
        var input = ByteQueue()
        do throws(NoiseError) {
            for chunk in [[]] + chunks {
                input.append(chunk)
                outcome.peer = try machine.advance(&input, output: &outcome.output)?.remotePeer
                if outcome.peer != nil { break }
            }
        } catch {
            outcome.error = error
        }
        return outcome
    }

    // MARK: An honest handshake that somebody changes on its way

    private static func bendHandshake(_ script: inout FuzzScript) throws {
        var machines = [try machine(.dialer), try machine(.listener)]
        var peers: [PeerID?] = [nil, nil]
        var inputs = [ByteQueue(), ByteQueue()]
        var isBent = [false, false]
        var output: [UInt8] = []
        do throws(NoiseError) {
            for message in 0..<4 {
                let side = message % 2
                output = []
                let result = try machines[side].advance(&inputs[side], output: &output)
                if let result { peers[side] = result.remotePeer }
                if !output.isEmpty, script.choice(2) == 1, script.bend(&output) { isBent[1 - side] = true }
                inputs[1 - side].append(output)
            }
        } catch {
            try require(isBent[0] || isBent[1], "an honest handshake failed: \(error)")
        }
        // A change of the first message makes the second one unreadable to the dialler.
        if isBent[0] { try require(peers[0] == nil, "the dialler took a changed message") }
        if isBent[1] { try require(peers[1] == nil, "the listener took a changed message") }
        try require(peers[0] == nil || peers[0] == FuzzIdentities.all[1].id, "the dialler is deceived")
        try require(peers[1] == nil || peers[1] == FuzzIdentities.all[0].id, "the listener is deceived")
        if !isBent[0], !isBent[1] { try require(peers[0] != nil && peers[1] != nil, "an honest handshake ended badly") }
    }

    // MARK: A peer with keys, but a payload of its own

    private static func claimIdentity(_ payload: [UInt8]) throws {
        // Only these payloads are signed for the static keys used here.
        let signers = [FuzzIdentities.all[2].id, FuzzIdentities.all[1].id]
        for role in [ConnectionRole.dialer, .listener] {
            var victim = try machine(role)
            var attacker = NoiseXXHandshake(
                role: role == .dialer ? .listener : .dialer,
                staticKey: FuzzIdentities.noiseKey(5),
                ephemeralKey: FuzzIdentities.noiseKey(6)
            )
            var input = ByteQueue()
            var peer: PeerID?
            do throws(NoiseError) {
                for _ in 0..<3 {
                    var output: [UInt8] = []
                    if let result = try victim.advance(&input, output: &output) { peer = result.remotePeer }
                    if !output.isEmpty { _ = try attacker.readMessage(Array(output.dropFirst(2))) }
                    guard attacker.writesNext else { continue }
                    let message = try attacker.writeMessage(payload: attacker.isFirstMessage ? [] : payload)
                    input.append([UInt8(message.count >> 8), UInt8(message.count & 0xff)] + message)
                }
            } catch {
                continue
            }
            if let peer {
                try require(signers.contains(peer), "a peer that did not sign: \(peer)")
                try require(role == .listener || peer == signers[1], "a dialler took another peer")
            }
        }
    }

    // MARK: Frames after the handshake

    private static func bendTransport(_ script: inout FuzzScript) throws {
        let keys = (0..<2).map { NoiseCipherState(keyBytes: [UInt8](repeating: UInt8($0 + 1), count: 32)) }
        var sender = NoiseTransport(sending: keys[0], receiving: keys[1])
        var wire: [UInt8] = []
        var sent: [[UInt8]] = []
        var frameEnds: [Int] = []
        for _ in 0...script.choice(5) {
            let count = script.choice(8) == 7 ? 70_000 : Int(script.byte())
            let plaintext = [UInt8](repeating: script.byte(), count: count)
            try plaintext.withUnsafeBytes { try sender.seal($0, into: &wire) }
            for start in stride(from: 0, to: count, by: NoiseTransport.plaintextByteCountMax) {
                sent.append(Array(plaintext[start..<min(count, start + NoiseTransport.plaintextByteCountMax)]))
                frameEnds.append((frameEnds.last ?? 0) + sent[sent.count - 1].count + 18)
            }
        }
        try requireEqual(frameEnds.last ?? 0, wire.count, "a frame adds 18 bytes")
        let original = wire
        if script.choice(2) == 1 { _ = script.bend(&wire) }
        let firstChange = zip(original, wire).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        let intactCount = frameEnds.count { $0 <= firstChange ?? .max }
        for chunks in [[wire]] + Chunking.allCases.map({ wire.count > 5_000 ? [wire] : $0.cut(wire) }) {
            var receiver = NoiseTransport(sending: keys[1], receiving: keys[0])
            var input = ByteQueue()
            var received: [[UInt8]] = []
            do throws(NoiseError) {
                for chunk in chunks {
                    input.append(chunk)
                    while let plaintext = try receiver.open(&input) { received.append(plaintext) }
                }
            } catch {
                try require(firstChange != nil, "honest frames are refused: \(error)")
            }
            try requireEqual(received, Array(sent.prefix(intactCount)), "what arrives is what was sent, up to a change")
        }
    }

    static func seeds() throws -> [[UInt8]] {
        var hello: [UInt8] = []
        var dialer = try machine(.dialer)
        var nothing = ByteQueue()
        _ = try dialer.advance(&nothing, output: &hello)
        let staticKey = FuzzIdentities.noiseKey(5).publicKeyBytes
        let payloads = try [1, 2].map {
            try NoiseIdentityPayload.encode(identity: FuzzIdentities.all[$0], staticKey: staticKey)
        }
        return [
            FuzzScriptWriter.joined([0], hello),
            [0, 0xff, 0xff],
            [0, 0, 0],
            [1, 0, 0, 0],
            [1, 1, 0, 0, 2, 1],
            [1, 0, 1, 0, 0, 31, 0x80],
            [1, 0, 0, 1, 0, 0, 60, 1],
            FuzzScriptWriter.joined([2], payloads[0]),
            FuzzScriptWriter.joined([2], payloads[1]),
            FuzzScriptWriter.joined([2], payloads[1], [0x22, 3, 1, 2, 3]),
            [2],
            [3, 2, 1, 20, 5, 2, 30, 6, 3, 40, 7, 0],
            [3, 1, 7, 9, 1, 20, 5, 1, 0, 0, 30, 1],
        ]
    }
}
