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

/// How a node catches up with one peer, honest or not.
@Suite struct SyncClientTests {
    let samples = RecordSamples()
    /// Two days before the node starts.
    let past = SoloNode.start.unixMilliseconds - 2 * 86_400_000

    /// A node that has some records, and a peer that it can ask.
    func node(
        having records: [Notarization] = [],
        disk: MemoryDisk = MemoryDisk(),
        _ change: (inout NodeConfiguration) -> Void = { _ in }
    ) throws -> (SoloNode, FakePeer) {
        if !records.isEmpty { try disk.fill(records) }
        var node = try SoloNode(disk: disk, change)
        let peer = try FakePeer(1)
        try node.connect(peer, syncs: true)
        return (node, peer)
    }

    @Test func anEmptyNodeGetsAll() throws {
        let records = try samples.series(1_000, from: past, every: 100_000)
        var (node, peer) = try node()
        var keeper = try HonestKeeper(records)
        let play = try node.play(peer) { try keeper.reply(to: $0) }
        #expect(play.outcome == .complete)
        #expect(try node.storedIDs() == records.map(\.id))
        #expect(play.effects.outcomes.last?.recordCount == 1_000)
        #expect(node.machine.statistics.recordsSynced == 1_000)
        #expect(node.check().isSound)
        #expect(try node.digestsAreTrue())
        // Some pages of 64 KiB, and not much besides.
        let total = records.reduce(0) { $0 + $1.bytes.count }
        #expect(play.byteCount < total * 3 / 2)
        #expect(play.requests.count < 20)
        // Every page was safe before the next was asked for.
        #expect(play.effects.commitCount >= 10)
        #expect(node.machine.router.score(of: peer.id) >= 0)
    }

    @Test func whoHasAllAsksOnce() throws {
        let records = try samples.series(300, from: past, every: 100_000)
        var (node, peer) = try node(having: records)
        var keeper = try HonestKeeper(records)
        let play = try node.play(peer) { try keeper.reply(to: $0) }
        #expect(play.outcome == .complete)
        #expect(play.requests.count == 1)
        #expect(play.byteCount < 300)
    }

    @Test func someMissingRecordsCostLittle() throws {
        // A record each second for half an hour, of which three are missing.
        let records = try samples.series(1_800, from: past, every: 1_000)
        let missing = [5, 700, 1_750]
        let present = records.enumerated().filter { !missing.contains($0.offset) }.map(\.element)
        var (node, peer) = try node(having: present)
        var keeper = try HonestKeeper(records)
        let play = try node.play(peer) { try keeper.reply(to: $0) }
        #expect(play.outcome == .complete)
        #expect(try node.storedIDs() == records.map(\.id))
        #expect(play.requests.count < 15)
        #expect(play.byteCount < 30_000)
        #expect(try node.digestsAreTrue())
    }

    @Test func whatOnlyThisNodeHasDoesNotDisturb() throws {
        let records = try samples.series(100, from: past, every: 1_000)
        let mine = try samples.series(100, from: past + 500, every: 1_000, notary: 6)
        var (node, peer) = try node(having: Array(records.prefix(50)) + mine)
        var keeper = try HonestKeeper(records)
        let play = try node.play(peer) { try keeper.reply(to: $0) }
        #expect(play.outcome == .complete)
        #expect(try node.storedIDs().count == 200)
        #expect(Set(records.map(\.id)).isSubset(of: try node.storedIDs()))
    }

