import Attestations
import CryptoCore
import Gossip
import KeyValueStorage
import NodeCore
import RecordSamples
import Records
import Testing

/// What a crash at any moment between a decision and its last effect leaves.
@Suite struct CrashTests {
    let samples = RecordSamples()

    /// What the world outside learned from a node before it died.
    private struct Learned {
        /// The digests that left as signatures, by what they are for.
        var signed: [SignatureKey: Set<Bytes32>] = [:]
        /// Attestations that were given to buyers, published, or passed on.
        var seen: Set<AttestationID> = []

        mutating func note(_ effects: [NodeEffect], _ peers: [FakePeer]) throws {
            for (_, answer) in effects.answers {
                switch answer {
                case .attested(let attestation):
                    seen.insert(attestation.id)
                    let intent = SigningIntent(attesting: attestation.header)
                    signed[SignatureKey(intent), default: []].insert(intent.digest)
                case .permitted(let intent): signed[SignatureKey(intent), default: []].insert(intent.digest)
                case .refused: break
                }
            }
            for peer in peers {
                for message in effects.messages(to: peer.id) {
                    seen.insert(try Notarization(bytes: Array(message.data)).id)
                }
            }
        }
    }

    /// Runs of a node that dies again and again, each time in the middle of its work.
    ///
    /// Sessions are few and their variants many, so that it is often asked to sign another thing for the same session.
    @Test(arguments: 0..<40)
    func nothingThatLeftIsMissingAndNothingIsSignedTwice(seed: UInt64) throws {
        let losesPower = seed % 2 == 1
        var random = BlockPRG(seed: Block(seed, 77))
        let disk = MemoryDisk()
        var learned = Learned()
        var now = SoloNode.start
        for life in 0..<12 {
            var node = try SoloNode(disk: disk, seed: seed * 100 + UInt64(life), now: now)
            var peers = try (0..<3).map(FakePeer.init)
            for peer in peers { try node.connect(peer) }
            node.graft(peers)
            node.commitsAtOnce = false
            for step in 0..<Int.random(in: 1...30, using: &random) {
                switch Int.random(in: 0..<8, using: &random) {
                case 0...2:
                    let header = try samples.header(
                        notary: node.machine.account,
                        session: Int.random(in: 0..<6, using: &random),
                        at: SoloNode.start.unixMilliseconds,
                        variant: Int.random(in: 0..<3, using: &random)
                    )
                    let request = SigningRequestID(number: UInt64(step))
                    node.bring(.attestationRequested(request, header, contextText: nil))
                case 3:
                    let intent = SigningIntent(
                        kind: .sessionTranscript,
                        subject: RecordSamples.bytes32("\(Int.random(in: 0..<4, using: &random))"),
                        digest: RecordSamples.bytes32("digest \(Int.random(in: 0..<3, using: &random))")
                    )
                    node.bring(.signatureRequested(SigningRequestID(number: UInt64(step)), intent))
                case 4, 5:
                    let record = try samples.record(
                        notary: 1,
                        session: Int.random(in: 0..<100, using: &random),
                        at: SoloNode.start.unixMilliseconds
                    )
                    try node.gossip(record.bytes, from: &peers[step % 3])
                case 6: node.pass(.milliseconds(300))
                default: try node.commitHeld()
                }
                try learned.note(node.takeEffects(), peers)
            }
            // It dies before, between or after the write and its report.
            if Bool.random(using: &random) { try node.writeHeld() }
            now = node.now.advanced(by: .seconds(1))
            if losesPower { disk.losePower(random: &random) } else { disk.killProcess() }
        }
        var node = try SoloNode(disk: disk, seed: 9, now: now)
        let stored = Set(try node.storedIDs())
        #expect(learned.seen.subtracting(stored).isEmpty)
        #expect(!learned.seen.isEmpty)
        for digests in learned.signed.values { #expect(digests.count == 1) }
        #expect(learned.signed.count > 3)
        #expect(node.check().isSound)
        #expect(try node.digestsAreTrue())
        // What was signed is remembered: another digest is refused for each.
        for (key, digests) in learned.signed where key.kind == .sessionTranscript {
            let other = SigningIntent(kind: key.kind, subject: key.subject, digest: RecordSamples.bytes32("other"))
            node.bring(.signatureRequested(SigningRequestID(number: 1), other))
            #expect(node.takeEffects().answers.first?.answer == .refused(.conflict(try #require(digests.first))))
        }
    }

    /// The test above finds a node whose driver does not wait for the disk.
    @Test func aDriverThatDoesNotSyncIsFoundOut() throws {
        var random = BlockPRG(seed: Block(5, 5))
        var lost = 0
        for life in 0..<20 {
            let disk = MemoryDisk()
            var node = try SoloNode(disk: disk, seed: UInt64(life))
            node.commitsAtOnce = false
            let header = try samples.header(
                notary: node.machine.account,
                session: life,
                at: SoloNode.start.unixMilliseconds
            )
            node.bring(.attestationRequested(SigningRequestID(number: 1), header, contextText: nil))
            for (batch, _, token) in node.held {
                try node.store.write(batch, sync: false)
                node.bring(.committed(through: token))
            }
            guard node.takeEffects().answers.count == 1 else { continue }
            disk.losePower(random: &random)
            if try SoloNode(disk: disk, seed: 1).storedIDs().isEmpty { lost += 1 }
        }
        #expect(lost > 0)
    }
}
