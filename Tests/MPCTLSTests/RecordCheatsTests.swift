import CryptoCore
import MPCTLS
import PartyChannel
import TLSProtocol
import Testing

/// The prover shows the notary other records than were on the wire, before the notary opens anything.
@Suite(.serialized) struct RecordCheatsTests {
    /// One way to bend what is shown, and how it is refused.
    struct Cheat: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let refusal: Refusal
        let words: String
        let bend: @Sendable (inout SessionRecord) throws -> Void

        init(
            _ description: String,
            _ refusal: Refusal,
            _ words: String,
            _ bend: @escaping @Sendable (inout SessionRecord) throws -> Void
        ) {
            testDescription = description
            self.refusal = refusal
            self.words = words
            self.bend = bend
        }
    }

    private static func edited(
        _ record: ProtectedRecord,
        type: TLSContentType? = nil,
        _ body: (inout (nonce: [UInt8], ciphertext: [UInt8], tag: [UInt8])) -> Void = { _ in }
    ) -> ProtectedRecord {
        var parts = (nonce: record.explicitNonce, ciphertext: record.ciphertext, tag: record.tag)
        body(&parts)
        return ProtectedRecord(
            type: type ?? record.type,
            explicitNonce: parts.nonce,
            ciphertext: parts.ciphertext,
            tag: parts.tag
        )
    }

    static let cheats = [
        Cheat("a changed byte", .rejectedProof, "the server's record 1") {
            $0.serverRecords[0] = edited($0.serverRecords[0]) { $0.ciphertext[9] ^= 1 }
        },
        Cheat("a changed tag", .rejectedProof, "the server's record 2") {
            $0.serverRecords[1] = edited($0.serverRecords[1]) { $0.tag[15] ^= 0x80 }
        },
        Cheat("a changed nonce", .rejectedProof, "the server's record 1") {
            $0.serverRecords[0] = edited($0.serverRecords[0]) { $0.nonce[0] ^= 1 }
        },
        Cheat("two records reordered", .rejectedProof, "the server's record 1") { $0.serverRecords.swapAt(0, 1) },
        Cheat("the first record dropped", .rejectedProof, "the server's record 1") { $0.serverRecords.removeFirst() },
        Cheat("the last data dropped, the alert kept", .rejectedProof, "the server's record 2") {
            $0.serverRecords.remove(at: 1)
        },
        Cheat("a truncated record", .rejectedProof, "the server's record 2") {
            $0.serverRecords[1] = edited($0.serverRecords[1]) { $0.ciphertext.removeLast() }
        },
        Cheat("a record without plaintext", .rejectedProof, "the server's record 1") {
            $0.serverRecords[0] = edited($0.serverRecords[0]) { $0.ciphertext = [] }
        },
        Cheat("a forged record before the close", .rejectedProof, "the server's record 3") {
            $0.serverRecords[2] = edited($0.serverRecords[1]) { $0.nonce[0] ^= 1 }
        },
        Cheat("a record replayed under its nonce", .violation, "used a nonce twice") {
            $0.serverRecords[2] = $0.serverRecords[1]
        },
        Cheat("the nonce of the server's Finished once more", .violation, "used a nonce twice") {
            let nonce = $0.serverFinished.explicitNonce
            $0.serverRecords[1] = edited($0.serverRecords[1]) { $0.nonce = nonce }
        },
        Cheat("data after the alert", .violation, "unexpected record") {
            $0.serverRecords.append(edited($0.serverRecords[0]) { $0.nonce[0] ^= 1 })
        },
        Cheat("an alert of another length", .violation, "unexpected record") {
            $0.serverRecords[2] = edited($0.serverRecords[2]) { $0.ciphertext.append(0) }
        },
        Cheat("data as an alert", .violation, "unexpected record") {
            $0.serverRecords[1] = edited($0.serverRecords[1], type: .alert)
        },
        Cheat("data as a handshake", .violation, "renegotiation") {
            $0.serverRecords[1] = edited($0.serverRecords[1], type: .handshake)
        },
        Cheat("an alert as data", .rejectedProof, "the server's record 3") {
            $0.serverRecords[2] = edited($0.serverRecords[2], type: .applicationData)
        },
        Cheat("a changed Finished of the server's", .rejectedProof, "the server's Finished is wrong") {
            $0.serverFinished = edited($0.serverFinished) { $0.ciphertext[6] ^= 1 }
        },
        Cheat("a changed tag of the server's Finished", .rejectedProof, "the server's record 0") {
            $0.serverFinished = edited($0.serverFinished) { $0.tag[0] ^= 1 }
        },
        Cheat("a server's Finished of another length", .violation, "Finished is not one encrypted handshake message") {
            $0.serverFinished = edited($0.serverFinished) { $0.ciphertext.append(0) }
        },
        Cheat("a server's Finished of another type", .violation, "Finished is not one encrypted handshake message") {
            $0.serverFinished = edited($0.serverFinished, type: .applicationData)
        },
        Cheat("a changed tag of the client's Finished", .rejectedProof, "the client's record 0") {
            $0.clientFinished = edited($0.clientFinished) { $0.tag[7] ^= 1 }
        },
        Cheat("a changed tag of the request", .rejectedProof, "the client's record 1") {
            $0.request = edited($0.request) { $0.tag[7] ^= 1 }
        },
        Cheat("another hash of the handshake", .violation, "the hash of the handshake is wrong") {
            $0.serverFinishedHash[0] ^= 1
        },
        Cheat("more data than was agreed", .violation, "longer than was agreed") {
            $0.serverRecords[0] = edited($0.serverRecords[0]) { $0.ciphertext += [UInt8](repeating: 0, count: 4096) }
        },
        Cheat("more records than were agreed", .violation, "longer than was agreed") { record in
            let empty = edited(record.serverRecords[0]) { $0.ciphertext = [] }
            record.serverRecords += (0..<510).map { index in
                edited(empty) { $0.nonce = GCMFragment.explicitNonce(sequenceNumber: 1000 + UInt64(index)) }
            }
        },
    ]

    @Test(arguments: cheats) func isRefused(cheat: Cheat) async throws {
        let openings = Shared(0)
        var harness = SessionHarness().insisting { try cheat.bend(&$0.record) }
        harness.notaryChannel = { channel in
            TamperingChannel(channel) { frame in
                if frame.tag == SessionFrame.opening { openings.update { $0 += 1 } }
                return .pass
            }
        }
        let outcome = await harness.run(try ScriptedTLSServer())
        expectRefusal(outcome.notary, cheat.refusal, cheat.words)
        #expect(openings.value == (cheat.refusal == .violation ? 0 : 1))
    }

    @Test func otherHashOfACommittedHandshakeIsRefused() async throws {
        let harness = ProverCheatsTests.committed().insisting { $0.record.serverFinishedHash[0] ^= 1 }
        let outcome = await harness.run(try ScriptedTLSServer())
        expectRefusal(outcome.notary, .rejectedProof, "the server's Finished is wrong")
    }

    /// What a prover may drop is the end, and then the facts say that the response may be incomplete.
    @Test(arguments: [1, 2]) func droppedEndIsIncomplete(count: Int) async throws {
        let harness = SessionHarness().insisting { $0.record.serverRecords.removeLast(count) }
        let (_, facts) = try await harness.run(try ScriptedTLSServer()).both()
        #expect(!facts.endedWithCloseNotify)
        #expect(facts.receivedByteCount == (count == 1 ? 42 : 38))
    }

    /// After the opening the prover has every key and can forge any record, but all of them are fixed.
    @Test func openingComesAfterTheRecordsAndOnlyOnce() async throws {
        let order = Shared<[FrameTag]>([])
        var harness = SessionHarness()
        harness.notaryChannel = { channel in
            TamperingChannel(channel) { frame in
                order.update { $0.append(frame.tag) }
                return .pass
            }
        }
        let outcome = await harness.run(try ScriptedTLSServer())
        #expect(throws: Never.self) { try outcome.both() }
        let tags = order.value
        let close = try #require(tags.firstIndex(of: SessionFrame.close))
        let opening = try #require(tags.firstIndex(of: SessionFrame.opening))
        #expect(opening == close + 1)
        #expect(tags.filter { $0 == SessionFrame.opening }.count == 1)
        // Both tag shares, every label and every mask came before.
        let last = tags.lastIndex { [SessionFrame.labels, .init(rawValue: 304), SessionFrame.requestTag].contains($0) }
        #expect(try #require(last) < close)
    }
}
