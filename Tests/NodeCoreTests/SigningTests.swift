import Attestations
import CryptoCore
import Gossip
import KeyValueStorage
import NodeCore
import RecordSamples
import Records
import Testing

@Suite struct SigningTests {
    let samples = RecordSamples()
    let time = SoloNode.start.unixMilliseconds

    func header(_ node: SoloNode, session: Int, variant: Int = 0) throws -> AttestationHeader {
        try samples.header(notary: node.machine.account, session: session, at: time, variant: variant)
    }

    func attest(_ node: inout SoloNode, _ number: UInt64, session: Int, variant: Int = 0) throws {
        let header = try header(node, session: session, variant: variant)
        node.bring(.attestationRequested(SigningRequestID(number: number), header, contextText: nil))
    }

    @Test func anAttestationLeavesWhenItIsSafe() throws {
        var node = try SoloNode()
        var peer = try FakePeer(1)
        try node.connect(peer)
        _ = node.takeEffects()
        node.commitsAtOnce = false
        try attest(&node, 1, session: 1)
        let before = node.takeEffects()
        #expect(before.answers.isEmpty)
        #expect(before.messages(to: peer.id).isEmpty)
        #expect(node.held.count == 1)
        #expect(node.held.first?.sync == true)

        try node.commitHeld()
        let after = node.takeEffects()
        guard case .attested(let attestation) = after.answers.first?.answer else {
            Issue.record("no attestation")
            return
        }
        #expect(after.answers.map(\.request) == [1])
        #expect(try header(node, session: 1) == attestation.header)
        let messages = after.messages(to: peer.id)
        #expect(messages.map { Array($0.data) } == [Notarization(attestation).bytes])
        #expect(try node.storedIDs() == [attestation.id])
        #expect(node.machine.status(now: node.now).outboxCount == 0)
        #expect(node.check().isSound)
        #expect(try node.digestsAreTrue())
        // What comes back is nobody's fault.
        let message = try #require(messages.first)
        node.bring(.gossipReceived(.init(messages: [message]), from: peer.id))
        try node.gossip(Notarization(attestation).bytes, from: &peer)
        #expect(node.machine.router.score(of: peer.id) >= 0)
    }

    @Test func aTextGoesToTheBuyerOnly() throws {
        var node = try SoloNode()
        let peer = try FakePeer(1)
        try node.connect(peer)
        let text = "what for"
        let plain = try header(node, session: 1)
        let purpose = try AttestationPurpose(
            owner: plain.purpose.owner,
            contextHash: AttestationPurpose.contextHash(of: text),
            declaredValue: .zero,
            currency: "",
            nonce: plain.purpose.nonce,
            expiry: plain.purpose.expiry
        )
        let header = try AttestationHeader(
            network: plain.network,
            sessionID: plain.sessionID,
            mode: plain.mode,
            engineVersion: plain.engineVersion,
            tls: plain.tls,
            server: plain.server,
            startTime: plain.startTime,
            endTime: plain.endTime,
            transcript: plain.transcript,
            purpose: purpose,
            notary: plain.notary
        )
        node.bring(.attestationRequested(SigningRequestID(number: 1), header, contextText: text))
        let effects = node.takeEffects()
        guard case .attested(let attestation) = effects.answers.first?.answer else {
            Issue.record("no attestation")
            return
        }
        #expect(attestation.contextText == text)
        let published = effects.messages(to: peer.id).map { Array($0.data) }
        #expect(published == [Notarization(attestation).bytes])
        #expect(try Notarization(bytes: try #require(published.first)).attestation.contextText == nil)
        node.bring(.attestationRequested(SigningRequestID(number: 2), header, contextText: "another"))
        #expect(node.takeEffects().answers.map(\.answer) == [.refused(.unfitting("contextTextMismatch"))])
    }

    @Test(arguments: [false, true])
    func aSecondDifferentSignatureIsRefused(whileTheFirstWaits: Bool) throws {
        var node = try SoloNode()
        node.commitsAtOnce = !whileTheFirstWaits
        try attest(&node, 1, session: 1)
        _ = node.takeEffects()
        try attest(&node, 2, session: 1, variant: 1)
        let digest = try header(node, session: 1).id.value
        #expect(node.takeEffects().answers.map(\.answer) == [.refused(.conflict(digest))])
        try node.commitHeld()
        #expect(try node.storedIDs().count == 1)
        #expect(node.machine.statistics.signaturesRefused == 1)
    }