    /// Differences that cannot be settled are found once, not at every comparison.
    @Test(arguments: [40, 5])
    func whatIsOfNoUseIsNotAskedForAgain(countMax: Int) throws {
        let records = try samples.series(300, from: past, every: 1_000)
        let mine = try samples.series(10, from: past + 500, every: 20_000, notary: 6)
        // Of the minutes' sixty records of the signer this node takes some, or very few.
        var (node, peer) = try node(having: mine) { $0.validation.signerRecordsPerMinuteOfTime = countMax }
        var keeper = try HonestKeeper(records)
        var plays: [Play] = []
        for _ in 0..<6 {
            let play = try node.play(peer) { try keeper.reply(to: $0) }
            #expect(play.outcome == .complete)
            plays.append(play)
        }
        #expect(try node.storedIDs().count <= 10 + countMax * 6)
        #expect(plays[0].requests.count > 3)
        #expect(plays[5].requests.count == 1)
        #expect(plays[5].byteCount < 300)
        // What is new in a span that was looked at is found all the same.
        let late = try samples.record(notary: 5, session: 1, at: past + 5_500)
        var again = try HonestKeeper(records + [late])
        let play = try node.play(peer) { try again.reply(to: $0) }
        #expect(play.outcome == .complete)
        #expect(try node.storedIDs().contains(late.id))
    }

    /// Nobody can have another's records passed over by announcing their digest.
    @Test func aDigestThatWasOnlyAnnouncedIsNotBelieved() throws {
        let records = try samples.series(60, from: past, every: 500)
        var node = try SoloNode(
            disk: {
                let disk = MemoryDisk()
                try disk.fill(Array(records.prefix(59)))
                return disk
            }()
        )
        let peers = try (1...2).map(FakePeer.init)
        try node.connect(peers[0], syncs: true)
        var keeper = try HonestKeeper(records)
        var partial = try HonestKeeper(Array(records.prefix(59)))
        // The liar has the digests of all, and lists what it has itself.
        let lie = try node.play(peers[0]) { request in
            if case .digests = request { return try keeper.reply(to: request) }
            return try partial.reply(to: request)
        }
        #expect(lie.outcome == .misconduct(.falseDigest))
        try node.connect(peers[1], syncs: true)
        let honest = try node.play(peers[1]) { try keeper.reply(to: $0) }
        #expect(honest.outcome == .complete)
        #expect(try node.storedIDs() == records.map(\.id))
    }

    /// Nor by listing its id, and showing something else that cannot be looked at.
    @Test(arguments: ["later version", "another time", "both", "nothing"], [9, 1])
    func aRecordThatWasOnlyListedIsNotPassedOver(shown: String, presentCount: Int) throws {
        let minute = past / 60_000 * 60_000
        let records = try samples.series(10, from: minute, every: 1_000)
        var (node, liar) = try node(having: Array(records.prefix(presentCount)))
        let old = try samples.record(notary: 3, session: 99, at: past - 100 * 86_400_000).bytes
        let answers: [String: [[UInt8]]] = [
            "later version": [[1, 2]], "another time": [old], "both": [[1, 2], old], "nothing": [],
        ]
        let answer = try #require(answers[shown])
        var keeper = try HonestKeeper(records)
        let lie = try node.play(liar) { request in
            switch request {
            case .selection(let ids): .response(.records(Array(answer.prefix(ids.count)), next: nil))
            case .records: .response(.records(answer, next: nil))
            default: try keeper.reply(to: request)
            }
        }
        #expect(lie.outcome == (shown == "nothing" ? .misconduct(.falseDigest) : .complete))
        #expect(try node.storedIDs().count == presentCount)
        let honest = try FakePeer(2)
        try node.connect(honest, syncs: true)
        let play = try node.play(honest) { try keeper.reply(to: $0) }
        #expect(play.outcome == .complete)
        #expect(try node.storedIDs() == records.map(\.id))
    }

