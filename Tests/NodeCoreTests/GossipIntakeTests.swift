import Attestations
import CryptoCore
import Gossip
import KeyValueStorage
import NodeCore
import PeerProtocols
import RecordSamples
import Records
import Testing

/// What happens to records that peers bring, and to the peers.
@Suite struct GossipIntakeTests {
    let samples = RecordSamples()
    let time = SoloNode.start.unixMilliseconds

    /// A node whose mesh has some peers.
    func meshed(
        _ count: Int = 4,
        _ change: (inout NodeConfiguration) -> Void = { _ in }
    ) throws -> (node: SoloNode, peers: [FakePeer]) {
        var node = try SoloNode(change)
        let peers = try (0..<count).map(FakePeer.init)
        for peer in peers { try node.connect(peer) }
        node.graft(peers)
        _ = node.takeEffects()
        return (node, peers)
    }

    @Test func aGoodRecordIsStoredThenPassedOn() throws {
        var (node, peers) = try meshed()
        node.commitsAtOnce = false
        let record = try samples.record(session: 1, at: time)
        try node.gossip(record.bytes, from: &peers[0])
        let before = node.takeEffects()
        #expect(node.held.count == 1)
        #expect(node.held.allSatisfy { $0.sync })
        for peer in peers { #expect(before.messages(to: peer.id).isEmpty) }

        try node.commitHeld()
        let after = node.takeEffects()
        #expect(after.messages(to: peers[0].id).isEmpty)
        for peer in peers.dropFirst() {
            #expect(after.messages(to: peer.id).map { Array($0.data) } == [record.bytes])
        }
        #expect(try node.storedIDs() == [record.id])
        #expect(node.machine.router.statistics.accepted == 1)
        #expect(node.check().isSound)
    }

    @Test func afterAFailedCommitNothingIsPassedOn() throws {
        var (node, peers) = try meshed()
        node.commitsAtOnce = false
        try node.gossip(try samples.record(session: 1, at: time).bytes, from: &peers[0])
        node.failHeld()
        try node.gossip(try samples.record(session: 2, at: time).bytes, from: &peers[1])
        let effects = node.takeEffects()
        for peer in peers { #expect(effects.messages(to: peer.id).isEmpty) }
        #expect(node.held.isEmpty)
        #expect(effects.refusals.map(\.code) == ["storeUnavailable"])
        #expect(node.machine.router.statistics.ignored == 2)
        #expect(peers.allSatisfy { node.machine.router.score(of: $0.id) >= 0 })
        #expect(node.machine.storeFailure == .diskFull(path: "test"))
    }

    /// Each kind of bad record is not passed on and costs the score that four of make a stranger.
    @Test(arguments: ["garbage", "oversize", "bit", "network", "member", "future", "stale"])
    func aBadRecordIsNotPassedOnAndCostsScore(kind: String) throws {
        let member = try RecordSamples.key(0).ethereumAddress
        var (node, peers) = try meshed { $0.membership = ListedSigners([member]) }
        let good = try samples.record(session: 1, at: time).bytes
        var others = samples
        others.network = NetworkID(named: "another")
        let bytes: [UInt8] =
            switch kind {
            case "garbage": Array("not a record".utf8)
            case "oversize": good + [UInt8](repeating: 0, count: 4_096)
            case "bit": good.dropLast(10) + [good[good.count - 10] ^ 1] + good.suffix(9)
            case "network": try others.record(session: 1, at: time).bytes
            case "member": try samples.record(notary: 5, session: 1, at: time).bytes
            case "future": try samples.record(session: 1, at: time + 3_600_000).bytes
            default: try samples.record(session: 1, at: time - 3_600_000).bytes
            }
        try node.gossip(bytes, from: &peers[0])
        let effects = node.takeEffects()
        for peer in peers { #expect(effects.messages(to: peer.id).isEmpty) }
        #expect(effects.commitCount == 0)
        #expect(node.machine.router.statistics.rejected == 1)
        #expect(node.machine.router.score(of: peers[0].id) < 0)
        #expect(peers.dropFirst().allSatisfy { node.machine.router.score(of: $0.id) >= 0 })
        #expect(try node.storedIDs().isEmpty)
        // The same once more, as another message: four are enough to be rid of the peer. What is too early for now is
        // not held against those who bring it later, so others of its kind.
        for session in 2..<5 {
            let other = kind == "future" ? try samples.record(session: session, at: time + 3_600_000).bytes : bytes
            try node.gossip(other, from: &peers[0])
        }
        node.pass(.seconds(2))
        #expect(node.takeEffects().departures.map(\.peer) == [peers[0].id])
    }

    @Test(arguments: [-700_000, 90_000] as [Int64])
    func aSkewedClockCostsNothing(difference: Int64) throws {
        var (node, peers) = try meshed()
        let record = try samples.record(session: 1, at: UInt64(Int64(time) + difference))
        try node.gossip(record.bytes, from: &peers[0])
        let effects = node.takeEffects()
        #expect(effects.refusals.count == 1)
        #expect(peers.allSatisfy { effects.messages(to: $0.id).isEmpty })
        #expect(node.machine.router.statistics.ignored == 1)
        #expect(node.machine.router.score(of: peers[0].id) == 0)
    }

    @Test func whatIsHereIsIgnored() throws {
        var (node, peers) = try meshed()
        let record = try samples.record(session: 1, at: time)
        try node.gossip(record.bytes, from: &peers[0])
        _ = node.takeEffects()
        // Published by another author: the same content. Later, when gossip has forgotten it, it is still stored.
        try node.gossip(record.bytes, from: &peers[1])
        #expect(node.machine.router.statistics.duplicates == 1)
        #expect(node.takeEffects().refusals.isEmpty)
        node.pass(.seconds(130))
        _ = node.takeEffects()
        try node.gossip(record.bytes, from: &peers[1])
        let effects = node.takeEffects()
        #expect(effects.refusals == [.duplicate])
        #expect(effects.commitCount == 0)
        #expect(node.machine.router.score(of: peers[1].id) >= 0)
        #expect(try node.storedIDs() == [record.id])
    }

    @Test func whatIsOnItsWayIsIgnored() throws {
        var (node, peers) = try meshed()
        node.commitsAtOnce = false
        let record = try samples.record(session: 1, at: time)
        try node.gossip(record.bytes, from: &peers[0])
        try node.gossip(record.bytes, from: &peers[1])
        #expect(node.machine.router.statistics.duplicates == 1)
        try node.commitHeld()
        #expect(try node.storedIDs() == [record.id])
        #expect(node.machine.status(now: node.now).recordCount == 1)
    }

    @Test func anotherSignatureOfTheSameAttestationIsIgnored() throws {
        var (node, peers) = try meshed()
        let record = try samples.record(session: 1, at: time)
        // The notary can sign with another nonce; here the test has to make such a signature by hand.
        let other = try Self.resigned(record)
        #expect(other.id == record.id)
        #expect(other.bytes != record.bytes)
        try node.gossip(record.bytes, from: &peers[0])
        try node.gossip(other.bytes, from: &peers[1])
        #expect(node.takeEffects().refusals == [.duplicate])
        #expect(try node.storedIDs() == [record.id])
    }

    @Test func twoAttestationsForASessionAreKeptAndNoMore() throws {
        var (node, peers) = try meshed()
        let records = try (0..<3).map { try samples.record(session: 1, at: time + UInt64($0), variant: $0) }
        for record in records { try node.gossip(record.bytes, from: &peers[0]) }
        let effects = node.takeEffects()
        #expect(effects.refusals == [.doubleSigned])
        #expect(try node.storedIDs() == [records[0].id, records[1].id])
        let found = effects.notices.compactMap { notice -> [AttestationID]? in
            if case .doubleSigned(_, _, let first, let second) = notice { [first, second] } else { nil }
        }
        #expect(found == [[records[0].id, records[1].id]])
        let details = try node.machine.archive.show(records[1].id, now: time)
        #expect(details?.contradiction == records[0].id)
        #expect(try node.machine.archive.show(records[0].id, now: time)?.contradiction == records[1].id)
        #expect(effects.messages(to: peers[1].id).count == 2)
    }

    @Test func contradictionsAreFoundBeforeTheFirstIsSafe() throws {
        var (node, peers) = try meshed()
        node.commitsAtOnce = false
        for variant in 0..<3 {
            try node.gossip(try samples.record(session: 1, at: time, variant: variant).bytes, from: &peers[0])
        }
        #expect(node.takeEffects().refusals == [.doubleSigned])
        try node.commitHeld()
        #expect(try node.storedIDs().count == 2)
        #expect(node.machine.statistics.doubleSignings == 1)
    }

    @Test func oneCommitServesAllThatArrivesMeanwhile() throws {
        var (node, peers) = try meshed()
        node.commitsAtOnce = false
        for session in 0..<200 {
            try node.gossip(try samples.record(session: session, at: time).bytes, from: &peers[session % 4])
        }
        #expect(node.held.count == 1)
        try node.commitHeld()
        let effects = node.takeEffects()
        #expect(effects.commitCount == 2)
        #expect(node.machine.router.statistics.accepted == 200)
        #expect(try node.storedIDs().count == 200)
        #expect(node.check().isSound)
    }

    @Test func largeBatchesAreDivided() throws {
        var (node, peers) = try meshed { $0.commits.batchByteCountMax = 8_192 }
        node.commitsAtOnce = false
        for session in 0..<100 {
            try node.gossip(try samples.record(session: session, at: time).bytes, from: &peers[0])
        }
        var largest = 0
        while let next = node.held.first {
            largest = max(largest, next.batch.byteCount)
            try node.commitHeld()
        }
        #expect(largest < 12_000)
        #expect(node.takeEffects().commitCount > 8)
        #expect(try node.storedIDs().count == 100)
        #expect(try node.digestsAreTrue())
    }

    @Test func tooManyThatWaitAreIgnored() throws {
        var (node, peers) = try meshed { $0.commits.waitingRecordCountMax = 10 }
        node.commitsAtOnce = false
        for session in 0..<15 {
            try node.gossip(try samples.record(session: session, at: time).bytes, from: &peers[0])
        }
        let effects = node.takeEffects()
        #expect(effects.refusals.map(\.code) == [String](repeating: "busy", count: 5))
        #expect(node.machine.router.score(of: peers[0].id) == 0)
        try node.commitHeld()
        #expect(try node.storedIDs().count == 10)
        try node.gossip(try samples.record(session: 99, at: time).bytes, from: &peers[0])
        try node.commitHeld()
        #expect(try node.storedIDs().count == 11)
    }

    @Test func aSignerMayNotFloodTheNetwork() throws {
        var (node, peers) = try meshed {
            $0.validation.signerBurst = 5
            $0.validation.signerRecordsPerSecond = 1
        }
        for session in 0..<20 {
            try node.gossip(try samples.record(session: session, at: time).bytes, from: &peers[0])
        }
        try node.gossip(try samples.record(notary: 2, session: 1, at: time).bytes, from: &peers[0])
        #expect(try node.storedIDs().count == 6)
        #expect(node.machine.statistics.refusals == ["tooMany": 15])
        #expect(node.machine.router.score(of: peers[0].id) > 0)
    }

    @Test func aMinuteHoldsSoManyRecordsOfASigner() throws {
        var (node, peers) = try meshed { $0.validation.signerRecordsPerMinuteOfTime = 3 }
        for session in 0..<5 {
            try node.gossip(try samples.record(session: session, at: time).bytes, from: &peers[0])
        }
        try node.gossip(try samples.record(session: 9, at: time - 60_000).bytes, from: &peers[0])
        #expect(try node.storedIDs().count == 4)
        #expect(node.machine.statistics.refusals == ["tooMany": 2])
    }

    /// The same record in other messages, by whoever and under whatever number, is one record: nobody is charged for it.
    @Test func aRecordInManyMessagesIsLookedAtOnce() throws {
        var (node, peers) = try meshed()
        let record = try samples.record(session: 1, at: time)
        for _ in 0..<300 { try node.gossip(record.bytes, from: &peers[0]) }
        for _ in 0..<300 { try node.gossip(record.bytes, from: &peers[1]) }
        #expect(node.takeEffects().misconduct.isEmpty)
        #expect(node.machine.router.statistics.duplicates == 599)
        #expect(node.machine.router.statistics.accepted == 1 && node.machine.statistics.refusals.isEmpty)
        #expect(node.machine.router.score(of: peers[0].id) > 0 && node.machine.router.score(of: peers[1].id) >= 0)
        #expect(try node.storedIDs().count == 1)
    }

    /// One number for a bad and a good record does not have those blamed who pass on the good one.
    @Test func anAuthorCannotHavePeersBlamedForItsOwnLies() throws {
        var (node, peers) = try meshed()
        let author = try FakePeer(9)
        let topic = node.machine.topic
        for session in 0..<8 {
            let good = try samples.record(session: session, at: time).bytes
            for (data, bringer) in [([9, 9, 9, UInt8(session)], peers[0].id), (good, peers[1].id)] {
                let message = try #require(
                    MessageSigning.sign(data, topic: topic, sequenceNumber: UInt64(session), author: author.identity)
                )
                node.bring(.gossipReceived(GossipRPC(messages: [message]), from: bringer))
            }
        }
        #expect(node.machine.router.isGraylisted(peers[0].id))
        #expect(node.machine.router.score(of: peers[1].id) > 0)
        #expect(try node.storedIDs().count == 8)
    }

    /// Third attestations of a session are of no use; those who pass them on are not at fault, and are not heard for ever.
    @Test func contradictionsBeyondTheSecondCostNobodyAndAreBounded() throws {
        var (node, peers) = try meshed { $0.gossip.ignorableCountMax = 10 }
        for variant in 0..<40 {
            try node.gossip(try samples.record(session: 1, at: time, variant: variant).bytes, from: &peers[0])
        }
        #expect(try node.storedIDs().count == 2)
        #expect(node.machine.statistics.refusals == ["doubleSigned": 10])
        #expect(node.machine.router.statistics.messagesDropped == 28)
        #expect(node.machine.router.score(of: peers[0].id) >= 0)
        // Others are heard, and it is again with the next heartbeat.
        try node.gossip(try samples.record(session: 2, at: time).bytes, from: &peers[1])
        node.pass(.seconds(2))
        try node.gossip(try samples.record(session: 3, at: time).bytes, from: &peers[0])
        #expect(try node.storedIDs().count == 4)
    }

    @Test func recordsOfLaterVersionsAreIgnoredButNotWithoutEnd() throws {
        var (node, peers) = try meshed { $0.gossip.ignorableCountMax = 10 }
        var bytes = try samples.record(session: 1, at: time).bytes
        bytes[1] = 2
        for number in 0..<15 {
            bytes[40] = UInt8(number)
            try node.gossip(bytes, from: &peers[0])
        }
        #expect(node.machine.router.statistics.ignored == 10)
        #expect(node.machine.router.statistics.messagesDropped == 5)
        #expect(node.machine.router.score(of: peers[0].id) == 0)
    }

    /// A time for which records are only ignored is no way to bring forgeries for nothing.
    @Test func aForgeryIsRejectedWhateverItsTime() throws {
        var (node, peers) = try meshed()
        for difference in [-650_000, 100_000] as [Int64] {
            let record = try samples.record(session: 1, at: UInt64(Int64(time) + difference))
            var bytes = record.bytes
            bytes[bytes.count - 20] ^= 1
            try node.gossip(bytes, from: &peers[0])
        }
        #expect(node.takeEffects().refusals == [.badSignature, .badSignature])
        #expect(node.machine.router.statistics.rejected == 2)
    }

    @Test func aFullStoreTakesNothingIn() throws {
        var (node, peers) = try meshed {
            $0.retention.recordByteCountMax = 2_000
            $0.retention.storeByteCountMax = 3_000
        }
        for session in 0..<6 {
            try node.gossip(try samples.record(session: session, at: time).bytes, from: &peers[0])
        }
        #expect(try node.storedIDs().count < 6)
        #expect(Set(node.takeEffects().refusals.map(\.code)) == ["storeFull"])
    }

    /// The same attestation, signed with another nonce than RFC 6979's.
    static func resigned(_ record: Notarization) throws -> Notarization {
        let signature = try OtherNonce.sign(digest: record.id.value.bytes, key: RecordSamples.key(0))
        return Notarization(
            try Attestation(header: record.header, contextText: nil, signature: signature)
        )
    }
}
