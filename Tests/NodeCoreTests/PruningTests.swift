import Attestations
import Gossip
import KeyValueStorage
import NodeCore
import PeerProtocols
import RecordSamples
import Records
import Testing

/// What goes, what stays, and that it does not come back.
@Suite struct PruningTests {
    let samples = RecordSamples()
    let start = SoloNode.start.unixMilliseconds
    let day: UInt64 = 86_400_000

    func node(
        _ records: [Notarization],
        disk: MemoryDisk = MemoryDisk(),
        _ change: (inout NodeConfiguration) -> Void = { _ in }
    ) throws -> SoloNode {
        try disk.fill(records)
        return try SoloNode(disk: disk) {
            $0.retention.recordAgeMax = .seconds(10 * 86_400)
            $0.retention.stepRecordCountMax = 40
            change(&$0)
        }
    }

    /// Lets time pass until something was removed.
    private func passToPruning(of node: inout SoloNode) throws {
        let count = try node.storedIDs().count
        for _ in 0..<150 where try node.storedIDs().count == count { node.pass(.milliseconds(100)) }
    }

    @Test func whatIsOldGoesInSteps() throws {
        let old = try samples.series(100, from: start - 12 * day, every: 1_000)
        let young = try samples.series(30, from: start - 2 * day, every: 1_000, notary: 6)
        var node = try node(old + young)
        try passToPruning(of: &node)
        #expect(try node.storedIDs().count == 90)
        node.pass(.milliseconds(500))
        #expect(try node.storedIDs().count == 50)
        node.pass(.seconds(2))
        #expect(try node.storedIDs() == young.map(\.id))
        #expect(node.machine.statistics.recordsPruned == 100)
        #expect(node.check().isSound)
        #expect(try node.digestsAreTrue())
        // All indexes are gone with them.
        let counts = Dictionary(uniqueKeysWithValues: node.check().counts.map { ($0.keyspace, $0.recordCount) })
        for name in ["notarizations", "notarizations-by-notary", "notarizations-by-server", "sessions"] {
            #expect(counts[name] == 30)
        }
    }

    /// While there is more to remove than a step may, steps follow each other fast, and then slowly again.
    @Test func pruningKeepsUp() throws {
        let old = try samples.series(400, from: start - 12 * day, every: 1_000)
        var node = try node(old)
        try passToPruning(of: &node)
        #expect(try node.storedIDs().count == 360)
        // Forty every half second.
        node.pass(.milliseconds(4_500))
        #expect(try node.storedIDs().isEmpty)
        #expect(node.machine.statistics.recordsPruned == 400)
        let wakes = node.machine.nextWake.nanoseconds(since: node.now.monotonic)
        #expect(wakes > 0)
        #expect(try node.digestsAreTrue())
    }

    /// A node whose store failed while there was more to prune is not woken for that again and again.
    @Test func aFailedStoreIsNotPruned() throws {
        let old = try samples.series(400, from: start - 12 * day, every: 1_000)
        var node = try node(old)
        try passToPruning(of: &node)
        node.commitsAtOnce = false
        node.pass(.milliseconds(600))
        #expect(!node.held.isEmpty)
        node.failHeld()
        #expect(node.machine.storeFailure != nil)
        node.pass(.seconds(3))
        node.bring(.timeReached)
        #expect(node.machine.nextWake > node.now.monotonic)
    }

    @Test func whatIsTooMuchGoesOldestFirst() throws {
        let records = try samples.series(200, from: start - 5 * day, every: 60_000)
        let byteCount = try NotarizationEntries(
            StoredNotarization(windowEnd: 0, record: records[0].unverified),
            id: records[0].id
        ).byteCount
        var node = try node(records) {
            $0.retention.recordByteCountMax = UInt64(byteCount * 50)
            $0.retention.storeByteCountMax = UInt64(byteCount * 300)
        }
        node.pass(.seconds(60))
        let left = try node.storedIDs()
        #expect((48...50).contains(left.count))
        #expect(left == records.suffix(left.count).map(\.id))
        #expect(try node.digestsAreTrue())
        // Whoever brings one of them again is not at fault, but it is not taken.
        var peer = try FakePeer(1)
        try node.connect(peer, syncs: true)
        var keeper = try HonestKeeper(records)
        let play = try node.play(peer) { try keeper.reply(to: $0) }
        #expect(play.outcome == .complete)
        #expect(try node.storedIDs() == left)
        #expect(node.machine.router.score(of: peer.id) >= 0)
        try node.gossip(records[0].bytes, from: &peer)
    }

    @Test func whatMayBeQuestionedStays() throws {
        // Within their window of a day.
        let open = try samples.series(50, from: start - day / 2, every: 1_000)
        var node = try node(open) {
            $0.retention.recordByteCountMax = 1_000
            $0.retention.storeByteCountMax = 100_000
        }
        node.pass(.seconds(120))
        #expect(try node.storedIDs().count == 50)
    }

