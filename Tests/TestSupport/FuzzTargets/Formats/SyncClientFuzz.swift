import Attestations
import NodeCore
import PeerProtocols
import Records
import WireFormat

/// The input says how a peer lies to a node that catches up; then an honest peer comes.
///
/// Whatever the first one said, the second one's records are all here in the end, and nothing else is.
enum SyncClientFuzz {
    private static let keeper = Result { try FuzzNode.keeper() }

    static func run(_ bytes: [UInt8]) throws {
        var script = FuzzScript(bytes)
        // The first two bytes say which records the node has already.
        let mask = script.word()
        let present = FuzzNode.records.enumerated().filter { mask >> $0.offset & 1 == 1 }.map(\.element)
        let play = SyncPlay(node: try FuzzNode(having: present), keeper: try keeper.get())
        let liar = FuzzIdentities.all[1].id
        try play.node.connect(liar)
        let lies = try play.exchange(with: liar) { try play.lie($0, &script) }
        if !lies { try play.requireAll("an honest peer's records") }
        try play.requireOnlyValid()
        _ = try play.node.bring(.disconnected(liar))
        let honest = FuzzIdentities.all[2].id
        try play.node.connect(honest)
        _ = try play.exchange(with: honest) { (.response(try play.honestAnswer(to: $0)), isLie: false) }
        try play.requireAll("after a liar, an honest peer's records")
        try play.requireOnlyValid()
    }

    static func seeds() -> [[UInt8]] {
        let lies: [[UInt8]] = [
            [], [1, 0, 0, 20, 1], [0, 0, 0, 1, 0, 0, 0, 0xff], [2, 0, 3, 1, 0, 0], [3, 0], [4], [5], [6, 1, 2],
            [0, 0, 7, 1, 2, 3, 4, 5], [0, 0, 0, 7, 3, 0, 1, 2], [8, 2, 1, 200, 3, 1], [0, 8, 1, 1, 0],
            [0, 0, 6, 0, 6, 0],
            [9, 4, 0, 1, 2], [0, 9, 2, 0], [0, 0, 9, 5, 1], [0, 9, 1, 9, 3, 9, 5], [0, 0, 0, 9, 3, 9, 4, 9, 2],
        ]
        return [[0, 0], [0x15, 0x55], [0x3f, 0xbf], [0x20, 0x02]].flatMap { mask in lies.map { mask + $0 } }
    }
}

private enum SyncReply {
    case response(SyncResponse)
    case frame([UInt8])
    case silence
    case reset
}

private final class SyncPlay {
    var node: FuzzNode
    private var keeper: FuzzNode
    private var answers: [SyncResponse] = []
    private var requestCount = 0

    init(node: FuzzNode, keeper: FuzzNode) {
        self.node = node
        self.keeper = keeper
    }

    /// Plays a peer until its exchange is over; gives whether it lied or failed.
    func exchange(
        with peer: PeerID,
        _ reply: (SyncRequest) throws -> (SyncReply, isLie: Bool)
    ) throws -> Bool {
        var waiting: [NodeEffect] = []
        var stream: StreamID?
        var hasLied = false
        requestCount = 0
        // The node begins within seconds, waits ten for an answer, and ends each exchange within a minute.
        for _ in 0..<2_000 {
            guard !waiting.isEmpty else {
                waiting = try node.pass(.seconds(1))
                continue
            }
            switch waiting.removeFirst() {
            case .openStream(let opened, to: peer, let name):
                stream = opened
                waiting += try node.bring(.streamOpened(opened, peer, name))
            case .sendFrame(let frame, on: let asked) where asked == stream:
                requestCount += 1
                try require(requestCount <= 200, "questions without end")
                let request = try SyncRequest(wireBytes: frame, limit: SyncRequest.byteCountMax)
                let (answer, isLie) = try reply(request)
                hasLied = hasLied || isLie
                switch answer {
                case .response(let response):
                    answers.append(response)
                    waiting += try node.bring(.frameReceived(asked, response.wireBytes))
                case .frame(let bytes): waiting += try node.bring(.frameReceived(asked, bytes))
                case .silence: break
                case .reset: waiting += try node.bring(.streamClosed(asked, .reset))
                }
            case .notify(.misbehaved(_, let misconduct)):
                try require(hasLied, "an honest peer is blamed for \(misconduct)")
            case .notify(.storeFailed(let error)): throw FuzzFailure("a peer breaks the store: \(error)")
            case .notify(.synced(peer, let outcome)):
                if !hasLied { try requireEqual(outcome.reason, .complete, "an honest exchange") }
                return hasLied
            default: break
            }
        }
        throw FuzzFailure("an exchange without end")
    }