    /// A list of which a page was not looked at does not count either, whatever the other pages were.
    @Test func whatCannotBeLookedAtSpoilsTheWholeExchange() throws {
        let minute = past / 60_000 * 60_000
        let next = try samples.series(5, from: minute + 60_000, every: 10, notary: 6)
        let records = try samples.series(40, from: minute, every: 10) + next
        // The signer's limit leaves differences in both minutes that are looked at, and remembered, otherwise.
        var (node, liar) = try node(having: Array(records.prefix(30))) {
            $0.validation.signerRecordsPerMinuteOfTime = 30
        }
        var keeper = try HonestKeeper(records)
        var selections = 0
        let lie = try node.play(liar) { request in
            guard case .selection(let ids) = request else { return try keeper.reply(to: request) }
            selections += 1
            return .response(.records(ids.count > 1 ? [[1, 2]] : [], next: nil))
        }
        #expect(lie.outcome == .complete)
        #expect(selections == 1)
        let honest = try FakePeer(2)
        try node.connect(honest, syncs: true)
        let play = try node.play(honest) { try keeper.reply(to: $0) }
        #expect(play.outcome == .complete)
        #expect(play.requests.contains { if case .selection(let ids) = $0 { ids.count == 10 } else { false } })
        // Shown and refused for good, they are not asked for again.
        let again = try node.play(honest) { try keeper.reply(to: $0) }
        #expect(!again.requests.contains { if case .selection = $0 { true } else { false } })
    }

    /// What a peer prunes between its digests and its records is not what it lied about.
    @Test(arguments: [0, 170], ["list", "records"])
    func whoPrunesMeanwhileIsNotAtFault(presentCount: Int, moment: String) throws {
        let minute = past / 60_000 * 60_000
        let records = try samples.series(200, from: minute, every: 1_000)
        let kept = Array(records.dropFirst(25))
        // What this node has is younger than what is pruned.
        var (node, peer) = try node(having: Array(records.suffix(presentCount)))
        var before = try HonestKeeper(records)
        var after = try HonestKeeper(kept)
        var isPruned = false
        let play = try node.play(peer) { request in
            switch request {
            case .digests: break
            case .identifiers: isPruned = isPruned || moment == "list"
            case .records, .selection: isPruned = true
            }
            return isPruned ? try after.reply(to: request) : try before.reply(to: request)
        }
        #expect(play.outcome == .complete)
        #expect(play.effects.misconduct.isEmpty)
        #expect(node.machine.router.score(of: peer.id) >= 0)
        #expect(Set(try node.storedIDs()) == Set(kept.map(\.id)))
        // It is asked again what it has, no more.
        #expect(play.requests.count < 20)
        let next = try node.play(peer) { try after.reply(to: $0) }
        #expect(next.outcome == .complete)
        #expect(next.requests.count == 1)
    }

    /// Sums of bits can be forged by linear algebra, also with the records of others; sums of points cannot.
    @Test func recordsWithAnEqualSumOfBitsAreToldApart() throws {
        let minute = past / 60_000 * 60_000
        let target = try samples.record(notary: 3, session: 1, at: minute + 500)
        let own = try samples.series(300, from: minute + 1_000, every: 1)
        // Own records, odd in number, whose ids add up to that of the target bit by bit.
        let chosen = try #require(BitSums.subset(of: own.map(\.id.value.bytes), sum: target.id.value.bytes))
        let here = chosen.prefix((chosen.count + 1) / 2).map { own[$0] }
        let there = chosen.suffix(chosen.count / 2).map { own[$0] } + [target]
        #expect(here.count == there.count)
        #expect(BitSums.sum(here.map(\.id.value.bytes)) == BitSums.sum(there.map(\.id.value.bytes)))
        var (node, honest) = try node(having: here)
        var keeper = try HonestKeeper(there)
        let play = try node.play(honest) { try keeper.reply(to: $0) }
        #expect(play.outcome == .complete)
        #expect(try node.storedIDs().contains(target.id))
    }

    @Test func anInterruptedNodeGoesOnWhereItWas() throws {
        let records = try samples.series(1_000, from: past, every: 100_000)
        let disk = MemoryDisk()
        var (node, peer) = try node(disk: disk)
        var keeper = try HonestKeeper(records)
        var count = 0
        let first = try node.play(peer) { request in
            count += 1
            return count > 6 ? .reset : try keeper.reply(to: request)
        }
        #expect(first.outcome == .interrupted)
        let before = try node.storedIDs().count
        #expect((200..<900).contains(before))
        var random = BlockPRG(seed: Block(3, 3))
        disk.losePower(random: &random)

        var (restarted, again) = try self.node(disk: disk)
        #expect(try restarted.storedIDs().count == before)
        var keeperAgain = try HonestKeeper(records)
        let second = try restarted.play(again) { try keeperAgain.reply(to: $0) }
        #expect(second.outcome == .complete)
        #expect(try restarted.storedIDs() == records.map(\.id))
        // What was safe is not asked for again: a minute's worth at most.
        #expect(restarted.machine.statistics.recordsSynced == 1_000 - before)
        let rest = records.count - before
        #expect(second.byteCount < (rest + 20) * 900)
    }

