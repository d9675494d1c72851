import BooleanCircuits
import CryptoCore
import MPCTLS
import PartyChannel
import TLSProtocol
import Testing

/// The prover cheats before the opening.
///
/// A lenient server stands for one that conspires with it: a right one would end
/// most of these sessions by itself.
@Suite(.serialized) struct ProverCheatsTests {
    static func lenientServer() throws -> ScriptedTLSServer {
        var script = ScriptedTLSServer.Script()
        script.checksClient = false
        return try ScriptedTLSServer(script)
    }

    static func committed() -> SessionHarness {
        var harness = SessionHarness()
        harness.revealsServerIdentity = false
        return harness
    }

    // MARK: - Garbled tables

    @Test func wrongTableIsRefusedBeforeItsOutputIsOpened() async throws {
        let offsets = GarbledTables.offsets(of: "inner premaster", gates: Array(0..<64))
        let harness = SessionHarness().cheatingProver(GarbledTables.adding(GarbledTables.colourError, at: offsets))
        let outcome = await harness.run(try Self.lenientServer())
        expectRefusal(outcome.notary, .violation, "a label that the prover did not announce")
        expectRefusal(outcome.prover, .channel)
    }

    /// Every opened value whose circuits can be bent without bending one before.
    @Test(arguments: ["inner premaster", "A1", "A2", "inner master", "expansion A1", "finished A1", "expansion A2"])
    func tableErrorWithRightColoursIsRefused(name: String) async throws {
        let offsets = GarbledTables.finalOffsets(of: [name])
        // In both halves of several gates, because an error shows for one colour of the gate's input only.
        let error: [UInt8] = (0..<32).map { $0 % 16 == 0 ? 0 : 0x55 }
        var harness = SessionHarness().cheatingProver(GarbledTables.adding(error, at: offsets))
        harness.seed = 1
        let outcome = await harness.run(try Self.lenientServer())
        expectRefusal(outcome.notary, .violation, "a label that the prover did not announce")
    }

    @Test(arguments: ["finished keystream", "request keystream", "more request keystream"])
    func keystreamTableErrorWithRightColoursIsRefused(name: String) async throws {
        let offsets = GarbledTables.finalOffsets(of: [name])
        let harness = SessionHarness().cheatingProver(GarbledTables.adding(GarbledTables.labelError, at: offsets))
        let server = try ScriptedTLSServer()
        let outcome = await harness.run(server)
        expectRefusal(outcome.notary, .violation, "labels of a keystream differ")
        // The notary opened neither nonce nor tag share, so that nothing of this record reached the server.
        #expect(server.request == nil)
        #expect(server.clientWasFinished == (name != "finished keystream"))
    }

    /// The control for the tests above: such errors leave every colour right, so where labels go nowhere they are
    /// harmless.
    @Test func tableErrorWithRightColoursInATagMaskChangesNothing() async throws {
        let offsets = GarbledTables.finalOffsets(of: ["finished mask", "request mask", "hash key"])
        let harness = SessionHarness().cheatingProver(GarbledTables.adding(GarbledTables.labelError, at: offsets))
        let outcome = await harness.run(try ScriptedTLSServer())
        #expect(throws: Never.self) { try outcome.both() }
    }

    @Test(arguments: ["finished mask", "request mask", "hash key"])
    func wrongColoursOfWhatStaysSharedAreRefusedInTheProof(name: String) async throws {
        let offsets = GarbledTables.finalOffsets(of: [name])
        let harness = SessionHarness().insisting()
            .cheatingProver(GarbledTables.adding(GarbledTables.colourError, at: offsets))
        let outcome = await harness.run(try Self.lenientServer())
        expectRefusal(outcome.notary, .rejectedProof)
    }

    @Test func tablesOfAnotherSizeAreRefused() async throws {
        for rule: TamperingChannel.Rule in [
            { $0.isSent(SessionFrame.tables) ? .replace(Array($0.payload.prefix(32))) : .pass },
            {
                $0.isSent(SessionFrame.openings)
                    ? .send([(SessionFrame.tables, [UInt8](repeating: 0, count: 32))]) : .pass
            },
            { $0.isSent(SessionFrame.tables) ? .replace([]) : .pass },
        ] {
            let outcome = await SessionHarness().cheatingProver(rule).run(try Self.lenientServer())
            #expect(throws: (any Error).self) { try outcome.notary.get() }
        }
    }