    /// What a node that has all records says.
    func honestAnswer(to request: SyncRequest) throws -> SyncResponse {
        let stream = StreamID(opener: .peer, number: 0)
        let asker = FuzzIdentities.all[7].id
        // A copy each time, so that nobody asks too much.
        var keeper = keeper
        _ = try keeper.bring(.streamOpened(stream, asker, FramedProtocol.sync.name))
        for case .sendFrame(let frame, _) in try keeper.bring(.frameReceived(stream, request.wireBytes)) {
            return try SyncResponse(wireBytes: frame, limit: FramedProtocol.sync.frameByteCountMax)
        }
        throw FuzzFailure("no answer to \(request)")
    }

    func lie(_ request: SyncRequest, _ script: inout FuzzScript) throws -> (SyncReply, isLie: Bool) {
        let honest = try honestAnswer(to: request)
        let records = FuzzNode.records
        switch script.choice(10) {
        case 1:
            var bytes = honest.wireBytes
            let isLie = script.bend(&bytes)
            return (.frame(bytes), isLie: isLie)
        case 2: return (.frame(script.block()), isLie: true)
        case 3: return (.response(.refused(.busy, retryMilliseconds: script.long())), isLie: true)
        case 4: return (.silence, isLie: true)
        case 5: return (.reset, isLie: true)
        case 6:
            // What was right for another question.
            let place = script.choice(max(answers.count, 1))
            guard answers.indices.contains(place) else { return (.response(honest), isLie: false) }
            return (.response(answers[place]), isLie: true)
        case 7:
            // Records in any order, twice, not asked for.
            let chosen = (0..<script.choice(20)).map { _ in records[script.choice(records.count)].bytes }
            let next = script.choice(3) == 0 ? SyncPosition(records[script.choice(records.count)]).later : nil
            return (.response(.records(chosen, next: chosen.isEmpty ? nil : next)), isLie: true)
        case 8:
            // Spans that are not there, with records that do not exist.
            var spans: [SyncSpan] = []
            var index =
                records[script.choice(records.count)].header.endTime
                / [60_000, 3_600_000, 86_400_000][script.choice(3)]
            for _ in 0..<script.choice(6) {
                var digest = SetDigest()
                for _ in 0...script.choice(3) { digest.insert(records[script.choice(records.count)].id, byteCount: 0) }
                spans.append(SyncSpan(index: index, digest: digest))
                index += UInt64(1 + script.choice(3))
            }
            return (
                .response(.digests(spans, next: script.choice(4) == 0 && !spans.isEmpty ? index : nil)), isLie: true
            )
        case 9:
            // Less than there is: what a peer wants to hide.
            let hidden = script.choice(records.count)
            switch honest {
            case .digests(var spans, let next):
                if !spans.isEmpty { spans.remove(at: hidden % spans.count) }
                return (.response(.digests(spans, next: spans.isEmpty ? nil : next)), isLie: true)
            case .identifiers(var positions, let next):
                if !positions.isEmpty { positions.remove(at: hidden % positions.count) }
                return (.response(.identifiers(positions, next: positions.isEmpty ? nil : next)), isLie: true)
            case .records(var bytes, let next):
                if !bytes.isEmpty { bytes.remove(at: hidden % bytes.count) }
                return (.response(.records(bytes, next: bytes.isEmpty ? nil : next)), isLie: true)
            case .refused: return (.response(honest), isLie: false)
            }
        default: return (.response(honest), isLie: false)
        }
    }

    func requireAll(_ what: String) throws {
        let stored = Set(try node.stored().map(\.record.bytes))
        let missing = FuzzNode.records.filter { !stored.contains($0.bytes) }.map(\.id.description)
        try require(missing.isEmpty, "\(what) are missing: \(missing)")
    }

    func requireOnlyValid() throws {
        for stored in try node.stored() {
            try require(
                FuzzNode.records.contains { $0.bytes == stored.record.bytes },
                "a record that nobody signed is kept"
            )
        }
    }
}

extension SyncPosition {
    fileprivate var later: SyncPosition { SyncPosition(time: time + 1, id: id) }
}