    @Test func aLimitedExchangeIsContinuedByAnother() throws {
        let records = try samples.series(600, from: past, every: 100_000)
        var (node, peer) = try node { $0.sync.exchangeRequestCountMax = 6 }
        var keeper = try HonestKeeper(records)
        var postponed = 0
        for _ in 0..<10 {
            let play = try node.play(peer) { try keeper.reply(to: $0) }
            #expect(play.requests.count <= 6)
            if play.outcome == .complete { break }
            #expect(play.outcome == .postponed)
            postponed += 1
        }
        #expect(postponed > 0)
        #expect(try node.storedIDs() == records.map(\.id))
        #expect(node.machine.router.score(of: peer.id) >= 0)
    }

    @Test func aClockThatWentBackDoesNoHarm() throws {
        let disk = MemoryDisk()
        try disk.fill(try samples.series(20, from: past, every: 1_000))
        var node = try SoloNode(disk: disk) {
            $0.retention.recordByteCountMax = 1
            $0.retention.storeByteCountMax = 1 << 20
        }
        node.pass(.seconds(30))
        disk.killProcess()
        let earlier = NodeInstant(monotonic: SoloNode.start.monotonic, unixMilliseconds: past - 30 * 86_400_000)
        var back = try SoloNode(disk: disk, seed: 2, now: earlier)
        let peer = try FakePeer(1)
        try back.connect(peer, syncs: true)
        var keeper = try HonestKeeper([])
        #expect(try back.play(peer) { try keeper.reply(to: $0) }.outcome == .complete)
    }

    @Test func recordsOlderThanTheLimitAreNotAskedFor() throws {
        let old = try samples.series(20, from: past - 100 * 86_400_000, every: 1_000)
        let records = try samples.series(20, from: past, every: 1_000, notary: 6)
        var (node, peer) = try node()
        var keeper = try HonestKeeper(old + records)
        let play = try node.play(peer) { try keeper.reply(to: $0) }
        #expect(play.outcome == .complete)
        #expect(try node.storedIDs() == records.map(\.id))
    }

    @Test func whatGossipStillBringsIsLeftToIt() throws {
        let now = SoloNode.start.unixMilliseconds
        let present = try samples.series(4, from: now - 30_000, every: 10)
        let settled = try samples.record(notary: 5, session: 1, at: now - 20_000)
        // Published a moment before the exchange begins, twice the settling time after the connection.
        let fresh = try samples.record(notary: 5, session: 2, at: now + 3_500)
        var (node, peer) = try node(having: present) { $0.sync.connectionDelay = .milliseconds(1) }
        var keeper = try HonestKeeper(present + [settled, fresh])
        _ = try node.play(peer) { try keeper.reply(to: $0) }
        #expect(try node.storedIDs().contains(settled.id))
        #expect(try !node.storedIDs().contains(fresh.id))
    }

    // MARK: Peers that cheat

    /// A keeper whose answers with records are changed by a test.
    func cheat(
        _ records: [Notarization],
        membership: any SignerMembership = AnySigner(),
        _ spoil: @escaping (SyncRequest, SyncResponse) throws -> Reply
    ) throws -> (node: SoloNode, peer: FakePeer, play: Play) {
        var (node, peer) = try node { $0.membership = membership }
        var keeper = try HonestKeeper(records)
        let play = try node.play(peer) { try spoil($0, try keeper.response(to: $0)) }
        return (node, peer, play)
    }

