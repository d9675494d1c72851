import PeerProtocols
import Testing

struct PeerConnectionMachineTests {
    @Test(arguments: [1, 2, 3, 17, 100, 100_000])
    func handshakesInAnyPortions(chunkByteCount: Int) throws {
        var pair = try ConnectionPair()
        pair.run(chunkByteCount: chunkByteCount)
        #expect(pair.dialerEvents.first == .established(try identity(2).id))
        #expect(pair.listenerEvents.first == .established(try identity(1).id))
        #expect(pair.dialer.roundTripNanoseconds != nil, "pings were answered")

        let (mine, theirs) = try pair.openStream()
        let bytes = (0..<150_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 4) }
        pair.dialer.send(bytes[...], on: mine)
        pair.dialer.closeWrite(mine, now: pair.now)
        pair.collect()
        pair.run(chunkByteCount: chunkByteCount)
        var received: [UInt8] = []
        for case .data(theirs, let chunk) in pair.listenerEvents { received += chunk }
        let isUnchanged = received == bytes
        #expect(isUnchanged)
        #expect(pair.listenerEvents.last == .receiveClosed(theirs))
    }

    @Test func unsupportedProtocolsAreRefusedAndTheNextIsTried() throws {
        var pair = try ConnectionPair.established(protocols: ["/test/2"])
        let refused = try pair.dialer.openStream(["/test/1"], now: pair.now)
        let opened = try pair.dialer.openStream(["/test/1", "/test/2"], now: pair.now)
        pair.collect()
        pair.run()
        #expect(pair.dialerEvents.contains(.streamFailed(refused, .protocolNotSupported)))
        #expect(pair.dialerEvents.contains(.streamOpened(opened, "/test/2")))
        #expect(!pair.dialer.isOpen(refused))
    }

    /// Every byte of the unencrypted part, changed: nobody takes the other for somebody else, and nobody crashes.
    @Test func garbageAtEveryPlaceOfTheHandshake() throws {
        var honest = try ConnectionPair()
        var transcript: [(toListener: Bool, bytes: [UInt8])] = []
        while !honest.toListener.isEmpty || !honest.toDialer.isEmpty {
            let forward = honest.toListener
            honest.toListener = []
            if !forward.isEmpty { transcript.append((true, forward)) }
            honest.deliver(forward, to: \.listener)
            let backward = honest.toDialer
            honest.toDialer = []
            if !backward.isEmpty { transcript.append((false, backward)) }
            honest.deliver(backward, to: \.dialer)
        }
        for (index, flight) in transcript.enumerated() {
            for place in flight.bytes.indices {
                var pair = try ConnectionPair()
                var number = 0
                while !pair.toListener.isEmpty || !pair.toDialer.isEmpty {
                    for toListener in [true, false] {
                        var bytes = toListener ? pair.toListener : pair.toDialer
                        if toListener { pair.toListener = [] } else { pair.toDialer = [] }
                        guard !bytes.isEmpty else { continue }
                        if number == index, place < bytes.count { bytes[place] ^= 0x5a }
                        number += 1
                        pair.deliver(bytes, to: toListener ? \.listener : \.dialer)
                    }
                }
                pair.wait(.seconds(60))
                let ends = [ConnectionPair.end(pair.dialerEvents), ConnectionPair.end(pair.listenerEvents)]
                #expect(ends.contains { $0 != nil }, "flight \(index), byte \(place)")
                for case .established(let peer) in pair.dialerEvents { #expect(peer == (try identity(2).id)) }
                for case .established(let peer) in pair.listenerEvents { #expect(peer == (try identity(1).id)) }
            }
        }
    }

    @Test(arguments: [
        [0x47, 0x45, 0x54, 0x20, 0x2f, 0x20, 0x48, 0x54, 0x54, 0x50, 0x0d, 0x0a], [UInt8](repeating: 0, count: 64),
        [UInt8](repeating: 0xff, count: 64), [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03],
    ])
    func otherProtocolsAreCutOff(wire: [UInt8]) throws {
        var pair = try ConnectionPair()
        for _ in 0..<10 { pair.deliver(wire, to: \.listener) }
        guard case .negotiation? = ConnectionPair.end(pair.listenerEvents) else {
            return #expect(Bool(false), "the connection goes on: \(pair.listenerEvents)")
        }
        pair.deliver(wire, to: \.listener)
        #expect(pair.listenerEvents.count == 1, "a closed machine reads nothing")
    }

    /// A peer that sends a byte now and then gets the time of one handshake, not of one byte.
    @Test func slowHandshakesAreCutOff() throws {
        var pair = try ConnectionPair()
        let flight = pair.toListener
        for byte in flight.prefix(15) {
            pair.now = pair.now.advanced(by: .milliseconds(700))
            pair.listener.advance(to: pair.now)
            pair.deliver([byte], to: \.listener)
        }
        #expect(ConnectionPair.end(pair.listenerEvents) == .handshakeTimedOut)
    }

    @Test func slowStreamNegotiationsAreCutOff() throws {
        var pair = try ConnectionPair.established()
        let id = try pair.dialer.openStream(["/test/1"], now: pair.now)
        pair.collect()
        let held = pair.toListener
        pair.toListener = []
        pair.wait(.seconds(9))
        #expect(pair.dialerEvents == [])
        pair.wait(.seconds(1))
        #expect(pair.dialerEvents == [.streamFailed(id, .timedOut)])
        // What was held arrives with the reset after it: the listener may accept, then hears of the end.
        pair.toListener = held + pair.toListener
        pair.run()
        #expect(!pair.dialerEvents.contains { if case .closed = $0 { true } else { false } })
    }

    @Test func anotherPeerIsRefused() throws {
        var pair = try ConnectionPair(expecting: try identity(3).id)
        pair.run()
        let mismatch = NoiseError.unexpectedPeer(expected: try identity(3).id, actual: try identity(2).id)
        #expect(ConnectionPair.end(pair.dialerEvents) == .security(mismatch))
        #expect(pair.listenerEvents == [])
    }

    @Test func silentPeersAreGivenUp() throws {
        var pair = try ConnectionPair.established()
        pair.wait(.seconds(15))
        #expect(pair.dialer.nextDeadline == pair.now.advanced(by: .seconds(45)))
        pair.toListener = []
        pair.toDialer = []
        pair.wait(.seconds(45))
        #expect(ConnectionPair.end(pair.dialerEvents) == .pingTimedOut)
        #expect(ConnectionPair.end(pair.listenerEvents) == .pingTimedOut)
        #expect(pair.dialer.nextDeadline == nil)
    }

    @Test func idleConnectionsEndAndBusyOnesDoNot() throws {
        var pair = try ConnectionPair.established()
        for _ in 0..<30 {
            pair.wait(.seconds(10))
            pair.run()
        }
        #expect(ConnectionPair.end(pair.dialerEvents) == .idle)

        pair = try ConnectionPair.established()
        let (mine, _) = try pair.openStream()
        for _ in 0..<60 {
            pair.wait(.seconds(10))
            pair.run()
        }
        #expect(ConnectionPair.end(pair.dialerEvents + pair.listenerEvents) == nil)
        pair.dialer.reset(mine, now: pair.now)
        pair.collect()
        pair.run()
        for _ in 0..<29 {
            pair.wait(.seconds(10))
            pair.run()
        }
        #expect(ConnectionPair.end(pair.dialerEvents + pair.listenerEvents) == nil)
        pair.wait(.seconds(10))
        #expect(ConnectionPair.end(pair.dialerEvents) == .idle)
    }

    @Test func gracefulShutdownWaitsForStreams() throws {
        var pair = try ConnectionPair.established()
        let (mine, theirs) = try pair.openStream()
        pair.listener.shutDown(gracefully: true)
        pair.collect()
        pair.run()
        #expect(pair.listenerEvents == [])
        #expect(throws: StreamOpeningError.refused(.goingAway)) {
            try pair.dialer.openStream(["/test/1"], now: pair.now)
        }
        pair.listener.send([1, 2, 3], on: theirs)
        pair.listener.closeWrite(theirs, now: pair.now)
        pair.collect()
        pair.run()
        #expect(pair.dialerEvents == [.data(mine, [1, 2, 3]), .receiveClosed(mine)])
        pair.dialer.closeWrite(mine, now: pair.now)
        pair.collect()
        pair.run()
        #expect(ConnectionPair.end(pair.listenerEvents) == .closedLocally)
        pair.dialer.inputClosed()
        pair.collect()
        #expect(ConnectionPair.end(pair.dialerEvents) == .closedByPeer(.normal))
    }

    @Test func endOfTheNetworkFailsWhatIsOpening() throws {
        var pair = try ConnectionPair.established()
        let id = try pair.dialer.openStream(["/test/1"], now: pair.now)
        pair.dialer.inputClosed(networkError: "reset")
        pair.collect()
        #expect(
            pair.dialerEvents == [
                .streamFailed(id, .connectionClosed(.network("reset"))), .closed(.network("reset")),
            ]
        )
        pair.dialer.inputClosed()
        pair.collect()
        #expect(pair.dialerEvents.count == 2, "a connection ends once")
    }

    /// Streams that are opened and dropped without end are cut back to a steady rate.
    @Test func floodsOfStreamsAreReset() throws {
        var configuration = PeerConnectionConfiguration()
        configuration.inboundStreamBurstMax = 10
        configuration.inboundStreamsPerSecondMax = 1
        var pair = try ConnectionPair.established(configuration: configuration)
        for _ in 0..<20 {
            let id = try pair.dialer.openStream(["/test/1"], now: pair.now)
            pair.collect()
            pair.run()
            pair.dialer.reset(id, now: pair.now)
            pair.collect()
            pair.run()
        }
        #expect(pair.listenerEvents.count { if case .streamAccepted = $0 { true } else { false } } == 10)
        pair.clearEvents()
        pair.wait(.seconds(2))
        pair.run()
        for _ in 0..<5 {
            _ = try pair.dialer.openStream(["/test/1"], now: pair.now)
            pair.collect()
            pair.run()
        }
        #expect(pair.listenerEvents.count { if case .streamAccepted = $0 { true } else { false } } == 2)
    }

    /// A peer that reads nothing, opens streams beyond its rate, and resets them itself: the answers do not pile up.
    @Test func floodsOfStreamsOfAPeerThatReadsNothingEndTheConnection() throws {
        var pair = try ConnectionPair.established()
        var streamCount = 0
        while ConnectionPair.end(pair.listenerEvents) == nil, streamCount < 100_000 {
            let ids = try (0..<60).map { _ in try pair.dialer.openStream(["/test/1"], now: pair.now) }
            let opens = pair.dialer.takeOutput()
            for id in ids { pair.dialer.reset(id, now: pair.now) }
            let resets = pair.dialer.takeOutput()
            streamCount += ids.count
            pair.now = pair.now.advanced(by: .microseconds(100))
            for bytes in [opens, resets] {
                bytes.withUnsafeBytes { pair.listener.receive($0, now: pair.now) }
                while let event = pair.listener.nextEvent() { pair.listenerEvents.append(event) }
            }
        }
        #expect(ConnectionPair.end(pair.listenerEvents) == .multiplexing(.controlFlood))
        #expect(streamCount < 6_000)
        #expect(pair.listener.takeOutput().count < 80_000, "64 KiB, what one frame adds, and encryption")
    }

    /// The same at a rate that is allowed: answers to negotiations pile up, too.
    @Test func negotiationsOfAPeerThatReadsNothingAreBounded() throws {
        var pair = try ConnectionPair.established()
        for _ in 0..<3_000 where ConnectionPair.end(pair.listenerEvents) == nil {
            let id = try pair.dialer.openStream(["/none/1", "/test/1"], now: pair.now)
            let opens = pair.dialer.takeOutput()
            pair.dialer.reset(id, now: pair.now)
            let resets = pair.dialer.takeOutput()
            pair.now = pair.now.advanced(by: .milliseconds(20))
            for bytes in [opens, resets] {
                bytes.withUnsafeBytes { pair.listener.receive($0, now: pair.now) }
                while let event = pair.listener.nextEvent() { pair.listenerEvents.append(event) }
            }
        }
        #expect(ConnectionPair.end(pair.listenerEvents) == .multiplexing(.controlFlood))
        #expect(pair.listener.takeOutput().count < 80_000)
    }

    @Test func tooManyStreamsAtATimeAreReset() throws {
        var configuration = PeerConnectionConfiguration()
        configuration.yamux.inboundStreamCountMax = 3
        var pair = try ConnectionPair.established(configuration: configuration)
        var ids: [YamuxStreamID] = []
        for _ in 0..<5 { ids.append(try pair.dialer.openStream(["/test/1"], now: pair.now)) }
        pair.collect()
        pair.run()
        for id in ids.prefix(3) { #expect(pair.dialerEvents.contains(.streamOpened(id, "/test/1"))) }
        for id in ids.suffix(2) { #expect(pair.dialerEvents.contains(.streamFailed(id, .resetByPeer))) }
    }

    /// After the handshake an attacker on the path can cut the connection, and nothing else.
    @Test func changedCiphertextEndsTheConnection() throws {
        var pair = try ConnectionPair.established()
        let (mine, _) = try pair.openStream()
        pair.dialer.send([1, 2, 3, 4, 5], on: mine)
        pair.collect()
        let wire = pair.toListener
        for place in wire.indices.dropFirst(2) {
            var copy = pair
            var changed = wire
            changed[place] ^= 1
            copy.toListener = []
            copy.deliver(changed, to: \.listener)
            #expect(copy.listenerEvents == [.closed(.security(.authenticationFailed))])
        }
    }

    @Test func identifyAndPing() throws {
        let message = IdentifyMessage(
            protocolVersion: "tabellion/1",
            agentVersion: "tabellion/0.1",
            publicKey: try identity(1).publicKey,
            listenAddresses: [try Multiaddr("/ip4/127.0.0.1/tcp/1"), try Multiaddr("/ip6/::1/tcp/2")],
            observedAddress: try Multiaddr("/ip4/10.0.0.1/tcp/3"),
            protocols: [.ping, .identify],
            signedPeerRecord: [1, 2, 3]
        )
        let wire = message.encoded()
        var input = ByteQueue()
        for byte in wire.dropLast() {
            input.append([byte])
            #expect(try IdentifyMessage.take(from: &input) == nil)
        }
        input.append([wire[wire.count - 1], 7])
        #expect(try IdentifyMessage.take(from: &input) == message)
        #expect(input.takeAll() == [7])

        input.append([0x81, 0x80, 0x01])
        #expect(throws: IdentifyError.oversize(announced: 16_385)) { try IdentifyMessage.take(from: &input) }
        #expect(throws: IdentifyError.malformed) { try IdentifyMessage(bytes: [0x0a, 0x05, 0x00]) }
        for number: UInt8 in [1, 8] {
            #expect(throws: IdentifyError.malformed) { try IdentifyMessage(bytes: [number << 3, 0x01]) }
        }
        // Fields of later versions are passed over.
        #expect(try IdentifyMessage(bytes: [0x48, 0x01, 0x52, 0x01, 0x00]) == IdentifyMessage())
        // A peer's texts reach logs and terminals: no control characters, no endless ones.
        let loud = try IdentifyMessage(bytes: [0x32, 0x06, 0x61, 0x1b, 0x5b, 0x0a, 0x9b, 0x62])
        #expect(loud.agentVersion == "a[\u{fffd}b")
        let noise = try IdentifyMessage(bytes: [0x32, 0xac, 0x02] + [UInt8](repeating: 0xc3, count: 300))
        #expect(noise.agentVersion?.utf8.count == 255)

        var echo = PingEcho()
        let ping = Array(UInt8(0)..<32)
        #expect(echo.receive(Array(ping.prefix(31))) == [])
        #expect(echo.receive([31] + ping + [9]) == ping + ping)
        #expect(echo.receive(Array(repeating: 8, count: 31)) == [9] + Array(repeating: 8, count: 31))
    }
}
