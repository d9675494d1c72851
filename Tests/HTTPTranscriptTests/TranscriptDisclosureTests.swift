import HTTPTranscript
import Testing

@Suite struct TranscriptDisclosureTests {
    private let transcript = Samples.annotated(Samples.fixedResponse)

    @Test func commitsToEveryPartByDefault() throws {
        let plan = try DisclosureRequest().plan(for: transcript)
        #expect(
            plan.segments.map(\.label) == [
                "response.status", "response.header:content-type", "response.header:content-length",
                "response.header:set-cookie", "response.header:set-cookie", "response.framing",
                "response.json-structure", "response.json:$.id", "response.json:$.amount", "response.json:$.payee.name",
                "response.json:$.payee.iban", "response.json:$.items[0].id", "response.json:$.items[1].id",
                "response.json:$.ok",
            ]
        )
        #expect(plan.segments.allSatisfy { $0.kind == .commit })
        expectTiles(plan, Samples.fixedResponse.count)
    }

    @Test func revealsExactlyWhatIsNamed() throws {
        let request = DisclosureRequest(reveal: try selectors("response.json:$.amount", "response.status"))
        let plan = try request.plan(for: transcript)
        #expect(Samples.text(Samples.fixedResponse, plan.spans(of: .reveal)) == "HTTP/1.1 200 OK\r\n\"amount\":12.30")
        #expect(
            plan.segments.filter { $0.kind == .reveal }.map(\.label) == ["response.status", "response.json:$.amount"]
        )
        #expect(plan.spans(of: .hidden).isEmpty)
        expectTiles(plan, Samples.fixedResponse.count)
    }

    @Test func redactionRevealsTheRest() throws {
        let request = DisclosureRequest(redact: try selectors("response.json-value:$.payee.iban"))
        let plan = try request.plan(for: transcript)
        #expect(Samples.text(Samples.fixedResponse, plan.spans(of: .commit)) == #""DE02""#)
        #expect(plan.segments.filter { $0.kind == .commit }.map(\.label) == ["response.json:$.payee.iban (part)"])
        #expect(plan.spans(of: .reveal).byteCount == Samples.fixedResponse.count - 6)
        // The other direction is not touched by selectors of this one.
        let sent = try request.plan(for: Samples.annotated(Samples.request, .sent))
        #expect(sent.spans(of: .reveal).isEmpty)
    }

    @Test func redactionWinsOverRevelation() throws {
        let request = DisclosureRequest(
            reveal: try selectors("response.body"),
            redact: try selectors("response.json:$.payee")
        )
        let plan = try request.plan(for: transcript)
        let text = Samples.text(Samples.fixedResponse, plan.spans(of: .reveal))
        #expect(!text.contains("DE02"))
        #expect(text.hasPrefix(#"{"id":"pay_1","amount":12.30,,"items""#))
    }

    @Test func opensTheKeyWhenEverythingIsRevealed() throws {
        #expect(try DisclosureRequest(reveal: selectors("received")).plan(for: transcript).isWhole)
        let parts = try selectors("response.head", "response.body")
        let plan = try DisclosureRequest(reveal: parts).plan(for: transcript)
        #expect(plan.isWhole)
        #expect(plan.segments.allSatisfy { $0.kind == .reveal })
        // The parts stay apart, so that each can be shown without the others later.
        #expect(plan.segments.map(\.label).contains("response.json:$.amount"))
        #expect(try !DisclosureRequest(reveal: selectors("response.body")).plan(for: transcript).isWhole)
        expectTiles(plan, Samples.fixedResponse.count)
    }

    @Test func selectedPolicyCommitsOnlyToWhatIsNamed() throws {
        let request = DisclosureRequest(
            reveal: try selectors("response.status"),
            commit: try selectors("response.json:$.payee", "response.json:$.amount"),
            policy: .selected
        )
        let plan = try request.plan(for: transcript)
        let committed = plan.segments.filter { $0.kind == .commit }
        #expect(committed.map(\.label) == ["response.json:$.amount", "response.json:$.payee"])
        #expect(committed.map { Samples.text(Samples.fixedResponse, $0.spans) }[1].contains("DE02"))
        #expect(!plan.spans(of: .hidden).isEmpty)
        expectTiles(plan, Samples.fixedResponse.count)
        let redacted = try DisclosureRequest(redact: selectors("response.json:$.payee"), policy: .selected)
        #expect(
            try redacted.plan(for: transcript).segments.filter { $0.kind == .commit }.map(\.label) == [
                "response.json:$.payee"
            ]
        )
    }

    @Test func automaticPolicyDependsOnSize() throws {
        let body = #"{"a":1,"b":""# + String(repeating: "x", count: DisclosureRequest.automaticLimit) + #""}"#
        let long = Samples.annotated(Samples.chunkedResponse(size: 4000, body: body))
        let plan = try DisclosureRequest(reveal: selectors("response.json:$.a")).plan(for: long)
        #expect(plan.spans(of: .commit).isEmpty)
        let all = try DisclosureRequest(reveal: selectors("response.json:$.a"), policy: .all).plan(for: long)
        #expect(all.spans(of: .hidden).isEmpty)
        expectTiles(all, long.bytes.count)
    }

    @Test func aMisspeltRedactionIsAnError() throws {
        let request = DisclosureRequest(redact: try selectors("response.json:$.payee.ibann"))
        #expect(throws: SelectorError.self) { try request.plan(for: transcript) }
    }

    @Test func manyLeavesStayTogether() throws {
        let rows = (0..<100).map { #"{"id":\#($0),"v":[\#($0),1]}"# }.joined(separator: ",")
        let bytes = Samples.chunkedResponse(size: 333, body: #"{"n":1,"rows":[\#(rows)]}"#)
        let large = Samples.annotated(bytes)
        for (limit, expected) in [(1, 1), (2, 2), (99, 2), (101, 101), (201, 201), (301, 301), (5000, 301)] {
            let atoms = large.atoms(leafLimit: limit)
            #expect(atoms.filter { $0.label.hasPrefix("response.json:") }.count == expected)
            #expect(SpanSet(atoms.flatMap(\.spans.ranges)) == SpanSet(bytes.indices))
            #expect(atoms.reduce(0) { $0 + $1.spans.byteCount } == bytes.count)
        }
    }

    @Test func piecesTileAndTakeCommasAlong() throws {
        let bytes = Samples.fixedResponse
        let plan = try DisclosureRequest(reveal: selectors("response.json:$.amount")).plan(for: transcript)
        let pieces = plan.pieces(of: transcript)
        let body = pieces.drop { !$0.label.contains("json") }
        #expect(
            body.map { String(decoding: bytes[$0.range], as: UTF8.self) } == [
                "{", #""id":"pay_1","#, #""amount":12.30"#, #","payee":{"#, #""name":"Bäckerei","#, #""iban":"DE02""#,
                #"},"items":[{"#, #""id":7"#, "},{", #""id":8"#, "}],", #""ok":true"#, "}",
            ]
        )
        #expect(pieces.first?.range.lowerBound == 0)
        #expect(pieces.last?.range.upperBound == bytes.count)
        #expect(zip(pieces, pieces.dropFirst()).allSatisfy { $0.range.upperBound == $1.range.lowerBound })
        // A member that was committed together with its comma can still be opened by its own selector.
        let wanted = try transcript.spans(of: TranscriptSelector("response.json:$.id"))
        let committed = pieces.filter { $0.kind == .commit }
        let indices = try CommitmentSelection.toReveal(
            wanted,
            committed: committed.map { SpanSet($0.range) },
            disclosed: plan.spans(of: .reveal),
            tolerated: transcript.separatorSpans
        )
        #expect(indices.map { committed[$0].label } == ["response.json:$.id"])
    }

    @Test func manyPiecesAreJoined() throws {
        let bytes = Samples.chunkedResponse(size: 1)
        let tiny = Samples.annotated(bytes)
        let plan = try DisclosureRequest(reveal: selectors("response.json:$.amount"), policy: .all).plan(for: tiny)
        let all = plan.pieces(of: tiny)
        #expect(all.count > 200)
        let few = plan.pieces(of: tiny, limit: 100)
        #expect(few.filter { $0.kind == .reveal }.count == 14)
        #expect(few.filter { $0.kind == .commit }.count == 15)
        #expect(SpanSet(few.map(\.range)) == SpanSet(bytes.indices))
        #expect(plan.coarsenings(of: tiny).isEmpty)
        let proved = all.count { $0.kind != .hidden }
        #expect(
            plan.coarsenings(of: tiny, limit: 100)
                == [.joinedPieces(.received, pieceCount: proved, joinedCount: 29)]
        )
    }

    /// Whoever commits to everything is told if that is coarser than leaf by leaf.
    @Test func groupedLeavesAreTold() throws {
        func plan(_ request: DisclosureRequest) throws -> [PlanCoarsening] {
            try request.plan(for: transcript).coarsenings(of: transcript)
        }
        #expect(try plan(DisclosureRequest(policy: .all)).isEmpty)
        #expect(
            try plan(DisclosureRequest(policy: .all, leafLimit: 3))
                == [.groupedLeaves(.received, leafCount: 7, partCount: 1)]
        )
        // Nobody asked for parts, or nothing is committed to.
        #expect(try plan(DisclosureRequest(policy: .selected, leafLimit: 3)).isEmpty)
        #expect(try plan(DisclosureRequest(reveal: selectors("received"), policy: .all, leafLimit: 3)).isEmpty)
    }

    @Test func labelsSelectTheirSegment() throws {
        for bytes in [Samples.fixedResponse, Samples.chunkedResponse(size: 4)] {
            let transcript = Samples.annotated(bytes)
            for atom in transcript.atoms() {
                let spans = try transcript.spans(of: TranscriptSelector(atom.label))
                #expect(spans.isSuperset(of: atom.spans))
                #expect(spans == atom.spans || atom.label.contains("cookie"))
            }
        }
    }

    @Test func noiseCanStillBeDisclosed() throws {
        let noise = Samples.annotated(Samples.bytes("\0\u{1}noise"))
        let plan = try DisclosureRequest(reveal: selectors("response.bytes:2-3")).plan(for: noise)
        #expect(plan.segments.map(\.kind) == [.commit, .reveal])
        #expect(plan.segments.map(\.spans.ranges) == [[0..<2, 4..<7], [2..<4]])
        #expect(try DisclosureRequest().plan(for: Samples.annotated([])).segments.isEmpty)
    }

    /// Random selections on random messages: segments always tile, and reveal exactly the union of the selections.
    @Test func segmentsAlwaysTile() throws {
        var generator = SeededGenerator(seed: 7)
        for round in 0..<400 {
            let bytes = round % 2 == 0 ? Samples.fixedResponse : Samples.chunkedResponse(size: 1 + round % 23)
            let transcript = Samples.annotated(bytes)
            var pool = transcript.atoms().compactMap { try? TranscriptSelector($0.label) }
            pool += (0..<10).map { _ in
                let start = Int.random(in: 0..<bytes.count, using: &generator)
                let end = Int.random(in: start + 1...bytes.count, using: &generator)
                return TranscriptSelector(.received, .bytes(start..<end))
            }
            func pick() -> [TranscriptSelector] {
                (0..<Int.random(in: 0...4, using: &generator)).compactMap { _ in pool.randomElement(using: &generator) }
            }
            let request = DisclosureRequest(
                reveal: pick(),
                redact: pick(),
                commit: pick(),
                policy: [.all, .selected, .automatic].randomElement(using: &generator) ?? .all,
                leafLimit: Int.random(in: 0...9, using: &generator)
            )
            let plan = try request.plan(for: transcript)
            expectTiles(plan, bytes.count)
            var expected = SpanSet()
            for selector in request.reveal { expected = expected.union(try transcript.spans(of: selector)) }
            if request.reveal.isEmpty, !request.redact.isEmpty { expected = SpanSet(bytes.indices) }
            for selector in request.redact { expected = expected.subtracting(try transcript.spans(of: selector)) }
            #expect(plan.spans(of: .reveal) == expected)
        }
    }

    private func selectors(_ texts: String...) throws -> [TranscriptSelector] {
        try texts.map { try TranscriptSelector($0) }
    }

    private func expectTiles(_ plan: DirectionDisclosure, _ count: Int) {
        #expect(plan.byteCount == count)
        #expect(SpanSet(plan.segments.flatMap(\.spans.ranges)) == SpanSet(0..<count))
        #expect(plan.segments.reduce(0) { $0 + $1.spans.byteCount } == count)
        #expect(plan.segments.allSatisfy { !$0.spans.isEmpty })
        let starts = plan.segments.compactMap { $0.spans.ranges.first?.lowerBound }
        #expect(starts == starts.sorted())
    }
}