    /// Replaces the records of an answer.
    func replacing(
        _ response: SyncResponse,
        _ change: ([[UInt8]]) -> [[UInt8]]
    ) -> Reply {
        guard case .records(let records, let next) = response else { return .response(response) }
        return .response(.records(change(records), next: next))
    }

    @Test func aForgedRecordEndsTheExchangeAndCostsScore() throws {
        let records = try samples.series(50, from: past, every: 1_000)
        let (node, peer, play) = try cheat(records) { _, response in
            replacing(response) { records in
                var records = records
                if records.count > 3 { records[3][records[3].count - 10] ^= 1 }
                return records
            }
        }
        #expect(play.outcome == .misconduct(.invalidRecord))
        #expect(try node.storedIDs().count == 3)
        #expect(node.machine.router.score(of: peer.id) < node.configuration.gossip.thresholds.gossip)
        #expect(play.effects.refusals.map(\.code) == ["badSignature"])
    }

    @Test func recordsOfStrangersOrOtherNetworksAreFaults() throws {
        var others = samples
        others.network = NetworkID(named: "another")
        let foreign = try others.record(session: 1, at: past).bytes
        let records = try samples.series(5, from: past, every: 1_000)
        let network = try cheat(records) { _, response in replacing(response) { [foreign] + $0.dropFirst() } }
        #expect(network.play.outcome == .misconduct(.invalidRecord))
        let member = try RecordSamples.key(1).ethereumAddress
        let membership = try cheat(records, membership: ListedSigners([member])) { _, response in .response(response) }
        #expect(membership.play.outcome == .misconduct(.invalidRecord))
        #expect(try membership.node.storedIDs().isEmpty)
    }

    @Test func recordsThatWereNotAskedForAreFaults() throws {
        let records = try samples.series(5, from: past, every: 1_000)
        let elsewhere = try samples.record(notary: 3, session: 9, at: past + 40 * 3_600_000).bytes
        let outside = try cheat(records) { _, response in replacing(response) { $0 + [elsewhere] } }
        #expect(outside.play.outcome == .misconduct(.malformedFrame))
        #expect(try !outside.node.storedIDs().contains(Notarization(bytes: elsewhere).id))
        let disorder = try cheat(records) { _, response in replacing(response) { $0.reversed() } }
        #expect(disorder.play.outcome == .misconduct(.malformedFrame))
        let repetition = try cheat(records) { _, response in replacing(response) { $0 + $0.suffix(1) } }
        #expect(repetition.play.outcome == .misconduct(.malformedFrame))
    }

    @Test func whoDoesNotHaveWhatItAnnouncedIsFoundOut() throws {
        let records = try samples.series(50, from: past, every: 1_000)
        let fewer = try cheat(records) { _, response in replacing(response) { Array($0.dropLast()) } }
        #expect(fewer.play.outcome == .misconduct(.falseDigest))
        let none = try cheat(records) { _, response in replacing(response) { _ in [] } }
        #expect(none.play.outcome == .misconduct(.falseDigest))
        // Announced with other sums.
        let sums = try cheat(records) { request, response in
            guard case .digests(let spans, let next) = response else { return .response(response) }
            let changed = try spans.map { span in
                let other = MultisetHash(of: span.digest.sumBytes).bytes
                return SyncSpan(index: span.index, digest: try SetDigest(count: span.digest.count, sum: other))
            }
            return .response(.digests(changed, next: next))
        }
        #expect(sums.play.outcome == .misconduct(.falseDigest))
        // What it did have was good, and is kept.
        #expect(try sums.node.storedIDs() == records.map(\.id))
    }

    @Test func idsWithoutRecordsAreFoundOut() throws {
        let records = try samples.series(40, from: past, every: 1_000)
        var (node, peer) = try node(having: Array(records.prefix(30)))
        var keeper = try HonestKeeper(records)
        let play = try node.play(peer) { request in
            if case .selection = request { return .response(.records([], next: nil)) }
            return try keeper.reply(to: request)
        }
        #expect(play.requests.contains { if case .selection = $0 { true } else { false } })
        #expect(play.outcome == .misconduct(.falseDigest))
    }

