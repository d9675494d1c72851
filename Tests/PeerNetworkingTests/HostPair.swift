import CryptoCore
import Foundation
import PeerNetworking
import PeerProtocols
import Testing

/// Two hosts on the loopback interface, one connected to the other.
struct HostPair {
    let server: PeerHost
    let client: PeerHost
    let address: Multiaddr

    /// A listening server that handles `protocolName`, and a client.
    init(
        _ protocolName: ProtocolName = "/test/1",
        serverConfiguration: PeerHostConfiguration = PeerHostConfiguration(),
        clientConfiguration: PeerHostConfiguration = PeerHostConfiguration(),
        handler: @escaping PeerHost.StreamHandler
    ) async throws {
        server = PeerHost(identity: try Self.identity(1), configuration: serverConfiguration)
        client = PeerHost(identity: try Self.identity(2), configuration: clientConfiguration)
        server.handle(protocolName, handler)
        address = try await server.listen(on: try Multiaddr("/ip4/127.0.0.1/tcp/0"))
    }

    /// Shuts both down.
    func close() async {
        await client.shutDown(grace: .milliseconds(200))
        await server.shutDown(grace: .milliseconds(200))
    }

    /// The identity with the private key `number`.
    static func identity(_ number: UInt8) throws -> PeerIdentity {
        PeerIdentity(privateKey: try Secp256k1PrivateKey(bytes: [UInt8](repeating: 0, count: 31) + [number]))
    }

    /// Runs blocking code on a thread of its own and gives its result.
    static func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Swift.Result { try body() })
            }
        }
    }
}
