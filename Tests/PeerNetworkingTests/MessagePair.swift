import Foundation
import PeerNetworking
import PeerProtocols

/// Two hosts on the loopback interface that exchange messages of one protocol, one connected to the other.
struct MessagePair {
    static let name: ProtocolName = "/test/messages/1"

    let server: PeerHost
    let client: PeerHost
    let serverLog: EventLog
    let clientLog: EventLog
    let connection: PeerConnection
    let address: Multiaddr

    /// A pair whose server limits messages as `kind` says, and whose client has no limits that matter.
    init(
        kind: MessageProtocol = MessageProtocol(Self.name, frameByteCountMax: 1 << 20),
        serverLog: EventLog = EventLog(),
        configuration: PeerHostConfiguration = PeerHostConfiguration()
    ) async throws {
        self.serverLog = serverLog
        clientLog = EventLog()
        server = PeerHost(identity: try HostPair.identity(1), configuration: configuration)
        client = PeerHost(identity: try HostPair.identity(2))
        server.report(to: serverLog.queue)
        client.report(to: clientLog.queue)
        server.carry(kind)
        var generous = MessageProtocol(Self.name, frameByteCountMax: 4 << 20)
        generous.outboxByteCountMax = 8 << 20
        client.carry(generous)
        address = try await server.listen(on: try Multiaddr("/ip4/127.0.0.1/tcp/0"))
        connection = try await client.dial(address)
    }

    /// Opens a stream of the client that is used as one of messages.
    func open() async throws -> MessageStream {
        connection.openMessages([Self.name], tag: 1)
        return try await clientLog.stream(isInbound: false)
    }

    /// Opens a stream of the client on which any bytes can be sent, by a thread.
    func openRaw() async throws -> PeerStream {
        let stream = try await connection.openStream([Self.name])
        stream.timeLimits = StreamTimeLimits().endingAfter(.seconds(30))
        return stream
    }

    /// Shuts both down.
    func close() async {
        await client.shutDown(grace: .milliseconds(200))
        await server.shutDown(grace: .milliseconds(200))
    }

    /// Bytes that no compression or mix-up leaves unnoticed.
    static func bytes(_ count: Int, seed: Int = 0) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: ($0 &+ seed &* 7_919) &* 2_654_435_761 >> 13) }
    }
}