    @Test(arguments: [false, true])
    func theSameSignatureIsGivenAgain(whileTheFirstWaits: Bool) throws {
        var node = try SoloNode()
        node.commitsAtOnce = !whileTheFirstWaits
        try attest(&node, 1, session: 1)
        try attest(&node, 2, session: 1)
        try node.commitHeld()
        let answers = node.takeEffects().answers
        #expect(answers.map(\.request) == [1, 2])
        #expect(answers.first?.answer == answers.last?.answer)
        #expect(try node.storedIDs().count == 1)
        #expect(node.machine.status(now: node.now).recordCount == 1)
        #expect(try node.digestsAreTrue())
    }

    @Test func aRestartedNodeRemembersWhatItSigned() throws {
        let disk = MemoryDisk()
        var random = BlockPRG(seed: Block(1, 2))
        var node = try SoloNode(disk: disk)
        try attest(&node, 1, session: 1)
        let intent = SigningIntent(
            kind: .sessionTranscript,
            subject: RecordSamples.bytes32("session 7"),
            digest: RecordSamples.bytes32("first")
        )
        node.bring(.signatureRequested(SigningRequestID(number: 2), intent))
        #expect(node.takeEffects().answers.last?.answer == .permitted(intent))
        disk.losePower(random: &random)

        var restarted = try SoloNode(disk: disk, seed: 2)
        try attest(&restarted, 1, session: 1, variant: 1)
        let other = SigningIntent(
            kind: .sessionTranscript,
            subject: intent.subject,
            digest: RecordSamples.bytes32("second")
        )
        restarted.bring(.signatureRequested(SigningRequestID(number: 2), other))
        restarted.bring(.signatureRequested(SigningRequestID(number: 3), intent))
        #expect(
            restarted.takeEffects().answers.map(\.answer) == [
                .refused(.conflict(try header(node, session: 1).id.value)), .refused(.conflict(intent.digest)),
                .permitted(intent),
            ]
        )
    }

    /// A node that goes on from a backup learns from others what it signed meanwhile.
    @Test func whatOthersKnowIsNotSignedOtherwise() throws {
        let disk = MemoryDisk()
        var original = try SoloNode(disk: disk)
        try attest(&original, 1, session: 1)
        let digest = try header(original, session: 1).id.value
        var restored = try SoloNode(disk: MemoryDisk(), seed: 2)
        var peer = try FakePeer(1)
        try restored.connect(peer)
        try restored.gossip(try samples.record(notary: 0, session: 1, at: time).bytes, from: &peer)
        _ = restored.takeEffects()
        try attest(&restored, 1, session: 1, variant: 1)
        #expect(restored.takeEffects().answers.map(\.answer) == [.refused(.conflict(digest))])
        try attest(&restored, 2, session: 1)
        guard case .attested(let attestation) = restored.takeEffects().answers.first?.answer else {
            Issue.record("not attested")
            return
        }
        #expect(attestation.id.value == digest)
        #expect(try restored.digestsAreTrue())
    }

    @Test func kindsDoNotDisturbEachOther() throws {
        var node = try SoloNode()
        try attest(&node, 1, session: 1)
        let subject = try header(node, session: 1).sessionID
        let intent = SigningIntent(kind: .sessionTranscript, subject: subject, digest: RecordSamples.bytes32("other"))
        node.bring(.signatureRequested(SigningRequestID(number: 2), intent))
        #expect(node.takeEffects().answers.last?.answer == .permitted(intent))
    }

    @Test func whatIsNotThisNodesIsNotSigned() throws {
        var node = try SoloNode()
        let stranger = try RecordSamples.key(3).ethereumAddress
        let foreign = try samples.header(notary: stranger, session: 1, at: time)
        node.bring(.attestationRequested(SigningRequestID(number: 1), foreign, contextText: nil))
        var others = samples
        others.network = NetworkID(named: "another")
        let abroad = try others.header(notary: node.machine.account, session: 1, at: time)
        node.bring(.attestationRequested(SigningRequestID(number: 2), abroad, contextText: nil))
        let attestation = SigningIntent(attesting: try header(node, session: 1))
        node.bring(.signatureRequested(SigningRequestID(number: 3), attestation))
        #expect(
            node.takeEffects().answers.map(\.answer) == [
                .refused(.unfitting("notary")), .refused(.unfitting("network")), .refused(.unfitting("kind")),
            ]
        )
    }

    @Test func requestsThatWaitAreBounded() throws {
        var node = try SoloNode { $0.commits.waitingSignatureCountMax = 4 }
        node.commitsAtOnce = false
        for number in 0..<6 { try attest(&node, UInt64(number), session: number) }
        #expect(node.takeEffects().answers.map(\.answer) == [.refused(.busy), .refused(.busy)])
        try node.commitHeld()
        #expect(node.takeEffects().answers.map(\.request) == [0, 1, 2, 3])
        try attest(&node, 9, session: 9)
        try node.commitHeld()
        #expect(node.takeEffects().answers.map(\.request) == [9])
    }

    @Test func afterAFailedCommitNothingIsSigned() throws {
        var node = try SoloNode()
        node.commitsAtOnce = false
        try attest(&node, 1, session: 1)
        try attest(&node, 2, session: 2)
        node.failHeld()
        try attest(&node, 3, session: 3)
        let answers = node.takeEffects().answers
        #expect(answers.map(\.request).sorted() == [1, 2, 3])
        #expect(answers.allSatisfy { $0.answer == .refused(.storeUnavailable) })
        #expect(node.held.isEmpty)
    }

    @Test func aFullDiskIsAnAnswer() throws {
        let disk = MemoryDisk(capacity: 2_000)
        var node = try SoloNode(disk: disk)
        for number in 0..<4 { try attest(&node, UInt64(number), session: number) }
        let answers = node.takeEffects().answers
        #expect(answers.count == 4)
        #expect(answers.last?.answer == .refused(.storeUnavailable))
        #expect(node.machine.storeFailure != nil)
    }

    @Test func whatNobodyHeardOfIsPublishedWhenSomebodyComes() throws {
        let disk = MemoryDisk()
        var node = try SoloNode(disk: disk)
        try attest(&node, 1, session: 1)
        #expect(node.machine.status(now: node.now).outboxCount == 1)
        // The process dies before anybody connects.
        disk.killProcess()
        var restarted = try SoloNode(disk: disk, seed: 2, now: SoloNode.start.advanced(by: .seconds(30)))
        let peer = try FakePeer(1)
        try restarted.connect(peer)
        let messages = restarted.takeEffects().messages(to: peer.id)
        #expect(try messages.map { try Notarization(bytes: Array($0.data)).id } == restarted.storedIDs())
        #expect(restarted.machine.status(now: restarted.now).outboxCount == 0)
        // And only once.
        disk.killProcess()
        var again = try SoloNode(disk: disk, seed: 3, now: SoloNode.start.advanced(by: .seconds(60)))
        try again.connect(peer)
        #expect(again.takeEffects().messages(to: peer.id).isEmpty)
    }

    @Test func whatIsNoNewsAnyMoreIsNotPublished() throws {
        let disk = MemoryDisk()
        var node = try SoloNode(disk: disk)
        try attest(&node, 1, session: 1)
        disk.killProcess()
        // Peers would reject it, and this node would lose score for it.
        var late = try SoloNode(disk: disk, seed: 2, now: SoloNode.start.advanced(by: .seconds(3_600)))
        let peer = try FakePeer(1)
        try late.connect(peer)
        #expect(late.takeEffects().messages(to: peer.id).isEmpty)
        #expect(late.machine.status(now: late.now).outboxCount == 0)
        #expect(try late.storedIDs().count == 1)
    }

    @Test func numbersOfMessagesGoOnThoughTheClockGoesBack() throws {
        let disk = MemoryDisk()
        var node = try SoloNode(disk: disk)
        let peer = try FakePeer(1)
        try node.connect(peer)
        try attest(&node, 1, session: 1)
        let first = try #require(node.takeEffects().messages(to: peer.id).first?.sequenceNumber)
        disk.killProcess()
        let earlier = NodeInstant(
            monotonic: SoloNode.start.monotonic,
            unixMilliseconds: SoloNode.start.unixMilliseconds - 100_000
        )
        var restarted = try SoloNode(disk: disk, seed: 2, now: earlier)
        try restarted.connect(peer)
        try attest(&restarted, 1, session: 2)
        let second = try #require(restarted.takeEffects().messages(to: peer.id).first?.sequenceNumber)
        #expect(second > first)
    }
}
