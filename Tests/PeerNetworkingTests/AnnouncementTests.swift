import CryptoCore
import PeerNetworking
import PeerProtocols
import Testing

/// What a host tells peers of where it is, and when that changes.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct AnnouncementTests {
    private func identified(_ log: EventLog) async throws -> IdentifyMessage {
        try await log.first { if case .identified(_, let result) = $0 { try? result.get() } else { nil } }
    }

    private func pushed(_ log: EventLog) -> [IdentifyMessage] {
        log.all.compactMap { if case .identifiedAgain(_, let message) = $0 { message } else { nil } }
    }

    @Test func aChangeIsPushedToWhoIsConnected() async throws {
        let pair = try await MessagePair()
        let first = try await identified(pair.clientLog)
        #expect(first.listenAddresses == [pair.address.withoutPeerID])
        let elsewhere = try Multiaddr("/ip4/203.0.113.9/tcp/7047")
        pair.server.announcedAddresses = [elsewhere]
        for connection in pair.server.connections { connection.pushIdentify() }
        let news = try await pair.clientLog.first { event in
            if case .identifiedAgain(let connection, let message) = event { (connection, message) } else { nil }
        }
        #expect(news.0.remotePeer == pair.server.identity.id)
        #expect(news.1.listenAddresses == [elsewhere] && news.1.protocols == first.protocols)
        #expect(pushed(pair.serverLog).isEmpty)
        await pair.close()
    }

    /// Whoever pushes nonsense, another's key or too often is not heard, and disturbs nothing else.
    @Test func falseAndFrequentPushesAreNotHeard() async throws {
        let pair = try await MessagePair()
        _ = try await identified(pair.serverLog)
        let other = try HostPair.identity(3)
        let lie = IdentifyMessage(publicKey: other.publicKey, listenAddresses: [pair.address]).encoded()
        let honest = IdentifyMessage(agentVersion: "new").encoded()
        let isRefused = try await HostPair.onThread { [connection = pair.connection] in
            for bytes in [[0xff, 0xff, 0xff, 0xff, 0x7f], lie, [3, 1, 2, 3], honest] as [[UInt8]] {
                let stream = try connection.openStreamAndWait([.identifyPush])
                stream.timeLimits = StreamTimeLimits().endingAfter(.seconds(10))
                try stream.write(bytes)
                stream.closeWrite()
                // The other side has nothing to say: the stream ends, or is reset.
                _ = try? stream.read(max: 1)
            }
            let fifth = try connection.openStreamAndWait([.identifyPush])
            fifth.timeLimits = StreamTimeLimits().endingAfter(.seconds(10))
            try? fifth.write(honest)
            do throws(StreamError) {
                _ = try fifth.read(max: 1)
                return false
            } catch {
                return error == .resetByPeer
            }
        }
        #expect(isRefused)
        _ = try await pair.serverLog.first { if case .identifiedAgain = $0 { true } else { nil } }
        #expect(pushed(pair.serverLog).map(\.agentVersion) == ["new"])
        let stream = try await pair.open()
        #expect(stream.send([1]) == .queued)
        #expect(try await pair.serverLog.messages(1) == [[1]])
        await pair.close()
    }

    /// Nobody can dial `0.0.0.0`, so nobody is told it; IPv4 and IPv6 may share a port.
    @Test func allInterfacesAreListenedAtAndNotTold() async throws {
        let host = PeerHost(identity: try HostPair.identity(1))
        let client = PeerHost(identity: try HostPair.identity(2))
        let four = try await host.listen(on: try Multiaddr("/ip4/0.0.0.0/tcp/0"))
        let port = try #require(four.tcpEndpoint?.port)
        let six = try await host.listen(on: try Multiaddr("/ip6/::/tcp/\(port)"))
        #expect(four.isOfAllInterfaces && six.isOfAllInterfaces)
        for text in ["/ip4/127.0.0.1", "/ip6/::1"] {
            let address = try Multiaddr("\(text)/tcp/\(port)/p2p/\(host.identity.id)")
            let connection = try await client.dial(address)
            let message = try await HostPair.onThread { try connection.identifyAndWait() }
            #expect(message.listenAddresses.isEmpty)
        }
        #expect(LocalAddresses.ofInterfaces.contains(try Multiaddr("/ip4/127.0.0.1")))
        #expect(LocalAddresses.ofInterfaces.allSatisfy { $0.components.count == 1 && !$0.isOfAllInterfaces })
        let name = try #require(DomainName("localhost"))
        let resolved = try await HostPair.onThread { LocalAddresses.resolve(name, .ip4, port: 7) }
        #expect(resolved == [try Multiaddr("/ip4/127.0.0.1/tcp/7")])
        let nowhere = try #require(DomainName("nowhere.invalid"))
        #expect(try await HostPair.onThread { LocalAddresses.resolve(nowhere, .any, port: 7) }.isEmpty)
        await client.shutDown(grace: .milliseconds(200))
        await host.shutDown(grace: .milliseconds(200))
    }
}
