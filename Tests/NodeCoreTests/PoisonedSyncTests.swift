import Attestations
import CryptoCore
import Gossip
import KeyValueStorage
import NodeCore
import PeerProtocols
import RecordSamples
import Records
import Testing
import WireFormat

/// What a signer or a peer can do so that a node does not come to what it lacks.
@Suite struct PoisonedSyncTests {
    let samples = RecordSamples()
    /// Two days before the node starts, at the beginning of a minute.
    let past = (SoloNode.start.unixMilliseconds - 2 * 86_400_000) / 60_000 * 60_000

    /// Two records each of many sessions, which differ from node to node for good.
    private func pairs(_ count: Int, of variants: [Int]) throws -> [Notarization] {
        try (0..<count).flatMap { number in
            try variants.map {
                try samples.record(notary: 7, session: number, at: past + UInt64(number) * 60_000, variant: $0)
            }
        }
    }

    /// A signer who signs thrice for a session of each of many minutes has nodes differ in all of them.
    ///
    /// Each of these differences takes two questions, so that an exchange does not come to their end; the next one goes
    /// on where it ended.
    @Test func differencesForGoodDoNotHideWhatIsOlder() throws {
        let disk = MemoryDisk()
        try disk.fill(try pairs(300, of: [0, 1]))
        var node = try SoloNode(disk: disk)
        let peer = try FakePeer(1)
        try node.connect(peer, syncs: true)
        let missing = try samples.record(notary: 3, session: 999, at: past - 7_200_000)
        var keeper = try HonestKeeper(try pairs(300, of: [1, 2]) + [missing], isGenerous: false)
        var outcomes: [SyncOutcome.Reason?] = []
        var last = Play()
        for _ in 0..<40 where last.requests.count != 1 {
            keeper.node.now = node.now
            last = try node.play(peer) { try keeper.reply(to: $0) }
            outcomes.append(last.outcome)
        }
        #expect(try node.storedIDs().contains(missing.id))
        #expect(outcomes.contains(.postponed), "the peer's budget is no obstacle here")
        #expect(outcomes.count < 40)
        // In the end everything was looked at, and one question shows it.
        #expect(last.outcome == .complete && last.requests.count == 1)
        #expect(node.machine.router.score(of: peer.id) >= 0)
    }

    /// What was looked at in an exchange that this node cannot finish, because it has no room, is asked for again.
    @Test func whatFoundNoRoomIsNotTakenForExplored() throws {
        let records = try samples.series(60, from: past, every: 900)
        var node = try SoloNode {
            $0.validation.signerRecordsPerMinuteOfTime = 50
            $0.commits.waitingRecordCountMax = 20
        }
        let peer = try FakePeer(1)
        try node.connect(peer, syncs: true)
        var keeper = try HonestKeeper(records)
        let began = node.now
        for _ in 0..<12 where try node.storedIDs().count < 50 { _ = try node.play(peer) { try keeper.reply(to: $0) } }
        #expect(try node.storedIDs().count == 50)
        // A node that took something in goes on with the same peer soon.
        #expect(node.now.monotonic.nanoseconds(since: began.monotonic) < 30_000_000_000)
    }

    /// Four peers that are slow, and never done, do not keep the node from asking a fifth.
    @Test func slowPeersDoNotKeepOthersOut() throws {
        var node = try SoloNode()
        let slow = try (1...4).map(FakePeer.init)
        let honest = try FakePeer(5)
        for peer in slow { try node.connect(peer, syncs: true) }
        node.pass(.seconds(1))
        try node.connect(honest, syncs: true)
        let end = node.now.advanced(by: .seconds(200))
        var open: [StreamID: PeerID] = [:]
        var answers: [(at: MonotonicInstant, stream: StreamID)] = []
        var exchanges: [PeerID: Int] = [:]
        var number: UInt64 = 0
        while node.now.monotonic < end.monotonic, exchanges[honest.id] == nil {
            for effect in node.takeEffects() {
                switch effect {
                case .openStream(let stream, let peer, FramedProtocol.sync.name):
                    open[stream] = peer
                    exchanges[peer, default: 0] += 1
                    node.bring(.streamOpened(stream, peer, FramedProtocol.sync.name))
                case .sendFrame(_, let stream) where open[stream] != nil:
                    answers.append((node.now.monotonic.advanced(by: .seconds(9)), stream))
                default: break
                }
            }
            while let index = answers.firstIndex(where: { $0.at <= node.now.monotonic }) {
                let stream = answers.remove(at: index).stream
                number += 1
                // Always a day of which this node has something else.
                let id = AttestationID(RecordSamples.bytes32("\(number)"))
                var digest = SetDigest()
                digest.insert(id, byteCount: 0)
                let day = DigestLevel.day.index(of: past)
                let answer = SyncResponse.digests([SyncSpan(index: day, digest: digest)], next: day + 1)
                node.bring(.frameReceived(stream, answer.wireBytes))
            }
            node.pass(.seconds(1))
        }
        #expect(exchanges[honest.id] == 1)
        #expect(slow.allSatisfy { exchanges[$0.id] ?? 0 >= 1 })
    }

    /// A peer that lists many times as many ids as it said it has is left, without blame: it may have learned of them.
    @Test func listsBeyondWhatWasAnnouncedEnd() throws {
        let records = try samples.series(2, from: past, every: 10)
        let disk = MemoryDisk()
        try disk.fill([records[0]])
        var node = try SoloNode(disk: disk)
        let peer = try FakePeer(1)
        try node.connect(peer, syncs: true)
        var keeper = try HonestKeeper(records)
        var pages = 0
        let play = try node.play(peer) { request in
            // What it shows of them, nobody can judge.
            if case .selection = request { return .response(.records([[1, 2]], next: nil)) }
            guard case .identifiers(let from, _) = request else { return try keeper.reply(to: request) }
            pages += 1
            let positions = (0..<SyncResponse.identifierCountMax).map { number in
                let text = "id \(pages) \(number)"
                return SyncPosition(time: from.time + 1, id: AttestationID(RecordSamples.bytes32(text)))
            }.sorted()
            return .response(.identifiers(positions, next: SyncPosition(time: from.time + 2)))
        }
        #expect(play.outcome == .postponed)
        #expect(pages == 3)
        #expect(play.effects.misconduct.isEmpty)
    }

