import Attestations
import CryptoCore
import Gossip
import KeyValueStorage
import NodeCore
import PeerProtocols
import RecordSamples
import Records
import Synchronization
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
        let statistics = node.machine.router.statistics
        #expect((statistics.rejected, statistics.oversizeMessages) == (kind == "oversize" ? (0, 1) : (1, 0)))
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
        #expect(node.machine.router.statistics.messagesDismissed == 1)
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
        var (node, peers) = try meshed { $0.gossip.dismissedCountMax = 10 }
        for variant in 0..<40 {
            try node.gossip(try samples.record(session: 1, at: time, variant: variant).bytes, from: &peers[0])
        }
        #expect(try node.storedIDs().count == 2)
        #expect(node.machine.statistics.refusals == ["doubleSigned": 10])
        #expect(node.machine.router.statistics.messagesDismissed == 10)
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

    /// What would be of no use whoever signed it is dismissed before signatures are checked: it costs nobody anything, and
    /// does not stand in the way of the same record when it is of use.
    @Test func aForgeryOfNoUseIsNotEvenChecked() throws {
        var (node, peers) = try meshed()
        let early = try samples.record(session: 2, at: time + 100_000)
        for record in [try samples.record(session: 1, at: time - 650_000), early] {
            var bytes = record.bytes
            bytes[bytes.count - 20] ^= 1
            try node.gossip(bytes, from: &peers[0])
        }
        #expect(node.takeEffects().refusals.map(\.code) == ["late", "early"])
        #expect(node.machine.router.statistics.messagesDismissed == 2)
        #expect(node.machine.router.statistics.rejected == 0)
        // Signed or not: it is early, and later it is not.
        try node.gossip(early.bytes, from: &peers[1])
        #expect(node.takeEffects().refusals.map(\.code) == ["early"])
        node.pass(.seconds(50))
        try node.gossip(early.bytes, from: &peers[1])
        #expect(try node.storedIDs() == [early.id])
        var bytes = try samples.record(session: 3, at: time).bytes
        bytes[bytes.count - 20] ^= 1
        try node.gossip(bytes, from: &peers[2])
        #expect(node.takeEffects().refusals == [.badSignature])
        #expect(node.machine.router.score(of: peers[2].id) < -90)
    }

    /// Whoever has a peer pass on what is good there and of no use here, as much of it as he likes, does not have this node
    /// deaf to that peer.
    @Test func aPeerThatWasMadeToBringUselessRecordsIsHeard() throws {
        var (node, peers) = try meshed()
        for session in 0..<300 {
            try node.gossip(
                try samples.record(notary: 5, session: session, at: time - 601_000).bytes,
                from: &peers[0]
            )
        }
        // As many of a signer as it may make, by another way, and then further ones by this peer.
        for session in 300..<860 {
            let bringer = session < 556 ? 1 : 0
            try node.gossip(try samples.record(notary: 6, session: session, at: time).bytes, from: &peers[bringer])
        }
        let refusals = node.takeEffects().refusals
        #expect(refusals.count { $0.code == "late" } == 300)
        #expect(refusals.count { $0.code == "tooMany" } == 304)
        let good = try samples.record(notary: 4, session: 1_000, at: time)
        try node.gossip(good.bytes, from: &peers[0])
        #expect(try node.storedIDs().contains(good.id))
        #expect(node.machine.router.score(of: peers[0].id) > 0)
        #expect(node.machine.router.statistics.messagesDropped == 0)
    }

    /// What is found of the first messages of an RPC counts before the others are looked at.
    @Test func oneRPCDoesNotBuyAThousandSignatureChecks() throws {
        let checks = Counter()
        var (node, peers) = try meshed {
            $0.gossip.hasGoodSignature = { message in
                checks.increase()
                return (try? MessageSigning.verify(message)) != nil
            }
        }
        let topic = node.machine.topic
        let messages = try (0..<200).map { try peers[0].message([9, 9, UInt8($0)], topic: topic) }
        node.bring(.gossipReceived(GossipRPC(messages: messages), from: peers[0].id))
        #expect(checks.value == 4)
        #expect(node.machine.router.isGraylisted(peers[0].id))
    }

    /// A small record in a large envelope would be passed on by everybody.
    @Test func recordsInLargeEnvelopesAreTheirBringersFault() throws {
        var (node, peers) = try meshed()
        let record = try samples.record(session: 1, at: time)
        let plain = try peers[0].message(record.bytes, topic: node.machine.topic)
        for byteCount in [130, 600] {
            // Field 15, which nobody knows, and which the signature covers.
            var unsigned = GossipMessage(
                topic: node.machine.topic,
                data: record.bytes,
                source: peers[0].id,
                sequenceNumber: UInt64(byteCount)
            ).encoded
            unsigned += [0x7a, UInt8(byteCount & 0x7f | 0x80), UInt8(byteCount >> 7)]
            unsigned += [UInt8](repeating: 7, count: byteCount)
            let padded = try GossipMessage(encoded: unsigned)
            node.bring(.gossipReceived(GossipRPC(messages: [padded]), from: peers[1].id))
        }
        // The small one has no signature, the large one is not looked at.
        #expect(node.machine.router.statistics.badSignatures == 1)
        #expect(node.machine.router.statistics.oversizeMessages == 1)
        #expect(node.machine.router.score(of: peers[1].id) < -350)
        node.bring(.gossipReceived(GossipRPC(messages: [plain]), from: peers[0].id))
        #expect(try node.storedIDs() == [record.id])
        let large = try peers[2].message([UInt8](repeating: 1, count: 5_000), topic: node.machine.topic)
        node.bring(.gossipReceived(GossipRPC(messages: [large]), from: peers[2].id))
        #expect(node.machine.router.statistics.oversizeMessages == 2)
    }

    /// Copies of what is of no use are not looked at again, nor asked for when somebody advertises them.
    @Test func whatWasDismissedIsNotLookedAtAgain() throws {
        var (node, peers) = try meshed()
        let late = try samples.record(session: 1, at: time - 650_000)
        let topic = node.machine.topic
        let messages = try (0..<200).map { _ in try peers[0].message(late.bytes, topic: topic) }
        node.bring(.gossipReceived(GossipRPC(messages: messages), from: peers[0].id))
        #expect(node.machine.router.statistics.messagesDismissed == 200)
        #expect(node.takeEffects().refusals.map(\.code) == ["late"])
        let id = try #require(MessageID.content(messages[0]))
        func isAskedFor(by peer: FakePeer) -> Bool {
            let have = GossipRPC.Advertisement(topic: topic, ids: [id])
            node.bring(.gossipReceived(GossipRPC(have: [have]), from: peer.id))
            return node.takeEffects().contains { effect in
                if case .sendGossip(let rpc, peer.id) = effect { rpc.want.contains(id) } else { false }
            }
        }
        for peer in peers.dropFirst() {
            #expect(!isAskedFor(by: peer))
            node.pass(.seconds(1))
        }
        node.pass(.seconds(5))
        #expect(isAskedFor(by: peers[1]))
        #expect(node.machine.router.occupancy.dismissedCount == 0)
    }

    /// That a record is known does not make its envelope anybody else's.
    @Test func knownRecordsInLargeEnvelopesCostScore() throws {
        var (node, peers) = try meshed()
        let record = try samples.record(session: 1, at: time)
        try node.gossip(record.bytes, from: &peers[0])
        let topic = node.machine.topic
        var padded = GossipMessage(topic: topic, data: record.bytes, source: nil, sequenceNumber: 1).encoded
        padded += [0x7a, 0xd8, 0x04] + [UInt8](repeating: 7, count: 600)
        node.bring(.gossipReceived(GossipRPC(messages: [try GossipMessage(encoded: padded)]), from: peers[1].id))
        #expect(node.machine.router.statistics.oversizeMessages == 1)
        #expect(node.machine.router.score(of: peers[1].id) < -90)
    }

    /// A buyer who has an attestation may bring it back before the node had anybody to publish it to.
    @Test func whatABuyerBringsBackIsPublishedAllTheSame() throws {
        var node = try SoloNode()
        var buyer = try FakePeer(1)
        let notary = try RecordSamples.key(0).ethereumAddress
        let header = try samples.header(notary: notary, session: 1, at: time)
        node.bring(.attestationRequested(SigningRequestID(number: 1), header, contextText: nil))
        guard case .attested(let attestation)? = node.takeEffects().answers.first?.answer else {
            Issue.record("nothing was attested")
            return
        }
        // It is no peer of the topic, so there is nobody to publish to.
        node.bring(.connected(buyer.id, PeerLink(address: nil, isOutbound: false)))
        node.bring(.identified(buyer.id, PeerIdentification(protocols: ["/meshsub/1.2.0"])))
        node.bring(.gossipOpened(buyer.id, .v1_2))
        try node.gossip(Notarization(attestation).bytes, from: &buyer)
        #expect(node.machine.statistics.published == 0)
        let peer = try FakePeer(2)
        _ = node.takeEffects()
        try node.connect(peer)
        #expect(node.machine.statistics.published == 1)
        #expect(node.takeEffects().messages(to: peer.id).count == 1)
    }

    /// What is held back until the own stream is open counts with what it takes in memory.
    @Test func heldGossipIsBoundedByWhatItTakes() throws {
        var node = try SoloNode()
        let peer = try FakePeer(1)
        node.bring(.connected(peer.id, PeerLink(address: nil, isOutbound: false)))
        node.bring(.identified(peer.id, PeerIdentification(protocols: ["/meshsub/1.2.0"])))
        let ids = (0..<4_000).compactMap { MessageID([UInt8($0 & 0xff), UInt8($0 >> 8)]) }
        node.bring(.gossipReceived(GossipRPC(want: ids), from: peer.id))
        #expect(node.machine.statistics.earlyRPCsDropped == 1)
        #expect(node.machine.heldGossip == HeldGossip())
        node.bring(.gossipReceived(GossipRPC(want: Array(ids.prefix(1_000))), from: peer.id))
        #expect(node.machine.heldGossip.countMax == 1)
        #expect((192_000...HeldGossip.limit.byteCountMax).contains(node.machine.heldGossip.byteCountMax))
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

/// A number that closures count up.
private final class Counter: Sendable {
    private let number = Mutex(0)

    var value: Int { number.withLock { $0 } }

    func increase() { number.withLock { $0 += 1 } }
}
