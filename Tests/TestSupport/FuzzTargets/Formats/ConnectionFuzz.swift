import PeerProtocols

/// A peer with good keys that sends what it likes: a script of frames, and of what this side does meanwhile.
enum ConnectionFuzz {
    static func run(_ bytes: [UInt8]) throws {
        var script = FuzzScript(bytes)
        var attack = try ConnectionAttack(isEstablished: script.choice(2) == 0)
        try attack.run(&script)
    }

    static func seeds() -> [[UInt8]] {
        func line(_ text: String) -> [UInt8] { UnsignedVarint.encode(UInt64(text.utf8.count + 1)) + text.utf8 + [0x0a] }
        func frame(_ kind: UInt8, _ flags: UInt8, _ stream: UInt8, _ data: [UInt8]) -> [UInt8] {
            var writer = FuzzScriptWriter()
            writer.byte(1)
            writer.block([0, kind, 0, flags, 0, 0, 0, stream, 0, 0, 0, UInt8(data.count)] + data)
            return writer.bytes
        }
        let hello = line("/multistream/1.0.0")
        return [
            FuzzScriptWriter.joined(
                [0],
                frame(0, 1, 1, hello + line("/test/1")),
                frame(0, 0, 1, [1, 2, 3]),
                [4, 0, 3],
                frame(0, 4, 1, [9])
            ),
            FuzzScriptWriter.joined(
                [0],
                frame(0, 1, 1, hello + line("/other") + line("/test/1") + [7, 7]),
                [5, 0, 6, 0]
            ),
            FuzzScriptWriter.joined([0], frame(1, 1, 1, []), [7, 60], frame(0, 0, 1, hello)),
            FuzzScriptWriter.joined([0, 3], frame(0, 2, 2, hello + line("/test/1") + [1]), [4, 0, 9], [5, 0]),
            FuzzScriptWriter.joined([0, 3], frame(0, 2, 2, hello + line("na"))),
            FuzzScriptWriter.joined([0], frame(3, 0, 0, []), frame(2, 1, 0, []), [8, 3]),
            [0, 2, 0, 4, 1, 2, 3, 4],
            [0, 7, 255, 7, 255],
            FuzzScriptWriter.joined(
                [0],
                frame(0, 1, 1, hello + line("/test/1")),
                [9],
                frame(0, 1, 3, hello + line("/test/1"))
            ),
            FuzzScriptWriter.joined([1, 2, 0, 27], hello, line("/noise")),
        ]
    }
}

/// One machine, twice, as ``YamuxAttack``.
private struct ConnectionAttack {
    private var whole: PeerConnectionMachine
    private var cut: PeerConnectionMachine
    private var attacker: NoiseTransport?
    private var now = FuzzIdentities.start
    private var streams: [YamuxStreamID] = []
    private var unread: [YamuxStreamID: Int] = [:]
    private var isClosed = false
    private var outputAllowance = 1_000
    private var inputLeft = 1 << 20

    private static let test: ProtocolName = "/test/1"

    /// A machine that has agreed with the attacker on keys, and what the attacker encrypts with; made once.
    private static let established: (PeerConnectionMachine, NoiseTransport)? = try? makeEstablished()

    init(isEstablished: Bool) throws {
        if isEstablished {
            guard let (machine, transport) = Self.established else { throw FuzzFailure("no connection comes about") }
            (whole, attacker) = (machine, transport)
        } else {
            whole = try Self.fresh()
        }
        cut = whole
    }

    private static func fresh() throws -> PeerConnectionMachine {
        var configuration = PeerConnectionConfiguration()
        configuration.inboundStreamBurstMax = 6
        configuration.yamux.inboundStreamCountMax = 4
        configuration.yamux.outboundStreamCountMax = 4
        configuration.yamux.controlByteCountMax = 600
        var machine = try PeerConnectionMachine(
            role: .listener,
            identity: FuzzIdentities.own,
            staticKey: FuzzIdentities.noiseKey(1),
            ephemeralKey: FuzzIdentities.noiseKey(2),
            expectedPeer: nil,
            supportedProtocols: [test, .ping],
            configuration: configuration,
            now: FuzzIdentities.start
        )
        machine.start(now: FuzzIdentities.start)
        return machine
    }

    private static func makeEstablished() throws -> (PeerConnectionMachine, NoiseTransport) {
        var machine = try fresh()
        var input = ByteQueue()
        func exchange(_ bytes: [UInt8]) {
            bytes.withUnsafeBytes { machine.receive($0, now: FuzzIdentities.start) }
            input.append(machine.takeOutput())
        }
        var output: [UInt8] = []
        var security = MultistreamInitiator([.noise])
        while try security.advance(&input, output: &output) == nil {
            exchange(output)
            output = []
        }
        var handshake = try NoiseHandshakeMachine(
            role: .dialer,
            identity: FuzzIdentities.all[1],
            staticKey: FuzzIdentities.noiseKey(3),
            ephemeralKey: FuzzIdentities.noiseKey(4),
            expectedPeer: FuzzIdentities.own.id
        )
        output = []
        var result = try handshake.advance(&input, output: &output)
        for _ in 0..<2 where result == nil {
            exchange(output)
            output = []
            result = try handshake.advance(&input, output: &output)
        }
        guard var transport = result?.transport else { throw FuzzFailure("the handshake did not end") }
        exchange(output)
        var plain = ByteQueue()
        var multiplexer = MultistreamInitiator([.yamux])
        output = []
        while try multiplexer.advance(&plain, output: &output) == nil {
            var sealed: [UInt8] = []
            try output.withUnsafeBytes { try transport.seal($0, into: &sealed) }
            output = []
            exchange(sealed)
            while let frame = try transport.open(&input) { plain.append(frame) }
        }
        while machine.nextEvent() != nil {}
        return (machine, transport)
    }