    /// Adding ids up takes time, so a node does that for so many a second, and waits for more.
    @Test(arguments: [false, true])
    func listsTakeTheirTime(isSlow: Bool) throws {
        // A thousand each in three minutes.
        let here = try samples.series(3_000, from: past, every: 60)
        let there = try samples.series(30, from: past + 5, every: 6_000, notary: 6)
        let disk = MemoryDisk()
        try disk.fill(here)
        var node = try SoloNode(disk: disk) {
            $0.sync.identifierBurst = 8_192
            $0.sync.identifiersPerSecond = isSlow ? 400 : 1 << 20
        }
        let peer = try FakePeer(1)
        try node.connect(peer, syncs: true)
        var keeper = try HonestKeeper(here + there)
        var lists = 0
        let began = node.now.monotonic
        let play = try node.play(peer) { request in
            if case .identifiers = request { lists += 1 }
            return try keeper.reply(to: request)
        }
        // One exchange does it, and keeps its place while it waits.
        #expect(play.outcome == .complete)
        #expect(lists == 3)
        #expect(Set(there.map(\.id)).isSubset(of: try node.storedIDs()))
        // Of the 4,096 of its place each list leaves 3,086, and 200 a second come back.
        let seconds = node.now.monotonic.nanoseconds(since: began) / 1_000_000_000
        #expect(isSlow ? (14...25).contains(seconds) : seconds < 10, "\(seconds) s")
    }

    /// Peers that have lists asked for and never give them take nothing from those who do.
    @Test func listsThatNeverComeCostNobodyElse() throws {
        let present = try samples.series(30, from: past, every: 1_000)
        let missing = try samples.record(notary: 3, session: 1, at: past + 500)
        let disk = MemoryDisk()
        try disk.fill(present)
        var node = try SoloNode(disk: disk) { $0.sync.identifierBurst = 8_192 }
        var liar = try HonestKeeper(present + [missing])
        var lists = 0
        for number in 0..<20 {
            let peer = try FakePeer(10 + number)
            try node.connect(peer, syncs: true)
            let play = try node.play(peer) { request in
                guard case .identifiers = request else { return try liar.reply(to: request) }
                lists += 1
                return .reset
            }
            #expect(play.outcome == .interrupted)
            node.bring(.disconnected(peer.id))
        }
        #expect(lists == 20)
        let honest = try FakePeer(1)
        try node.connect(honest, syncs: true)
        let began = node.now
        let play = try node.play(honest) { try liar.reply(to: $0) }
        #expect(play.outcome == .complete)
        #expect(try node.storedIDs().contains(missing.id))
        #expect(node.now.monotonic.nanoseconds(since: began.monotonic) < 15_000_000_000)
    }

    /// Who was of no use is not asked again at once because it comes again.
    @Test func aPeerThatComesAgainRestsOn() throws {
        var node = try SoloNode()
        let peer = try FakePeer(1)
        try node.connect(peer, syncs: true)
        let play = try node.play(peer) { _ in .response(.refused(.busy, retryMilliseconds: 1)) }
        #expect(play.outcome == .postponed)
        node.bring(.disconnected(peer.id))
        try node.connect(peer, syncs: true)
        _ = node.takeEffects()
        func isAsked(after duration: Duration) -> Bool {
            node.pass(duration)
            return node.takeEffects().contains { effect in
                if case .openStream(_, peer.id, FramedProtocol.sync.name) = effect { true } else { false }
            }
        }
        #expect(!isAsked(after: .seconds(50)))
        #expect(isAsked(after: .seconds(30)))
    }

    /// What was pruned because a clock was wrong comes again, also where something else was of no use.
    @Test func whatWasPrunedIsNotPassedOverAsExplored() throws {
        let pair = try [0, 1].map { try samples.record(notary: 7, session: 1, at: past + 100, variant: $0) }
        let kept = try samples.record(notary: 3, session: 2, at: past + 200)
        let third = try samples.record(notary: 7, session: 1, at: past + 100, variant: 2)
        let disk = MemoryDisk()
        try disk.fill(pair + [kept])
        var node = try SoloNode(disk: disk) { $0.retention.recordAgeMax = .seconds(10 * 86_400) }
        let peer = try FakePeer(1)
        try node.connect(peer, syncs: true)
        var keeper = try HonestKeeper([pair[1], third, kept])
        for _ in 0..<3 { _ = try node.play(peer) { try keeper.reply(to: $0) } }
        #expect(try node.play(peer) { try keeper.reply(to: $0) }.requests.count == 1)
        // The clock jumps, everything is too old; it is set right, and the peer has what it had.
        let right = node.now
        node.now = NodeInstant(
            monotonic: right.monotonic,
            unixMilliseconds: right.unixMilliseconds + 20 * 86_400_000
        )
        node.pass(.seconds(30))
        #expect(try node.storedIDs().isEmpty)
        node.now = NodeInstant(
            monotonic: node.now.monotonic,
            unixMilliseconds: right.unixMilliseconds + 60_000
        )
        for _ in 0..<3 { _ = try node.play(peer) { try keeper.reply(to: $0) } }
        #expect(try node.storedIDs().contains(kept.id))
        #expect(try node.storedIDs().count == 3)
    }
}
