import CryptoCore
import NodeRuntime
import PeerNetworking
import PeerProtocols

/// Two hosts on the loopback interface and one stream between them.
struct StreamPair {
    private let near: PeerHost
    private let far: PeerHost
    /// The end of the side that dialled.
    let client: PeerStream
    /// The end of the side that listened.
    let server: PeerStream
    private let gate = Gate()

    init() async throws {
        near = PeerHost(identity: try Self.identity(1))
        far = PeerHost(identity: try Self.identity(2))
        let (streams, accepted) = AsyncStream.makeStream(of: PeerStream.self)
        far.handle("/test/1") { [gate] stream in
            accepted.yield(stream)
            // The stream is closed when its handler returns.
            gate.wait()
        }
        let address = try await far.listen(on: try Multiaddr("/ip4/127.0.0.1/tcp/0"))
        client = try await near.dial(address).openStream(["/test/1"])
        var iterator = streams.makeAsyncIterator()
        guard let server = await iterator.next() else { throw StreamError.timedOut }
        self.server = server
        for stream in [client, server] {
            stream.timeLimits = StreamTimeLimits(read: .seconds(10), write: .seconds(10))
        }
    }

    /// Runs both parties on threads of their own to their ends, then shuts the hosts down.
    func run<First: Sendable, Second: Sendable>(
        client: @escaping @Sendable (StreamChannel, PeerStream) throws -> First,
        server: @escaping @Sendable (StreamChannel, PeerStream) throws -> Second
    ) async throws -> (client: First, server: Second) {
        async let first = outcome { [stream = self.client] in try client(StreamChannel(stream), stream) }
        async let second = outcome { [stream = self.server] in try server(StreamChannel(stream), stream) }
        let results = (await first, await second)
        await close()
        return (try results.0.get(), try results.1.get())
    }

    /// Shuts both hosts down.
    func close() async {
        gate.open()
        await near.shutDown(grace: .milliseconds(100))
        await far.shutDown(grace: .milliseconds(100))
    }

    private func outcome<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async -> Result<Value, any Error> {
        do { return .success(try await onThread(body)) } catch { return .failure(error) }
    }

    private static func identity(_ number: UInt8) throws -> PeerIdentity {
        PeerIdentity(privateKey: try Secp256k1PrivateKey(bytes: [UInt8](repeating: 0, count: 31) + [number]))
    }
}