    mutating func run(_ script: inout FuzzScript) throws {
        while !script.isEmpty, !isClosed {
            now = now.advanced(by: .microseconds(10))
            switch script.choice(10) {
            case 0: try receive(sealed(YamuxAttack.frame(&script)))
            case 1: try receive(sealed(script.block()))
            case 2: try receive(script.block())
            case 3:
                let id = try? whole.openStream([Self.test, .ping], now: now)
                try requireEqual(try? cut.openStream([Self.test, .ping], now: now), id, "opening")
                if let id, !streams.contains(id) { streams.append(id) }
                outputAllowance += 100
            case 4:
                guard let id = stream(&script) else { continue }
                let count = min(whole.sendWindow(of: id), script.choice(256))
                outputAllowance += count + 12
                let bytes = [UInt8](repeating: 0x5a, count: count)[...]
                both { machine, _ in machine.send(bytes, on: id) }
            case 5:
                guard let id = stream(&script) else { continue }
                both { $0.closeWrite(id, now: $1) }
            case 6:
                guard let id = stream(&script) else { continue }
                both { $0.reset(id, now: $1) }
            case 7:
                now = now.advanced(by: .milliseconds(100 * Int64(script.byte())))
                both { $0.advance(to: $1) }
            case 8:
                guard let id = stream(&script) else { continue }
                let count = unread.removeValue(forKey: id) ?? 0
                both { $0.consume(count, on: id, now: $1) }
            default: both { machine, _ in machine.shutDown(gracefully: true) }
            }
            try settle()
        }
        if !isClosed { try require(whole.nextDeadline != nil, "a connection without a deadline") }
    }

    private mutating func stream(_ script: inout FuzzScript) -> YamuxStreamID? {
        let place = Int(script.byte())
        outputAllowance += 24
        return streams.isEmpty ? nil : streams[place % streams.count]
    }

    private mutating func both(_ body: (inout PeerConnectionMachine, MonotonicInstant) -> Void) {
        body(&whole, now)
        body(&cut, now)
    }

    private mutating func sealed(_ plaintext: [UInt8]) throws -> [UInt8] {
        var wire: [UInt8] = []
        let bytes = plaintext.prefix(20_000)
        try Array(bytes).withUnsafeBytes { try attacker?.seal($0, into: &wire) }
        return wire
    }

    private mutating func receive(_ bytes: [UInt8]) throws {
        guard bytes.count <= inputLeft else { return }
        inputLeft -= bytes.count
        bytes.withUnsafeBytes { whole.receive($0, now: now) }
        let chunks = bytes.count > 300 ? [Array(bytes[..<7]), Array(bytes[7...])] : Chunking.uneven.cut(bytes)
        for chunk in chunks { chunk.withUnsafeBytes { cut.receive($0, now: now) } }
    }

    /// Takes events and output of both, which must be the same.
    private mutating func settle() throws {
        let events = Self.merged(&whole)
        try requireEqual(Self.merged(&cut), events, "what a connection reports that hears portions")
        for event in events {
            try require(!isClosed, "\(event) after the end")
            switch event {
            case .streamAccepted(let id, let name):
                try require(name == Self.test || name == .ping, "a stream of \(name)")
                if !streams.contains(id) { streams.append(id) }
            case .data(let id, let bytes): unread[id, default: 0] += bytes.count
            case .reset(let id): unread[id] = nil
            case .closed: isClosed = true
            case .established(let peer):
                try require(attacker != nil && peer == FuzzIdentities.all[1].id, "somebody without keys is \(peer)")
            case .streamOpened, .streamFailed, .windowGrew, .receiveClosed, .roundTrip: break
            }
        }
        let output = whole.takeOutput()
        try requireEqual(cut.takeOutput(), output, "what a connection says that hears portions")
        // Negotiations answer each proposal with four bytes, agree with a name, and that for eight streams.
        try require(output.count <= outputAllowance + 600 + 8 * 500, "a peer elicits \(output.count) bytes")
        outputAllowance = 100
        // A connection's last streams are reported as closed after its end.
        try require(isClosed || streams.count { whole.isOpen($0) } <= 8, "more streams than allowed")
    }

    private static func merged(_ machine: inout PeerConnectionMachine) -> [PeerConnectionMachine.Event] {
        var events: [PeerConnectionMachine.Event] = []
        while let event = machine.nextEvent() {
            if case .data(let id, let bytes) = event, case .data(id, let before)? = events.last {
                events[events.count - 1] = .data(id, before + bytes)
            } else {
                events.append(event)
            }
        }
        return events
    }
}
