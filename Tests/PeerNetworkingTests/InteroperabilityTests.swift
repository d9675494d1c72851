import CryptoCore
import Foundation
import IndependentPeers
import PeerNetworking
import PeerProtocols
import Testing

/// Our host and py-libp2p, which shares no code with it, as each other's peers.
@Suite(.timeLimit(.minutes(2)), .serialized)
struct InteroperabilityTests {
    private struct Listening: Decodable, Sendable {
        let address: String
        let peer: String
        let key: String
    }

    private struct Seen: Decodable, Sendable {
        let `self`: String
        let agent: String
        let `protocol`: String
        let key: String
        let protocols: [String]
        let listen: [String]
        let observed: String
        let pings: Int
        let echo: Bool
    }

    @Test func weDialThem() async throws {
        let peer = try PythonPeer(["listen"])
        defer { peer.stop() }
        let theirs = try await HostPair.onThread { try peer.readLine(as: Listening.self) }
        let address = try Multiaddr(theirs.address)
        #expect(address.peerID?.description == theirs.peer)

        let host = PeerHost(identity: try HostPair.identity(7))
        let connection = try await host.dial(address)
        #expect(connection.remotePeer.description == theirs.peer)

        let message = try await HostPair.onThread { try connection.identifyAndWait() }
        #expect(message.publicKey.map(PeerID.init(publicKey:)) == connection.remotePeer)
        #expect(message.publicKey.map { hex(PeerKeyEncoding.encode($0)) } == theirs.key)
        #expect(message.protocols.contains(.ping))
        #expect(message.protocols.contains("/test/echo/1"))
        #expect(message.observedAddress?.description.hasPrefix("/ip4/127.0.0.1/tcp/") == true)

        let roundTrip = try await HostPair.onThread { try connection.pingAndWait() }
        #expect(roundTrip < .seconds(5))

        let stream = try await connection.openStream(["/test/unknown/1", "/test/echo/1"])
        #expect(stream.protocolName == "/test/echo/1")
        stream.timeLimits = StreamTimeLimits().endingAfter(.seconds(60))
        try await expectEcho(on: stream, byteCount: 3 << 20)
        #expect(stream.roundTrip != nil, "py-libp2p answers yamux pings")
        await host.shutDown(grace: .milliseconds(200))
    }

    @Test func theyDialUs() async throws {
        var configuration = PeerHostConfiguration()
        configuration.agentVersion = "tabellion/test"
        let host = PeerHost(identity: try HostPair.identity(8), configuration: configuration)
        host.handle("/test/echo/1") { stream in
            while let bytes = try? stream.read(max: 1 << 16), !bytes.isEmpty { try? stream.write(bytes) }
        }
        let address = try await host.listen(on: try Multiaddr("/ip4/127.0.0.1/tcp/0"))
        let peer = try PythonPeer(["dial", "\(address)"])
        defer { peer.stop() }
        let seen = try await HostPair.onThread { try peer.readLine(as: Seen.self) }
        #expect(seen.agent == "tabellion/test")
        #expect(seen.protocol == "tabellion/1")
        #expect(seen.key == hex(PeerKeyEncoding.encode(host.identity.publicKey)))
        #expect(seen.protocols == ["/ipfs/id/1.0.0", "/ipfs/ping/1.0.0", "/test/echo/1"])
        #expect(seen.listen == ["\(address.withoutPeerID)"])
        #expect(seen.observed.hasPrefix("/ip4/127.0.0.1/tcp/"))
        #expect(seen.pings == 3)
        #expect(seen.echo)
        await host.shutDown(grace: .milliseconds(200))
    }

    @Test func weRefuseAnotherPeerThanTheOneDialled() async throws {
        let peer = try PythonPeer(["listen"])
        defer { peer.stop() }
        let theirs = try await HostPair.onThread { try peer.readLine(as: Listening.self) }
        let impostor = try HostPair.identity(9).id
        let address = try Multiaddr(theirs.address)
        let host = PeerHost(identity: try HostPair.identity(7))
        let actual = try #require(address.peerID)
        await #expect(
            throws: PeerHostError.connectionFailed(.security(.unexpectedPeer(expected: impostor, actual: actual)))
        ) { try await host.dial(address.with(impostor)) }
        await host.shutDown(grace: .milliseconds(200))
    }

    private func expectEcho(on stream: PeerStream, byteCount: Int) async throws {
        let sent = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
        let writer = Task {
            try await HostPair.onThread {
                for start in stride(from: 0, to: byteCount, by: 50_000) {
                    try stream.write(Array(sent[start..<min(start + 50_000, byteCount)]))
                }
                stream.closeWrite()
            }
        }
        let received = try await HostPair.onThread { () -> [UInt8] in
            var received: [UInt8] = []
            while true {
                let bytes = try stream.read(max: 1 << 16)
                if bytes.isEmpty { return received }
                received += bytes
            }
        }
        try await writer.value
        let isUnchanged = received == sent
        #expect(isUnchanged)
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
