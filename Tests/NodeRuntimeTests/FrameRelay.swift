import CryptoCore
import Foundation
import NodeRuntime
import PartyChannel
import PeerNetworking
import PeerProtocols
import Synchronization

/// Stands between a buyer and a notary, with the notary's own identity, and does to each frame what a test wants.
final class FrameRelay: Sendable {
    /// Where a frame goes.
    enum Direction: Hashable, Sendable {
        case toNotary, toProver
    }

    /// One frame of a session.
    struct Frame: Hashable, Sendable {
        let direction: Direction
        /// Counts from 0 in each direction.
        let index: Int
        let tag: UInt16
        var payload: [UInt8]

        /// Whether it is a part of the garbled tables, of which there are many.
        var isTables: Bool { tag == 302 }
    }

    /// What happens to a frame.
    enum Action: Sendable {
        /// It is passed on.
        case pass
        /// Another one takes its place.
        case replace([UInt8])
        /// Both streams end in good order before it.
        case close
        /// Both streams are reset before it.
        case reset
        /// Both connections break before it.
        case hangUp
        /// Only its first half is passed on, then the stream ends for the one and is reset for the other.
        case halve
    }

    /// Where buyers dial.
    let address: Multiaddr
    private let front: PeerHost
    private let back: PeerHost
    private let carrier: Carrier

    /// The frames of all sessions so far, without their payloads.
    var frames: [Frame] { carrier.seen.withLock { $0 } }

    /// A relay to `notary`.
    ///
    /// - Parameter key: whose identity buyers see; the notary's own unless a test says otherwise.
    init(
        to notary: Multiaddr,
        key: [UInt8] = TestNotary.keyBytes,
        _ rule: @escaping @Sendable (Frame) -> Action
    ) async throws {
        front = PeerHost(identity: PeerIdentity(privateKey: try Secp256k1PrivateKey(bytes: key)))
        back = PeerHost(identity: PeerIdentity(privateKey: try Secp256k1PrivateKey.random(SecureRandom.bytes)))
        address = try await front.listen(on: try Multiaddr("/ip4/127.0.0.1/tcp/0"))
        let carrier = Carrier(rule: rule)
        self.carrier = carrier
        front.handle(.notarize) { [back] buyer in
            guard let notary = try? back.dialAndWait(notary).openStreamAndWait([.notarize]) else { return }
            for stream in [buyer, notary] { stream.timeLimits = StreamTimeLimits(read: .seconds(60)) }
            let done = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                carrier.carry(.toProver, from: notary, to: buyer)
                done.signal()
            }
            carrier.carry(.toNotary, from: buyer, to: notary)
            done.wait()
            notary.connection.close(gracefully: true)
        }
    }

    /// Ends it.
    func close() async {
        await front.shutDown(grace: .milliseconds(100))
        await back.shutDown(grace: .milliseconds(100))
    }

    /// Passes the frames of sessions on, as the rule says.
    private final class Carrier: Sendable {
        let seen = Mutex<[Frame]>([])
        private let rule: @Sendable (Frame) -> Action

        init(rule: @escaping @Sendable (Frame) -> Action) {
            self.rule = rule
        }

        func carry(_ direction: Direction, from source: PeerStream, to sink: PeerStream) {
            defer { sink.closeWrite() }
            var index = 0
            while let header = Self.read(6, from: source),
                let payload = Self.read(header[2...].reduce(0) { $0 << 8 | Int($1) }, from: source)
            {
                var frame = Frame(
                    direction: direction,
                    index: index,
                    tag: UInt16(header[0]) << 8 | UInt16(header[1]),
                    payload: payload
                )
                index += 1
                let action = rule(frame)
                frame.payload = []
                seen.withLock { $0.append(frame) }
                switch action {
                case .pass:
                    guard (try? sink.write(header + payload)) != nil else { return }
                case .replace(let payload):
                    let count = (0..<4).map { UInt8(truncatingIfNeeded: payload.count >> (24 - 8 * $0)) }
                    guard (try? sink.write(header[..<2] + count + payload)) != nil else { return }
                case .close:
                    source.closeWrite()
                    sink.closeWrite()
                    // Who closes in good order lets the other side get rid of what it was writing.
                    while let bytes = try? source.read(max: 1 << 16), !bytes.isEmpty {}
                    return
                case .reset:
                    source.reset()
                    sink.reset()
                    return
                case .hangUp:
                    source.connection.close(gracefully: false)
                    sink.connection.close(gracefully: false)
                    return
                case .halve:
                    try? sink.write(Array((header + payload).prefix((6 + payload.count) / 2)))
                    source.reset()
                    return
                }
            }
        }

        private static func read(_ byteCount: Int, from stream: PeerStream) -> [UInt8]? {
            var result: [UInt8] = []
            while result.count < byteCount {
                guard let part = try? stream.read(max: byteCount - result.count), !part.isEmpty else { return nil }
                result += part
            }
            return result
        }
    }
}