    // MARK: - Masks

    static let maskByteCount = OpenedValue.totalBitCount / 8

    @Test(arguments: OpenedValue.allCases)
    func wrongMaskOfAnOpenedValueIsRefusedInTheProof(value: OpenedValue) async throws {
        let harness = Self.committed().insisting().cheatingProver { frame in
            frame.isSent(SessionFrame.openings) ? .flip(byte: (value.offset + 9) / 8, bit: 3) : .pass
        }
        let outcome = await harness.run(try ScriptedTLSServer())
        expectRefusal(outcome.notary, .rejectedProof)
    }

    /// λ of the hash key, of both tag masks and of both keystreams.
    @Test(arguments: [0, 127, 128, 256, 383, 384, 512, 512 + 8 * 18 - 1])
    func wrongCommittedMaskIsRefusedInTheProof(bit: Int) async throws {
        let harness = SessionHarness().cheatingProver { frame in
            frame.isSent(SessionFrame.masks) ? .flip(byte: bit / 8, bit: bit % 8) : .pass
        }
        let outcome = await harness.run(try ScriptedTLSServer())
        expectRefusal(outcome.notary, .rejectedProof)
    }

    @Test(arguments: [0, 255]) func wrongInputCommitmentIsRefusedInTheProof(bit: Int) async throws {
        let harness = SessionHarness().cheatingProver { frame in
            frame.isSent(SessionFrame.shareCommitment) ? .flip(byte: bit / 8, bit: bit % 8) : .pass
        }
        let outcome = await harness.run(try ScriptedTLSServer())
        expectRefusal(outcome.notary, .rejectedProof)
    }

    // MARK: - Input labels

    @Test func labelThatIsNoneOfTheTwoIsRefused() async throws {
        let harness = SessionHarness().cheatingProver {
            $0.isSent(SessionFrame.labels, 1) ? .flip(byte: 77, bit: 5) : .pass
        }
        let outcome = await harness.run(try Self.lenientServer())
        expectRefusal(outcome.notary, .violation, "a label that the prover did not announce")
    }

    /// Labels for other implicit nonces than the key schedule's: the prover gets keystream and masks of its choice.
    @Test func labelsThatEncodeAnotherDigestAreRefusedInTheProof() async throws {
        let delta = Shared(Block.zero)
        var harness = SessionHarness().insisting().cheatingProver { frame in
            guard frame.isSent(SessionFrame.labels, KeyScheduleStep.nonces.rawValue) else { return .pass }
            return .replace(Self.adding(delta.value, toLabel: 5, of: frame.payload))
        }
        harness.didSetUp = { prover in delta.update { $0 = prover.delta.block } }
        let outcome = await harness.run(try Self.lenientServer())
        expectRefusal(outcome.notary, .rejectedProof)
    }

    /// A prover that knows every secret (its server tells it), has A(1) evaluated on another digest and goes on as if
    /// the right value had come out: the notary's own view must not fit its proof.
    @Test func otherDigestOfAnOpenedValueIsRefusedInTheProof() async throws {
        let server = try ScriptedTLSServer()
        let delta = Shared(Block.zero)
        let masks = Shared<[Bool]>([])
        let truth = Shared<[Bool]>([])
        var harness = Self.committed().insisting().cheatingProver { frame in
            if frame.isSent(SessionFrame.openings) {
                masks.update { $0 = BitOrder.bits(ofBytes: Array(frame.payload[..<Self.maskByteCount])) }
            } else if frame.isSent(SessionFrame.keyExchange) {
                truth.update { $0 = (try? Self.masterA1(frame.payload, server)) ?? [] }
            } else if frame.isSent(SessionFrame.labels, 1) {
                return .replace(Self.adding(delta.value, toLabel: 40, of: frame.payload))
            } else if frame.isReceived(SessionFrame.colours, 1) {
                let offset = OpenedValue.masterA1.offset
                let colours = zip(truth.value, masks.value[offset..<offset + 256]).map { $0 != $1 }
                #expect(BitOrder.bytes(ofBits: colours) != frame.payload)
                return .replace(BitOrder.bytes(ofBits: colours))
            }
            return .pass
        }
        harness.didSetUp = { prover in delta.update { $0 = prover.delta.block } }
        let outcome = await harness.run(server)
        #expect(server.clientWasFinished)
        expectRefusal(outcome.notary, .rejectedProof)
    }

