import KeyValueStorage
import NodeCore
import PeerProtocols
import RecordSamples
import Records
import WireFormat

/// What a test's peer says to a question.
enum Reply {
    case frame([UInt8])
    case response(SyncResponse)
    /// Nothing, ever.
    case silence
    /// The stream is reset.
    case reset
}

/// What a test saw of an exchange.
struct Play {
    var requests: [SyncRequest] = []
    var byteCount = 0
    var effects: [NodeEffect] = []

    var outcome: SyncOutcome.Reason? { effects.outcomes.last?.reason }
}

extension SoloNode {
    /// Waits until the node opens a stream to a peer, and plays that peer until the exchange is over.
    mutating func play(
        _ peer: FakePeer,
        patience: Duration = .seconds(180),
        _ reply: (SyncRequest) throws -> Reply
    ) throws -> Play {
        var play = Play()
        var stream: StreamID?
        let end = now.advanced(by: patience)
        var waiting = takeEffects()
        while now.monotonic < end.monotonic {
            guard !waiting.isEmpty else {
                pass(.seconds(1))
                waiting = takeEffects()
                continue
            }
            let effect = waiting.removeFirst()
            play.effects.append(effect)
            switch effect {
            case .openStream(let opened, to: peer.id, let name):
                stream = opened
                bring(.streamOpened(opened, peer.id, name))
            case .sendFrame(let frame, on: let asked) where asked == stream:
                let request = try SyncRequest(wireBytes: frame, limit: SyncRequest.byteCountMax)
                play.requests.append(request)
                switch try reply(request) {
                case .frame(let bytes):
                    play.byteCount += bytes.count
                    bring(.frameReceived(asked, bytes))
                case .response(let response):
                    play.byteCount += response.wireBytes.count
                    bring(.frameReceived(asked, response.wireBytes))
                case .silence: break
                case .reset: bring(.streamClosed(asked, .reset))
                }
            case .notify(.synced(peer.id, _)):
                play.effects += waiting
                return play
            default: break
            }
            waiting += takeEffects()
        }
        return play
    }
}

/// A node that answers honestly, played by the real code over a disk.
struct HonestKeeper {
    /// The keeper, for its clock to be set.
    var node: SoloNode
    private let stream = StreamID(opener: .peer, number: 0)
    private let asker: FakePeer

    /// - Parameter isGenerous: Whether it answers as much as is asked; else as much as a node does.
    init(_ records: [Notarization], now: NodeInstant = SoloNode.start, isGenerous: Bool = true) throws {
        let disk = MemoryDisk()
        try disk.fill(records)
        node = try SoloNode(notary: 8, disk: disk, now: now) {
            guard isGenerous else { return }
            $0.sync.byteBurst = 1 << 30
            $0.sync.requestBurst = 1 << 20
            $0.sync.servedByteBurst = 1 << 30
        }
        asker = try FakePeer(99)
        try node.connect(asker)
        node.bring(.streamOpened(stream, asker.id, FramedProtocol.sync.name))
        _ = node.takeEffects()
    }

    mutating func reply(to request: SyncRequest) throws -> Reply { .response(try response(to: request)) }

    mutating func response(to request: SyncRequest) throws -> SyncResponse {
        node.bring(.frameReceived(stream, request.wireBytes))
        for case .sendFrame(let frame, _) in node.takeEffects() {
            return try SyncResponse(wireBytes: frame, limit: FramedProtocol.sync.frameByteCountMax)
        }
        return .refused(.unavailable, retryMilliseconds: 0)
    }
}
