import CryptoCore
import NodeRuntime
import PartyChannel
import PeerNetworking
import PeerProtocols

/// A peer that opens streams to a notary and writes what it likes.
struct Dialler: Sendable {
    private let host: PeerHost

    init() {
        guard let key = try? Secp256k1PrivateKey.random(SecureRandom.bytes) else {
            preconditionFailure("the system has randomness")
        }
        host = PeerHost(identity: PeerIdentity(privateKey: key))
    }

    /// Runs `body` with a fresh stream, on a thread of its own.
    func withStream<Value: Sendable>(
        to address: Multiaddr,
        _ body: @escaping @Sendable (PeerStream) throws -> Value
    ) async throws -> Value {
        try await onThread { [host] in
            let connection = try host.dialAndWait(address)
            defer { connection.close(gracefully: true) }
            let stream = try connection.openStreamAndWait([.notarize])
            stream.timeLimits = StreamTimeLimits(read: .seconds(60), write: .seconds(60))
            return try body(stream)
        }
    }

    /// Sends bytes that are no session; gives the notary's answer.
    func garbage(
        _ bytes: [UInt8] = [UInt8](repeating: 0x5a, count: 4096),
        to address: Multiaddr
    ) async throws -> String {
        try await withStream(to: address) { stream in
            try stream.write(bytes)
            stream.closeWrite()
            do {
                let frame = try StreamChannel(stream).receive(FrameTag(rawValue: 1), limit: 0)
                return "\(frame)"
            } catch ChannelError.abortedByPeer(let reason) {
                return reason
            }
        }
    }
}