    @Test func theLimitOutlivesARestart() throws {
        let disk = MemoryDisk()
        let records = try samples.series(40, from: start - 5 * day, every: 60_000)
        var node = try node(records, disk: disk) {
            $0.retention.recordByteCountMax = 1
            $0.retention.storeByteCountMax = 1 << 20
        }
        node.pass(.seconds(30))
        #expect(try node.storedIDs().isEmpty)
        let floor = node.machine.status(now: node.now).recordFloor
        #expect(floor == records[39].header.endTime + 1)
        // Pruning is not synced; here nothing is lost, because a later commit was.
        node.bring(
            .signatureRequested(
                SigningRequestID(number: 1),
                SigningIntent(kind: .sessionTranscript, subject: .zero, digest: .zero)
            )
        )
        disk.killProcess()
        let restarted = try SoloNode(disk: disk, seed: 2)
        #expect(restarted.machine.status(now: restarted.now).recordFloor == floor)
    }

    /// A clock that is wrong for a time costs what it made too old, but not for ever.
    @Test func whatWasOnlyTooOldMayComeAgain() throws {
        let disk = MemoryDisk()
        let records = try samples.series(30, from: start - 5 * day, every: 60_000)
        try disk.fill(records)
        var ahead = try SoloNode(disk: disk, now: SoloNode.start.advanced(by: .seconds(20 * 86_400))) {
            $0.retention.recordAgeMax = .seconds(10 * 86_400)
        }
        ahead.pass(.seconds(60))
        #expect(try ahead.storedIDs().isEmpty)
        disk.killProcess()
        var right = try SoloNode(disk: disk, seed: 2) { $0.retention.recordAgeMax = .seconds(10 * 86_400) }
        #expect(try right.storedIDs().isEmpty)
        #expect(right.machine.status(now: right.now).recordFloor == start - 10 * day)
        let peer = try FakePeer(1)
        try right.connect(peer, syncs: true)
        var keeper = try HonestKeeper(records)
        #expect(try right.play(peer) { try keeper.reply(to: $0) }.outcome == .complete)
        #expect(try right.storedIDs() == records.map(\.id))
    }

    @Test func bothAttestationsOfASessionGo() throws {
        let disk = MemoryDisk()
        var node = try SoloNode(disk: disk) { $0.retention.recordAgeMax = .seconds(10 * 86_400) }
        var peer = try FakePeer(1)
        try node.connect(peer)
        for variant in 0..<2 {
            try node.gossip(try samples.record(session: 1, at: start, variant: variant).bytes, from: &peer)
        }
        try node.gossip(try samples.record(session: 2, at: start).bytes, from: &peer)
        #expect(try node.storedIDs().count == 3)
        disk.killProcess()
        var later = try SoloNode(disk: disk, seed: 2, now: SoloNode.start.advanced(by: .seconds(11 * 86_400))) {
            $0.retention.recordAgeMax = .seconds(10 * 86_400)
        }
        later.pass(.seconds(30))
        #expect(try later.storedIDs().isEmpty)
        let counts = Dictionary(uniqueKeysWithValues: later.check().counts.map { ($0.keyspace, $0.recordCount) })
        #expect(counts["sessions"] == 0)
        #expect(counts["double-signings"] == 0)
        #expect(try later.digestsAreTrue())
    }

    @Test func ownSignaturesAreRememberedLonger() throws {
        let disk = MemoryDisk()
        let age = Duration.seconds(100 * 86_400)
        var node = try SoloNode(disk: disk) { $0.retention.signatureAgeMax = age }
        let intent = SigningIntent(kind: .sessionTranscript, subject: .zero, digest: .zero)
        let other = SigningIntent(kind: .sessionTranscript, subject: .zero, digest: RecordSamples.bytes32("other"))
        node.bring(.signatureRequested(SigningRequestID(number: 1), intent))
        disk.killProcess()
        for (days, isRemembered) in [(99, true), (101, false)] as [(Int64, Bool)] {
            var later = try SoloNode(
                disk: disk,
                seed: 2,
                now: SoloNode.start.advanced(by: .seconds(days * 86_400))
            ) { $0.retention.signatureAgeMax = age }
            later.pass(.seconds(30))
            _ = later.takeEffects()
            if isRemembered {
                later.bring(.signatureRequested(SigningRequestID(number: 2), other))
                #expect(later.takeEffects().answers.map(\.answer) == [.refused(.conflict(intent.digest))])
            } else {
                #expect(
                    later.check().counts.filter { $0.keyspace.hasPrefix("own-") }.allSatisfy { $0.recordCount == 0 }
                )
            }
            disk.killProcess()
        }
    }

    @Test func aCrashInTheMiddleDoesNotSpoilDigests() throws {
        let disk = MemoryDisk()
        let records = try samples.series(100, from: start - 12 * day, every: 1_000)
        var node = try node(records, disk: disk)
        node.commitsAtOnce = false
        node.pass(.seconds(25))
        // The second step waits for the first.
        #expect(node.held.count == 1 || node.held.count == 2)
        try node.writeHeld()
        disk.killProcess()
        var restarted = try SoloNode(disk: disk, seed: 2) { $0.retention.recordAgeMax = .seconds(10 * 86_400) }
        #expect(try restarted.digestsAreTrue())
        restarted.pass(.seconds(60))
        #expect(try restarted.storedIDs().isEmpty)
        #expect(restarted.machine.status(now: restarted.now).recordCount == 0)
        #expect(restarted.machine.status(now: restarted.now).recordByteCount == 0)
    }
}