    @Test(arguments: ["garbage", "empty", "long", "kind", "span", "ahead"])
    func answersThatMakeNoSenseAreFaults(kind: String) throws {
        let records = try samples.series(5, from: past, every: 1_000)
        let (node, peer, play) = try cheat(records) { request, response in
            switch kind {
            case "garbage": return .frame([9, 9, 9])
            case "empty": return .frame([])
            case "long": return .frame(response.wireBytes + [0])
            case "kind": return .response(.identifiers([], next: nil))
            case "span":
                let digest = try SetDigest(count: 1, sum: MultisetHash(of: [1]).bytes)
                return .response(.digests([SyncSpan(index: 1, digest: digest)], next: nil))
            default:
                guard case .digests(let spans, _) = response else { return .response(response) }
                return .response(.digests(spans, next: .max))
            }
        }
        #expect(play.outcome == .misconduct(.malformedFrame))
        #expect(play.requests.count == 1)
        #expect(node.machine.router.score(of: peer.id) < node.configuration.gossip.thresholds.publish)
    }

    @Test func anAnswerWithoutAQuestionIsAFault() throws {
        var (node, _) = try node()
        node.pass(.seconds(5))
        var stream: StreamID?
        for case .openStream(let opened, _, _) in node.takeEffects() { stream = opened }
        let opened = try #require(stream)
        node.bring(.frameReceived(opened, SyncResponse.records([], next: nil).wireBytes))
        #expect(node.takeEffects().misconduct == [.malformedFrame])
    }

    @Test func whoDoesNotAnswerCostsTimeAndScore() throws {
        let records = try samples.series(5, from: past, every: 1_000)
        let (node, peer, play) = try cheat(records) { _, _ in .silence }
        #expect(play.outcome == .misconduct(.stalled))
        #expect(node.machine.router.score(of: peer.id) < 0)
        // Once is not the end.
        #expect(play.effects.departures.isEmpty)
        #expect(node.machine.router.score(of: peer.id) > node.configuration.gossip.thresholds.gossip)
    }

    @Test func afterAFailureAnotherPeerIsAsked() throws {
        let records = try samples.series(50, from: past, every: 1_000)
        var node = try SoloNode()
        let peers = try (1...2).map(FakePeer.init)
        for peer in peers { try node.connect(peer, syncs: true) }
        var keeper = try HonestKeeper(records)
        // Both are asked at once; whichever is first here says nothing.
        let silent = try node.play(peers[0]) { _ in .silence }
        #expect(silent.outcome == .misconduct(.stalled) || silent.outcome == nil)
        let honest = try node.play(peers[1]) { try keeper.reply(to: $0) }
        #expect(honest.outcome == .complete || honest.outcome == .misconduct(.stalled))
        if honest.outcome != .complete { _ = try node.play(peers[1]) { try keeper.reply(to: $0) } }
        #expect(try node.storedIDs() == records.map(\.id))
    }

    @Test func whoIsBusyIsAskedLater() throws {
        let records = try samples.series(20, from: past, every: 1_000)
        var (node, peer) = try node()
        var keeper = try HonestKeeper(records)
        let busy = try node.play(peer) { _ in .response(.refused(.busy, retryMilliseconds: 5_000)) }
        #expect(busy.outcome == .postponed)
        let begun = node.now
        let play = try node.play(peer) { try keeper.reply(to: $0) }
        #expect(play.outcome == .complete)
        #expect(node.now.monotonic.nanoseconds(since: begun.monotonic) >= 4_000_000_000)
        #expect(node.machine.router.score(of: peer.id) >= 0)
    }

