import BooleanCircuits
import Correlations
import CryptoCore
import MPCTLS
import PartyChannel
import TLSProtocol
import Testing

/// What interpolation, `debugDescription`, `dump` and reflection show of the values that hold a session's secrets.
@Suite(.serialized) struct RedactionTests {
    /// Everything that somebody sees who prints a value in any way.
    private static func shown(_ value: Any) -> String {
        var text = "\(value)\n\(String(reflecting: value))\n"
        dump(value, to: &text)
        reflect(value, depth: 0, into: &text)
        return text
    }

    private static func reflect(_ value: Any, depth: Int, into text: inout String) {
        guard depth < 12 else { return }
        for child in Mirror(reflecting: value).children {
            text += "\(child.value)\n"
            reflect(child.value, depth: depth + 1, into: &text)
        }
    }

    /// Whether the bytes of `secret` occur: as numbers in order, as hexadecimal digits, or as the lanes of a block.
    private static func shows(_ text: String, _ secret: [UInt8]) -> Bool {
        let numbers = text.split { !$0.isNumber }.compactMap { UInt64($0) }
        let bytes = secret.map { UInt64($0) }
        let starts = 0...max(0, numbers.count - bytes.count)
        if numbers.count >= bytes.count, starts.contains(where: { numbers[$0..<$0 + bytes.count].elementsEqual(bytes) })
        {
            return true
        }
        let digits = secret.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        if text.lowercased().contains(digits) { return true }
        guard secret.count == 16 else { return false }
        let block = Block(littleEndian: secret)
        return numbers.contains(block[0]) || numbers.contains(block[1])
    }

    /// A value of a session as it shows itself, and what it must not show.
    private struct Exhibit: Sendable {
        let name: String
        let text: String
        let childCount: Int
        let secrets: [[UInt8]]

        init(_ value: Any, _ secrets: [[UInt8]]) {
            name = "\(type(of: value))"
            text = RedactionTests.shown(value)
            childCount = Mirror(reflecting: value).children.count
            self.secrets = secrets
        }

        func expectNothing(sourceLocation: SourceLocation = #_sourceLocation) {
            #expect(childCount == 0, "\(name) reflects its properties", sourceLocation: sourceLocation)
            #expect(text.contains("(redacted)"), "\(name) prints: \(text.prefix(80))", sourceLocation: sourceLocation)
            for (index, secret) in secrets.enumerated() where RedactionTests.shows(text, secret) {
                Issue.record("\(name) shows its secret \(index)", sourceLocation: sourceLocation)
            }
        }
    }

    private struct Leaky {
        let bytes: [UInt8]
        let block: Block
        let text: String
    }

    /// The control: the looks above find a secret wherever it lies open.
    @Test func openSecretsAreFound() {
        let secret = (0..<16).map { UInt8(7 * $0 + 3) }
        let block = Block(littleEndian: secret)
        let other = [UInt8](repeating: 0x5b, count: 16)
        let text = secret.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(Self.shows(Self.shown(Leaky(bytes: secret, block: .zero, text: "")), secret))
        #expect(Self.shows(Self.shown(Leaky(bytes: [], block: block, text: "")), secret))
        #expect(Self.shows(Self.shown(Leaky(bytes: [], block: .zero, text: text)), secret))
        #expect(Self.shows(Self.shown([1: (secret, "x")]), secret))
        #expect(!Self.shows(Self.shown(Leaky(bytes: secret, block: block, text: text)), other))
    }

    @Test func sessionShowsNothing() async throws {
        let exhibits = Shared<[Exhibit]>([])
        let server = try ScriptedTLSServer()
        var harness = SessionHarness()
        harness.plan = { _ in
            DisclosurePlan(
                sent: DirectionPlan(opensKey: false, segments: [PlannedSegment(range: 0..<9, treatment: .committed)]),
                received: DirectionPlan(
                    opensKey: true,
                    segments: [PlannedSegment(range: 0..<30, treatment: .disclosed)]
                )
            )
        }
        harness.didSetUp = { prover in
            let secrets = [prover.delta.block.littleEndianBytes]
            exhibits.update { $0.append(Exhibit(prover, secrets)) }
        }
        harness.drive = { prover, harness, connection in
            let exchange = try harness.exchange(prover, connection)
            guard let keys = server.keys else { throw MPCTLSError.serverFailure("no keys") }
            let opening = try prover.requestOpening(exchange)
            let share = try prover.notaryShare(seed: opening.seed, exchange)
            let seed = [opening.seed.bytes, opening.seed.disclosureSalt]
            let response = server.script.replies.dropLast().flatMap(\.plaintext)
            let opened = OpenedTranscript(
                sent: harness.request,
                received: response,
                endedWithCloseNotify: true,
                notaryShare: share,
                disclosureSalt: opening.seed.disclosureSalt
            )
            let local = try LocalKeySchedule(premaster: keys.premaster, view: exchange.record.view)
            let all = [
                keys.premaster, keys.master, keys.client.key.bytes, keys.client.salt + keys.server.salt,
                keys.server.key.bytes, harness.request, share.bytes, local.clientHashKey,
            ]
            let result = try harness.finish(prover, exchange, opened)
            let verifyData = exchange.record.view.digest(.verifyData)
            exhibits.update {
                $0 += [
                    Exhibit(exchange, all + [verifyData]), Exhibit(exchange.keys, all + [verifyData]),
                    Exhibit(exchange.record.view, [verifyData]), Exhibit(opening, all + seed),
                    Exhibit(opening.seed, seed), Exhibit(opened, all + seed + [response]), Exhibit(local, all),
                    Exhibit(local.client, all), Exhibit(keys.client, all + [keys.client.salt]),
                    Exhibit(result.facts, seed + [Array(response[..<30])]),
                    Exhibit(result.secrets, [harness.request, response, result.secrets.handshakeBlinder]),
                ]
                $0 += result.facts.segments.map { Exhibit($0, [Array(response[..<30])]) }
                $0 += result.facts.segments.map { Exhibit($0.content, [Array(response[..<30])]) }
            }
            return result
        }
        let outcome = await harness.run(server)
        #expect(throws: Never.self) { try outcome.both() }
        #expect(exhibits.value.count == 16)
        for exhibit in exhibits.value { exhibit.expectNothing() }
    }

