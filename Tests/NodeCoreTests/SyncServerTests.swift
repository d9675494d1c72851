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

/// What peers may ask, and what asking too much costs.
@Suite struct SyncServerTests {
    let samples = RecordSamples()
    let past = SoloNode.start.unixMilliseconds - 86_400_000

    func node(
        _ records: [Notarization],
        _ change: (inout NodeConfiguration) -> Void = { _ in }
    ) throws -> (SoloNode, FakePeer) {
        let disk = MemoryDisk()
        try disk.fill(records)
        var node = try SoloNode(disk: disk, change)
        let peer = try FakePeer(1)
        try node.connect(peer)
        node.bring(.streamOpened(stream(0), peer.id, FramedProtocol.sync.name))
        _ = node.takeEffects()
        return (node, peer)
    }

    func stream(_ number: UInt64) -> StreamID { StreamID(opener: .peer, number: number) }

    /// The answer to a question; nil if there is none.
    func ask(_ node: inout SoloNode, _ request: SyncRequest, on number: UInt64 = 0) throws -> SyncResponse? {
        _ = node.takeEffects()
        node.bring(.frameReceived(stream(number), request.wireBytes))
        for case .sendFrame(let frame, on: let on) in node.takeEffects() where on == stream(number) {
            #expect(frame.count <= FramedProtocol.sync.frameByteCountMax)
            return try SyncResponse(wireBytes: frame, limit: FramedProtocol.sync.frameByteCountMax)
        }
        return nil
    }

    @Test func spansAreDescribed() throws {
        let records = try samples.series(10, from: past, every: 3_600_000)
        var (node, _) = try node(records)
        let first = DigestLevel.hour.index(of: past)
        let request = SyncRequest.digests(.hour, first: first, count: 24)
        guard case .digests(let spans, nil) = try ask(&node, request) else {
            Issue.record("no digests")
            return
        }
        #expect(spans.map(\.index) == (0..<10).map { first + $0 })
        #expect(spans.allSatisfy { $0.digest.count == 1 })
        #expect(spans.map(\.digest.sumBytes) == records.map { MultisetHash(of: $0.id.value.bytes).bytes })
        // Only those that were asked for.
        let part = try ask(&node, .digests(.hour, first: first + 3, count: 2))
        #expect(part == .digests(Array(spans[3..<5]), next: nil))
        #expect(try ask(&node, .digests(.hour, first: first + 10, count: 1_024)) == .digests([], next: nil))
    }

    @Test func pagesEndWithinTheirBounds() throws {
        let records = try samples.series(400, from: past, every: 10)
        var (node, _) = try node(records) {
            $0.sync.pageByteCountMax = 8_192
            $0.sync.pageRecordCountMax = 50
        }
        var position = SyncPosition(time: 0)
        var found: [AttestationID] = []
        var pages = 0
        while let answer = try ask(&node, .records(from: position, before: .max)) {
            guard case .records(let page, let next) = answer else {
                Issue.record("no records")
                return
            }
            pages += 1
            #expect(page.count <= 50)
            #expect(page.reduce(0) { $0 + $1.count + 4 } <= 8_192)
            found += try page.map { try Notarization(bytes: $0).id }
            guard let next else { break }
            #expect(next > position)
            position = next
        }
        #expect(found == records.map(\.id))
        #expect(pages > 30)

        position = SyncPosition(time: 0)
        found = []
        while let answer = try ask(&node, .identifiers(from: position, before: .max)) {
            guard case .identifiers(let page, let next) = answer else { break }
            #expect(page.count * 40 <= 8_192)
            found += page.map(\.id)
            guard let next else { break }
            position = next
        }
        #expect(found == records.map(\.id))
    }

    @Test func recordsOfOneMillisecondArePagedById() throws {
        let records = try (0..<30).map { try samples.record(session: $0, at: past) }
        var (node, _) = try node(records) { $0.sync.pageRecordCountMax = 7 }
        var position = SyncPosition(time: past)
        var found: [AttestationID] = []
        while case .records(let page, let next) = try ask(&node, .records(from: position, before: past + 1)) {
            found += try page.map { try Notarization(bytes: $0).id }
            guard let next else { break }
            position = next
        }
        #expect(Set(found) == Set(records.map(\.id)))
        #expect(found.count == 30)
    }