    /// A peer that answers each question with something of the right form, at random, for as long as it is asked.
    @Test(arguments: 0..<60)
    func whateverIsAnsweredTheExchangeEnds(seed: UInt64) throws {
        var random = BlockPRG(seed: Block(seed, 41))
        let records = try samples.series(30, from: past, every: 700_000)
        var (node, peer) = try node { $0.sync.exchangeRequestCountMax = 500 }
        var keeper = try HonestKeeper(records)
        for _ in 0..<3 {
            let play = try node.play(peer) { request in
                let honest = try keeper.response(to: request)
                guard Int.random(in: 0..<3, using: &random) > 0 else { return .response(honest) }
                return .response(try Self.lie(request, honest, &random))
            }
            #expect(play.requests.count <= 500)
            guard play.outcome == .complete else { continue }
        }
        // Whatever was said, only what was signed is stored, and the digests are true.
        #expect(Set(try node.storedIDs()).isSubset(of: records.map(\.id)))
        #expect(try node.digestsAreTrue())
        #expect(node.check().isSound)
    }

    /// Ids cost whoever adds them up more than whoever invents them.
    @Test func aListWithoutEndIsLeft() throws {
        let minute = past / 60_000 * 60_000
        var (node, peer) = try node(having: [try samples.record(notary: 3, session: 1, at: minute)]) {
            $0.sync.exchangeIdentifierCountMax = 5_000
        }
        var random = BlockPRG(seed: Block(4, 4))
        var listed: UInt64 = 0
        let play = try node.play(peer) { request in
            switch request {
            case .digests(let level, _, _):
                // Each time another one.
                let sum = MultisetHash(of: random.bytes(32)).bytes
                let span = SyncSpan(index: level.index(of: minute), digest: try SetDigest(count: 4, sum: sum))
                return .response(.digests([span], next: nil))
            case .identifiers(let from, _):
                let positions = (0..<1_000 as Range<UInt64>).map { number in
                    let id = [UInt8](repeating: 0, count: 24) + (listed + number + 1).bigEndianBytes
                    return SyncPosition(time: from.time, id: AttestationID(Bytes32(id) ?? .zero))
                }
                listed += 1_000
                let end = [UInt8](repeating: 0, count: 24) + (listed + 1).bigEndianBytes
                let next = SyncPosition(time: from.time, id: AttestationID(Bytes32(end) ?? .zero))
                return .response(.identifiers(positions, next: next))
            default: return .response(.records([], next: nil))
            }
        }
        #expect(play.outcome == .postponed)
        #expect(listed == 5_000)
        // The next exchange begins when it is time for one, not at once.
        node.pass(.seconds(30))
        #expect(!node.takeEffects().contains { if case .openStream = $0 { true } else { false } })
    }

    static func lie(
        _ request: SyncRequest,
        _ honest: SyncResponse,
        _ random: inout BlockPRG
    ) throws -> SyncResponse {
        switch (request, honest) {
        case (.digests(_, let first, let count), _):
            var spans: [SyncSpan] = []
            var index = first
            while index < first + UInt64(count), spans.count < 40 {
                let sum = MultisetHash(of: random.bytes(32)).bytes
                let digest = try SetDigest(count: UInt64.random(in: 1...50, using: &random), sum: sum)
                spans.append(SyncSpan(index: index, digest: digest))
                index += UInt64.random(in: 1...20, using: &random)
            }
            return .digests(spans, next: Bool.random(using: &random) ? spans.last.map { $0.index + 1 } : nil)
        case (.identifiers(let from, let before), _):
            var positions: [SyncPosition] = []
            for step in 1...8 as ClosedRange<UInt64> where from.time + step * 900 < before {
                let id = AttestationID(Bytes32(random.bytes(32)) ?? .zero)
                positions.append(SyncPosition(time: from.time + step * 900, id: id))
            }
            let last = positions.last.map { SyncPosition(time: $0.time + 1) }
            return .identifiers(positions, next: Bool.random(using: &random) ? last : nil)
        case (_, .records(let records, _)):
            let kept = Int.random(in: 0...records.count, using: &random)
            return .records(Array(records.suffix(kept)), next: nil)
        default: return honest
        }
    }
}

extension UInt64 {
    fileprivate var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}
