import PeerProtocols
import Testing

/// Random bytes, and random changes of valid ones: a parser may refuse them, but never trap, hang or grow.
struct HostileBytesTests {
    /// A small generator, so that a failure can be repeated from its seed.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }

        mutating func bytes(_ count: Int) -> [UInt8] {
            (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
        }

        mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
            var bytes = bytes
            for _ in 0..<Int.random(in: 1...4, using: &self) {
                switch Int.random(in: 0..<4, using: &self) {
                case 0 where !bytes.isEmpty:
                    bytes[Int.random(in: bytes.indices, using: &self)] ^= 1 << UInt8.random(in: 0..<8, using: &self)
                case 1 where !bytes.isEmpty: bytes.remove(at: Int.random(in: bytes.indices, using: &self))
                case 2:
                    bytes.insert(
                        UInt8.random(in: .min ... .max, using: &self),
                        at: Int.random(in: 0...bytes.count, using: &self)
                    )
                default: bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &self)))
                }
            }
            return bytes
        }
    }

    @Test(arguments: 0..<4)
    func smallParsers(seed: UInt64) throws {
        var generator = Generator(state: seed)
        let peer = try identity(1)
        let address = try Multiaddr("/ip4/127.0.0.1/tcp/4001").with(peer.id)
        let identify = IdentifyMessage(
            protocolVersion: "a",
            agentVersion: "b",
            publicKey: peer.publicKey,
            listenAddresses: [address],
            observedAddress: address,
            protocols: [.ping]
        ).encoded()
        let text = Array(address.description.utf8)
        for round in 0..<5000 {
            let isRandom = round.isMultiple(of: 2)
            let noise = generator.bytes(Int.random(in: 0..<80, using: &generator))
            _ = try? PeerID(bytes: isRandom ? noise : generator.mutate(peer.id.bytes))
            _ = try? PeerKeyEncoding.decode(isRandom ? noise : generator.mutate(Array(peer.id.bytes.dropFirst(2))))
            if let parsed = try? Multiaddr(bytes: isRandom ? noise : generator.mutate(address.bytes)) {
                #expect(try Multiaddr(bytes: parsed.bytes) == parsed)
            }
            let line = String(decoding: isRandom ? noise : generator.mutate(text), as: UTF8.self)
            if let parsed = try? Multiaddr(line) {
                #expect(try Multiaddr(parsed.description) == parsed)
            }
            var input = ByteQueue()
            input.append(isRandom ? noise : generator.mutate(identify))
            _ = try? IdentifyMessage.take(from: &input)
            var output: [UInt8] = []
            var listener = MultistreamListener([.noise])
            _ = try? listener.advance(&input, output: &output)
            #expect(output.count < 1000)
        }
    }

    /// Frames that are nearly right, from a peer that holds valid keys.
    @Test(arguments: 0..<8)
    func yamuxFrames(seed: UInt64) {
        var generator = Generator(state: seed)
        var survivals = 0
        for _ in 0..<300 {
            var session = YamuxSession(role: seed.isMultiple(of: 2) ? .listener : .dialer)
            var open: Set<YamuxStreamID> = []
            var nextStream: UInt32 = seed.isMultiple(of: 2) ? 1 : 2
            var now = YamuxSessionTests.start
            frames: for _ in 0..<200 {
                now = now.advanced(by: .microseconds(Int64.random(in: 0..<5000, using: &generator)))
                let kind = UInt8.random(in: 0..<4, using: &generator)
                let isOff = Int.random(in: 0..<60, using: &generator) == 0
                let opens = kind < 2 && (open.isEmpty || Int.random(in: 0..<10, using: &generator) == 0)
                if opens { nextStream += 2 }
                var stream = kind < 2 ? (opens ? nextStream : UInt32.random(in: 1...nextStream, using: &generator)) : 0
                if kind < 2, stream % 2 != nextStream % 2 { stream += 1 }
                var frame = YamuxSessionTests.frame(
                    kind,
                    flags: opens || kind == 2 ? 1 : [0, 0, 0, 0, 2, 4, 8].randomElement(using: &generator) ?? 0,
                    stream: isOff ? UInt32.random(in: 0..<100, using: &generator) : stream,
                    length: UInt32.random(in: 0..<40, using: &generator)
                )
                if frame[1] == 0 { frame += generator.bytes(Int(frame[11])) }
                if Int.random(in: 0..<100, using: &generator) == 0 { frame = generator.mutate(frame) }
                do { try session.receive(frame, now: now) } catch { break frames }
                survivals += 1
                while let event = session.nextEvent() {
                    switch event {
                    case .opened(let id): open.insert(id)
                    case .data(let id, let bytes):
                        if Bool.random(using: &generator) { session.consume(bytes.count, on: id, now: now) }
                        session.send(bytes.prefix(session.sendWindow(of: id)), on: id)
                    case .receiveClosed(let id): session.closeWrite(id)
                    case .reset(let id): open.remove(id)
                    case .windowGrew, .roundTrip, .goAway: break
                    }
                }
                if Bool.random(using: &generator) { _ = session.takeOutput() }
                switch Int.random(in: 0..<8, using: &generator) {
                case 0: _ = try? session.openStream()
                case 1: session.ping(now: now)
                case 2: if let id = open.randomElement(using: &generator) { session.reset(id) }
                default: break
                }
            }
            #expect(session.streamCount <= 320)
        }
        #expect(survivals > 300 * 10, "the frames are right often enough to get anywhere")
    }
}