    @Test func evidenceAgainstANotaryShowsNoSeed() async throws {
        let seed = Shared<[UInt8]>([])
        let harness = SessionHarness().cheatingNotary { frame in
            if frame.isSent(SessionFrame.opening) { seed.update { $0 = Array(frame.payload.prefix(32)) } }
            return frame.isSent(SessionFrame.requestTag) ? .flip(byte: 16) : .pass
        }
        let outcome = await harness.run(try ProverCheatsTests.lenientServer())
        guard case .failure(let error as MPCTLSError) = outcome.prover,
            case .notaryMisbehaved(_, let evidence) = error
        else {
            Issue.record("the notary's misbehaviour was not found")
            return
        }
        let kept = try #require(evidence)
        #expect(kept.seed == seed.value && seed.value.count == 32)
        Exhibit(kept, [seed.value]).expectNothing()
        #expect(!Self.shows(Self.shown(error), seed.value))
    }

    @Test func garblingAndSharingShowNothing() throws {
        var random = BlockPRG(seed: Block(21, 12))
        let delta = Delta(random: &random)
        let garbled = try GarbledHandshake(
            delta: delta,
            hashSeed: random.nextBlock(),
            maxSent: 16,
            random: &random
        ) { _ in }
        let labels = [garbled.proverShare[0], garbled.notaryShare[255], garbled.opened[0], garbled.hashKey[1]]
        Exhibit(garbled, labels.map(\.littleEndianBytes)).expectNothing()
        let backend = GarblingBackend(delta: delta, hashSeed: .zero) { _ in }
        Exhibit(backend, [delta.block.littleEndianBytes]).expectNothing()
        var keys = KeySchedule(backend: backend)
        let wires = try keys.premaster(proverShare: garbled.proverShare, notaryShare: garbled.notaryShare)
        Exhibit(keys, [wires[0].littleEndianBytes]).expectNothing()

        let seed = NotarySeed(bytes: random.bytes(32))
        let share = random.nextBlock()
        let factor = random.nextBlock()
        let tags = TagProver(hashKeyShare: share, correlations: [(factor: factor, share: share)])
        Exhibit(tags, [share.littleEndianBytes, factor.littleEndianBytes]).expectNothing()
        let notaryTags = TagNotary(hashKeyShare: share, seed: seed, shares: [factor])
        Exhibit(notaryTags, [share.littleEndianBytes, factor.littleEndianBytes, seed.bytes]).expectNothing()
        let point = try P256Point.generatorMultiple(P256Scalar.random(from: &random))
        Exhibit(point, [point.x, point.y]).expectNothing()
        let elements = (0..<3).map { _ in P256FieldElement.random(from: &random) }
        let products = elements.map { (factor: $0, share: $0) }
        let secrets = [point.x, point.y] + elements.map(\.bytes)
        Exhibit(try PremasterProver(point: point, correlations: products), secrets).expectNothing()
        Exhibit(try PremasterNotary(point: point, seed: seed, shares: elements), secrets).expectNothing()

        var values = ProvenValues()
        let key = random.bytes(16)
        (values.clientKey, values.serverKey, values.clientHashKey) = (key, key, key)
        (values.clientMasks, values.implicitNonces) = ([key], key)
        Exhibit(values, [key]).expectNothing()
    }

    @Test func correlationsShowNothing() async throws {
        let (first, second) = InMemoryChannel.pair()
        let delta = Delta(settingLowBitOf: Block(0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210))
        async let sender = onThread {
            let cot = try COTSender(
                channel: first,
                delta: delta,
                random: BlockPRG(seed: Block(1, 1)),
                sessionID: [1]
            )
            let keys = try cot.extend(128)
            let products = GF128OLESender(channel: first, correlations: cot)
            _ = try products.generate(inputs: [Block(5, 5)])
            let secrets = [delta.block.littleEndianBytes, keys[0].littleEndianBytes]
            return [Exhibit(cot, secrets), Exhibit(products, secrets)]
        }
        async let receiver = onThread {
            let cot = try COTReceiver(channel: second, random: BlockPRG(seed: Block(2, 2)), sessionID: [1])
            let macs = try cot.extend(128)
            let products = GF128OLEReceiver(channel: second, correlations: cot)
            let product = try products.generate(count: 1)[0]
            let secrets = [macs[0], product.factor, product.share].map(\.littleEndianBytes)
            return [Exhibit(cot, secrets), Exhibit(products, secrets)]
        }
        for exhibit in try await sender + receiver { exhibit.expectNothing() }
        let round = BulkRoundSetup(
            parameters: .standard,
            treeCount: 1,
            base: [Block](repeating: delta.block, count: BulkParameters.standard.baseCount(treeCount: 1))
        )
        Exhibit(round, [delta.block.littleEndianBytes]).expectNothing()
        let trees = BulkRound.Trees.complete(delta: delta, roots: [delta.block])
        Exhibit(trees, [delta.block.littleEndianBytes]).expectNothing()
    }
}