    @Test func rangesThatAreEmptyOrBackwardsHaveNothing() throws {
        var (node, _) = try node(try samples.series(5, from: past, every: 10))
        for (from, before) in [(past, past), (past + 100, past), (UInt64.max, UInt64.max), (past + 41, UInt64.max)] {
            #expect(
                try ask(&node, .records(from: SyncPosition(time: from), before: before)) == .records([], next: nil)
            )
        }
    }

    @Test func selectionsGiveWhatIsThere() throws {
        let records = try samples.series(3, from: past, every: 10)
        var (node, _) = try node(records)
        let unknown = AttestationID(RecordSamples.bytes32("unknown"))
        let answer = try ask(&node, .selection([records[2].id, unknown, records[0].id]))
        #expect(answer == .records([records[2].bytes, records[0].bytes], next: nil))
    }

    @Test func tooManyQuestionsCloseTheStreamAndCostScore() throws {
        var (node, peer) = try node([]) {
            $0.sync.requestBurst = 10
            $0.sync.requestsPerSecond = 2
            $0.sync.refusalBurst = 3
        }
        let empty = SyncResponse.digests([], next: nil)
        for _ in 0..<10 { #expect(try ask(&node, .digests(.day, first: 0, count: 1)) == empty) }
        // It is told to come back; only who does not heed that is at fault.
        let busy = SyncResponse.refused(.busy, retryMilliseconds: 3_001)
        for _ in 0..<3 { #expect(try ask(&node, .digests(.day, first: 0, count: 1)) == busy) }
        #expect(node.machine.router.score(of: peer.id) == 0)
        _ = node.takeEffects()
        node.bring(.frameReceived(stream(0), SyncRequest.digests(.day, first: 0, count: 1).wireBytes))
        let effects = node.takeEffects()
        #expect(effects.misconduct == [.excess])
        #expect(effects.contains { if case .closeStream(stream(0), .reset) = $0 { true } else { false } })
        #expect(node.machine.router.score(of: peer.id) < 0)
        // The stream is gone; a new one has the same budget.
        #expect(try ask(&node, .digests(.day, first: 0, count: 1)) == nil)
        node.bring(.streamOpened(stream(1), peer.id, FramedProtocol.sync.name))
        node.now = node.now.advanced(by: .seconds(1))
        #expect(try ask(&node, .digests(.day, first: 0, count: 1), on: 1) == empty)
        #expect(try ask(&node, .digests(.day, first: 0, count: 1), on: 1) == empty)
        #expect(try ask(&node, .digests(.day, first: 0, count: 1), on: 1) == busy)
        #expect(try ask(&node, .digests(.day, first: 0, count: 1), on: 1) == nil)
    }

    /// Nobody gets a new allowance by leaving and coming again, until it would have one anyhow.
    @Test func comingAgainGainsNothing() throws {
        let records = try samples.series(200, from: past, every: 10)
        var (node, peer) = try node(records) {
            $0.sync.byteBurst = 200_000
            $0.sync.bytesPerSecond = 1_000
        }
        let request = SyncRequest.records(from: SyncPosition(time: 0), before: .max)
        var number: UInt64 = 0
        var given = 0
        for _ in 0..<20 {
            if case .records(let page, _) = try ask(&node, request, on: number) {
                given += page.reduce(0) { $0 + $1.count }
            }
            node.bring(.disconnected(peer.id))
            try node.connect(peer)
            number += 1
            node.bring(.streamOpened(stream(number), peer.id, FramedProtocol.sync.name))
        }
        #expect((100_000...200_000).contains(given))
        #expect(node.machine.router.score(of: peer.id) == 0)
        node.bring(.disconnected(peer.id))
        node.pass(.seconds(302))
        try node.connect(peer)
        node.bring(.streamOpened(stream(99), peer.id, FramedProtocol.sync.name))
        guard case .records = try ask(&node, request, on: 99) else {
            Issue.record("still refused")
            return
        }
    }

    /// A dozen peers that ask without end take no more than the budget, and leave others their part of it.
    @Test func allPeersTogetherAreLimitedAndEachGetsItsPart() throws {
        let records = try samples.series(200, from: past, every: 10)
        var (node, honest) = try node(records) {
            $0.sync.servedByteBurst = 1_200_000
            $0.sync.servedBytesPerSecond = 650_000
        }
        let request = SyncRequest.records(from: SyncPosition(time: 0), before: .max)
        let sybils = try (10..<22).map(FakePeer.init)
        for (index, sybil) in sybils.enumerated() {
            try node.connect(sybil)
            node.bring(.streamOpened(stream(UInt64(10 + index)), sybil.id, FramedProtocol.sync.name))
        }
        var given: [UInt64: Int] = [:]
        var honestAsksAt = node.now
        for step in 0..<400 {
            node.now = node.now.advanced(by: .milliseconds(50))
            for number in (0..<12).map({ UInt64(10 + $0) }) {
                if case .records(let page, _) = try ask(&node, request, on: number) {
                    given[number, default: 0] += page.reduce(0) { $0 + $1.count }
                }
            }
            // It comes when the budget is long spent, and heeds what it is told.
            guard step >= 200, node.now.monotonic >= honestAsksAt.monotonic else { continue }
            switch try ask(&node, request) {
            case .records(let page, _): given[0, default: 0] += page.reduce(0) { $0 + $1.count }
            case .refused(.busy, let milliseconds):
                honestAsksAt = node.now.advanced(by: .milliseconds(Int64(max(milliseconds, 1_000))))
            default: Issue.record("no answer")
            }
        }
        let total = given.values.reduce(0, +)
        #expect(total <= 1_200_000 + 20 * 650_000)
        #expect(total >= 8_000_000)
        // Ten seconds' part of thirteen is 500,000 bytes.
        #expect(given[0, default: 0] >= 250_000)
        #expect(node.machine.router.score(of: honest.id) == 0)
    }

    @Test func aPeersBytesAreLimited() throws {
        let records = try samples.series(200, from: past, every: 10)
        var (node, peer) = try node(records) {
            $0.sync.byteBurst = 200_000
            $0.sync.bytesPerSecond = 50_000
        }
        var given = 0
        var refusal: SyncResponse?
        for _ in 0..<50 {
            let answer = try #require(try ask(&node, .records(from: SyncPosition(time: 0), before: .max)))
            if case .refused = answer {
                refusal = answer
                break
            }
            given += answer.wireBytes.count
        }
        #expect((100_000...200_000).contains(given))
        guard case .refused(.busy, let milliseconds) = refusal else {
            Issue.record("never refused")
            return
        }
        #expect(node.machine.router.score(of: peer.id) == 0)
        node.now = node.now.advanced(by: .milliseconds(Int64(milliseconds)))
        guard case .records(let page, _) = try ask(&node, .records(from: SyncPosition(time: 0), before: .max)) else {
            Issue.record("still refused")
            return
        }
        #expect(!page.isEmpty)
    }

    @Test func streamsOfAPeerAreLimited() throws {
        var (node, peer) = try node([])
        node.bring(.streamOpened(stream(1), peer.id, FramedProtocol.sync.name))
        #expect(node.takeEffects().isEmpty)
        node.bring(.streamOpened(stream(2), peer.id, FramedProtocol.sync.name))
        #expect(node.takeEffects().contains { if case .closeStream(stream(2), .reset) = $0 { true } else { false } })
        node.bring(.streamClosed(stream(0), .finished))
        node.bring(.streamOpened(stream(3), peer.id, FramedProtocol.sync.name))
        #expect(node.takeEffects().isEmpty)
        #expect(node.machine.status(now: node.now).servedStreamCount == 2)
        node.bring(.disconnected(peer.id))
        #expect(node.machine.status(now: node.now).servedStreamCount == 0)
    }

    @Test func idleStreamsAreClosed() throws {
        var (node, peer) = try node([])
        node.pass(.seconds(20))
        #expect(try ask(&node, .digests(.day, first: 0, count: 1)) != nil)
        node.pass(.seconds(20))
        #expect(try ask(&node, .digests(.day, first: 0, count: 1)) != nil)
        node.pass(.seconds(32))
        #expect(node.takeEffects().contains { if case .closeStream(stream(0), .finished) = $0 { true } else { false } })
        #expect(try ask(&node, .digests(.day, first: 0, count: 1)) == nil)
        #expect(node.machine.router.score(of: peer.id) >= 0)
    }

    @Test func nonsenseIsNotAnswered() throws {
        for bytes in [
            [], [7], [1, 1], [1, 2, 0] + [UInt8](repeating: 0, count: 12), [UInt8](repeating: 4, count: 5_000),
        ] {
            var (node, peer) = try node([])
            node.bring(.frameReceived(stream(0), bytes))
            let effects = node.takeEffects()
            #expect(effects.misconduct == [.malformedFrame])
            #expect(!effects.contains { if case .sendFrame = $0 { true } else { false } })
            #expect(node.machine.router.score(of: peer.id) < node.configuration.gossip.thresholds.publish)
            // Twice is too often.
            node.bring(.streamOpened(stream(1), peer.id, FramedProtocol.sync.name))
            node.bring(.frameReceived(stream(1), bytes))
            #expect(node.takeEffects().departures.map(\.peer) == [peer.id])
        }
    }

    @Test func brokenFramingIsAFault() throws {
        var (node, peer) = try node([])
        node.bring(.streamClosed(stream(0), .malformed))
        #expect(node.takeEffects().misconduct == [.malformedFrame])
        node.bring(.streamClosed(stream(0), .malformed))
        #expect(node.takeEffects().misconduct.isEmpty)
        #expect(node.machine.router.score(of: peer.id) < 0)
    }

    @Test func otherProtocolsAndStrangersAreNotServed() throws {
        var (node, peer) = try node([])
        node.bring(.streamOpened(stream(5), peer.id, "/another/1"))
        #expect(node.takeEffects().contains { if case .closeStream(stream(5), .reset) = $0 { true } else { false } })
        let stranger = try FakePeer(2)
        node.bring(.streamOpened(stream(6), stranger.id, FramedProtocol.sync.name))
        #expect(node.takeEffects().contains { if case .closeStream(stream(6), .reset) = $0 { true } else { false } })
        node.bring(.frameReceived(stream(6), SyncRequest.digests(.day, first: 0, count: 1).wireBytes))
        #expect(node.takeEffects().isEmpty)
    }
}