    /// What A(1) of the master secret is, from a committed handshake's message and the server's secret.
    static func masterA1(_ message: [UInt8], _ server: ScriptedTLSServer) throws -> [Bool] {
        let premaster = try server.premaster(clientPoint: Array(message[1..<66]))
        let view = KeyScheduleView(
            clientRandom: Array(message[131..<163]),
            serverRandom: Array(message[163..<195]),
            sessionHash: Array(message[197..<229])
        )
        return try LocalKeySchedule(premaster: premaster, view: view).bits(.masterA1)
    }

    private static func adding(_ delta: Block, toLabel index: Int, of payload: [UInt8]) -> [UInt8] {
        var payload = payload
        for (offset, byte) in delta.littleEndianBytes.enumerated() { payload[16 * index + offset] ^= byte }
        return payload
    }

    // MARK: - Requests and tags

    @Test(arguments: [0, 33, 65535]) func requestLengthBeyondAgreementIsRefused(byteCount: Int) async throws {
        let wordByteCount = 16 * ScheduledWordLayout.variableBitCount
        let harness = SessionHarness().cheatingProver { frame in
            guard frame.isSent(SessionFrame.labels, KeyScheduleStep.nonces.rawValue) else { return .pass }
            var payload = frame.payload
            payload[wordByteCount] = UInt8(byteCount >> 8)
            payload[wordByteCount + 1] = UInt8(byteCount & 0xff)
            return .replace(payload)
        }
        let outcome = await harness.run(try Self.lenientServer())
        expectRefusal(outcome.notary, .violation, "a request of \(byteCount) bytes was not agreed on")
    }

    @Test(arguments: [SessionFrame.finishedRecord, SessionFrame.requestRecord])
    func secondTagShareForASequenceNumberIsRefused(tag: FrameTag) async throws {
        let answers = Shared(0)
        var harness = SessionHarness().cheatingProver { frame in
            guard frame.isSent(tag) else { return .pass }
            var other = frame.payload
            other[40] ^= 1
            return .send([(tag, frame.payload), (tag, other)])
        }
        harness.notaryChannel = { channel in
            TamperingChannel(channel) { frame in
                if frame.tag == SessionFrame.finishedTag || frame.tag == SessionFrame.requestTag {
                    answers.update { $0 += 1 }
                }
                return .pass
            }
        }
        let outcome = await harness.run(try ScriptedTLSServer())
        expectRefusal(outcome.notary, .channel)
        #expect(answers.value == (tag == SessionFrame.finishedRecord ? 1 : 2))
    }

    @Test(arguments: [SessionFrame.finishedRecord, SessionFrame.requestRecord])
    func wrongLabelDigestGetsNoTagShare(tag: FrameTag) async throws {
        let harness = SessionHarness().cheatingProver { $0.isSent(tag) ? .flip(byte: 31, bit: 7) : .pass }
        let outcome = await harness.run(try ScriptedTLSServer())
        expectRefusal(outcome.notary, .violation, "labels of a keystream differ")
        expectRefusal(outcome.prover, .channel)
    }

    @Test func otherCiphertextThanWasTaggedIsRefusedInTheProof() async throws {
        let harness = SessionHarness().insisting().cheatingProver { frame in
            frame.isSent(SessionFrame.requestRecord) ? .flip(byte: 32, bit: 0) : .pass
        }
        let outcome = await harness.run(try Self.lenientServer())
        expectRefusal(outcome.notary, .rejectedProof, "the client's record 1")
    }

    @Test func framesAfterTheOpeningAreRefused() async throws {
        for tag in [SessionFrame.close, SessionFrame.requestRecord] {
            let harness = SessionHarness().cheatingProver { frame in
                frame.isSent(SessionFrame.plan) ? .send([(tag, frame.payload), (frame.tag, frame.payload)]) : .pass
            }
            let outcome = await harness.run(try ScriptedTLSServer())
            expectRefusal(outcome.notary, .channel)
        }
    }
}