@Suite struct CommitmentSelectionTests {
    private let committed = [SpanSet([0..<4, 8..<10]), SpanSet(4..<8), SpanSet(12..<20)]

    @Test func opensWhatIsWanted() throws {
        let disclosed = SpanSet(10..<12)
        #expect(try CommitmentSelection.toReveal(SpanSet(4..<8), committed: committed, disclosed: disclosed) == [1])
        #expect(
            try CommitmentSelection.toReveal(SpanSet(0..<20), committed: committed, disclosed: disclosed) == [0, 1, 2]
        )
        #expect(try CommitmentSelection.toReveal(SpanSet(10..<11), committed: committed, disclosed: disclosed).isEmpty)
    }

    @Test func toleratedBytesDoNotMatter() throws {
        let comma = SpanSet(6..<8)
        func reveal(_ wanted: SpanSet) throws -> [Int] {
            try CommitmentSelection.toReveal(wanted, committed: committed, disclosed: SpanSet(), tolerated: comma)
        }
        #expect(try reveal(SpanSet(4..<6)) == [1])
        #expect(try reveal(SpanSet([0..<4, 6..<10])) == [0])
        #expect(throws: CommitmentSelection.SelectionError.notCommitted(SpanSet(6..<7))) { try reveal(SpanSet(6..<7)) }
        #expect(throws: CommitmentSelection.SelectionError.inseparable(index: 1, others: SpanSet(4..<5))) {
            try reveal(SpanSet(5..<6))
        }
    }

    @Test func refusesToShowMore() {
        #expect(throws: CommitmentSelection.SelectionError.inseparable(index: 0, others: SpanSet(8..<10))) {
            try CommitmentSelection.toReveal(SpanSet(0..<4), committed: committed, disclosed: SpanSet())
        }
        #expect(throws: CommitmentSelection.SelectionError.notCommitted(SpanSet(10..<12))) {
            try CommitmentSelection.toReveal(
                SpanSet(4..<12).subtracting(SpanSet(8..<10)),
                committed: committed,
                disclosed: SpanSet()
            )
        }
    }

    @Test func redactionKeepsTouchedCommitmentsShut() {
        #expect(CommitmentSelection.toRevealAllExcept(SpanSet(9..<10), committed: committed) == [1, 2])
        #expect(CommitmentSelection.toRevealAllExcept(SpanSet(), committed: committed) == [0, 1, 2])
    }
}
